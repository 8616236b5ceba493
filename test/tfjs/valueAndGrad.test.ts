import '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { dispose, type GradpipeError, type Params } from '../../src/index.js'
import { grad, valueAndGrad } from '../../src/tfjs/index.js'
import { backends, numbers, tensorsLeft, useBackend } from '../backends.js'

describe.each(backends)('on %s, valueAndGrad', (backend) => {
  beforeAll(() => useBackend(backend))

  type P = { w: tf.Tensor1D; b: tf.Scalar; nothing: null; n: tf.Tensor }
  const make = (): P => ({ w: tf.tensor1d([1, 2]), b: tf.scalar(3), nothing: null, n: tf.scalar(2, 'int32') })
  const loss = (p: P, x: tf.Tensor1D): tf.Tensor => tf.sum(tf.mul(tf.square(p.w), x)).add(tf.mul(p.b, 5))

  it('gives the loss and a gradient like the parameters, with null for what cannot be trained', () => {
    const [params, x] = [make(), tf.tensor1d([10, 100])]
    const left = tensorsLeft(() => {
      const { value, grads } = valueAndGrad(loss)(params, x)
      expect(numbers(value)).toEqual([10 + 400 + 15])
      expect(numbers(grads.w)).toEqual([20, 400])
      expect(numbers(grads.b)).toEqual([5])
      expect([grads.nothing, grads.n]).toEqual([null, null])
      dispose(value, grads)
    })
    expect(left).toBe(0)
    expect(tf.memory().numTensors).toBeGreaterThan(0)
    dispose(params, x)
  })

  it('gives zeros where the loss does not depend on a leaf', () => {
    const params = { used: tf.scalar(2), unused: tf.tensor1d([1, 2]) }
    const { value, grads } = valueAndGrad((p: typeof params) => tf.square(p.used))(params)
    expect(numbers(grads.unused)).toEqual([0, 0])
    dispose(params, value, grads)
  })

  it('takes one tensor in two places for two leaves', () => {
    const w = tf.scalar(3)
    const slopes = grad((p: { a: tf.Scalar; b: tf.Scalar }) => tf.mul(p.a, tf.square(p.b)))({ a: w, b: w })
    expect([numbers(slopes.a), numbers(slopes.b)]).toEqual([[9], [18]])
    dispose(w, slopes)
  })

  it('gives leaves with the same gradient tensors of their own', () => {
    const params = [tf.scalar(1), tf.scalar(2)]
    const slopes = grad(([a, b]: tf.Tensor[]) => tf.add(a ?? 0, b ?? 0))(params)
    expect(slopes[0]).not.toBe(slopes[1])
    slopes[0]?.dispose()
    expect(numbers(slopes[1])).toEqual([1])
    dispose(params, slopes)
  })

  it('returns auxiliary outputs, whatever the order of their keys', () => {
    const x = tf.scalar(3)
    const left = tensorsLeft(() => {
      const { value, grads, aux } = valueAndGrad(
        (p: tf.Scalar) => {
          const y = tf.square(p)
          return [tf.mul(y, 2), { z: y, a: tf.neg(p), note: 'seen', list: [y] }] as const
        },
        { hasAux: true },
      )(x)
      expect([numbers(value), numbers(grads)]).toEqual([[18], [12]])
      expect([numbers(aux.z), numbers(aux.a), aux.note, numbers(aux.list[0])]).toEqual([
        [9],
        [-3],
        'seen',
        [9],
      ])
      dispose(value, grads, aux)
    })
    expect(left).toBe(0)
    x.dispose()
  })

  it('works without anything to train', () => {
    const { value, grads } = valueAndGrad((_: Params) => tf.scalar(4))({})
    expect([numbers(value), grads]).toEqual([[4], {}])
    value.dispose()
  })

  it.each<[string, () => unknown, Partial<GradpipeError>]>([
    [
      'a leaf that is no tensor',
      () => grad((_: Params) => tf.scalar(1))({ w: 2 }),
      { _tag: 'DtypeMismatch', path: 'params.w' },
    ],
    [
      'a loss that is no scalar',
      () => grad((_: Params) => tf.ones([2]))({}),
      { _tag: 'ShapeMismatch', path: 'loss' },
    ],
    [
      'a loss that is no tensor',
      () => grad((_: Params) => 3 as never)({}),
      { _tag: 'ShapeMismatch', path: 'loss' },
    ],
    [
      'a pair that is none',
      () => valueAndGrad((_: Params) => tf.scalar(1) as never, { hasAux: true })({}),
      { _tag: 'InvalidArgument', path: 'loss' },
    ],
    [
      'an unknown option',
      () => valueAndGrad((_: Params) => tf.scalar(1), { hasaux: true } as never),
      { _tag: 'InvalidArgument', path: 'valueAndGrad.hasaux' },
    ],
  ])('refuses %s, and leaves nothing behind', (_, call, error) => {
    expect(tensorsLeft(() => expect(call).toThrow(expect.objectContaining(error)))).toBe(0)
  })

  it('leaves nothing behind when the loss throws', () => {
    const params = { w: tf.tensor1d([1, 2]) }
    const failing = (p: typeof params): tf.Tensor => {
      tf.exp(tf.square(p.w))
      throw new Error('no loss')
    }
    expect(tensorsLeft(() => expect(() => grad(failing)(params)).toThrow('no loss'))).toBe(0)
    params.w.dispose()
  })
})
