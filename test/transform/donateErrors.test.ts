import * as tf from '@tensorflow/tfjs-core'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { ordinary } from '../../laws/catalogue/surrounding.js'
import {
  adam,
  adamw,
  centralize,
  chain,
  clipByGlobalNorm,
  dispose,
  type GradientTransformation,
  GradpipeError,
  lamb,
  type Params,
  step,
} from '../../src/index.js'
import { backends, numbers, tensorsIn, useBackend } from '../backends.js'

afterEach(() => {
  vi.restoreAllMocks()
})

/** What must not have changed: handles, numbers, places, counts. */
const remembered = (...trees: readonly unknown[]): (() => void) => {
  const all = tensorsIn(trees)
  const before = all.map((tensor) => [tensor.dataId, numbers(tensor)] as const)
  const { numTensors, numBytes } = tf.memory()
  return () => {
    expect(all.some(({ isDisposed }) => isDisposed)).toBe(false)
    for (const [i, tensor] of all.entries()) {
      expect(tensor.dataId).toBe(before[i]?.[0])
      expect(numbers(tensor)).toEqual(before[i]?.[1])
    }
    expect(tf.memory()).toMatchObject({ numTensors, numBytes })
  }
}

describe.each(backends)('on %s, an error in a donating step', (backend) => {
  beforeAll(() => useBackend(backend))

  const make = (tx: GradientTransformation) => {
    const params = { a: tf.ones([4]), b: { c: tf.ones([5]) }, z: tf.ones([6]) }
    return {
      params,
      state: tx.init(params),
      grads: { a: tf.ones([4]), b: { c: tf.ones([5]) }, z: tf.ones([6]) },
    }
  }

  it.each<readonly [string, string, (grads: { a: tf.Tensor; b: { c: tf.Tensor } }) => Params]>([
    ['a shape in the last leaf', 'ShapeMismatch', (grads) => ({ ...grads, z: tf.ones([7]) })],
    ['a shape of another rank', 'ShapeMismatch', (grads) => ({ ...grads, z: tf.ones([2, 3]) })],
    ['integers in the last leaf', 'DtypeMismatch', (grads) => ({ ...grads, z: tf.ones([6], 'int32') })],
    ['an array beside tensors', 'DtypeMismatch', (grads) => ({ ...grads, z: new Float32Array(6) })],
    ['a leaf too few', 'TreeMismatch', (grads) => ({ a: grads.a, b: grads.b })],
    [
      'a disposed gradient in the last leaf',
      'Disposed',
      (grads) => {
        const z = tf.ones([6])
        z.dispose()
        return { ...grads, z }
      },
    ],
  ])('for %s has changed nothing, and a step that is right goes on', (_, tag, wrong) => {
    const transformations: readonly GradientTransformation[] = [
      adamw(0.1),
      chain(clipByGlobalNorm(1), lamb(0.1)),
      chain(ordinary(centralize()), adam(0.1)),
    ]
    for (const tx of transformations) {
      const { params, state, grads } = make(tx)
      const mistaken = wrong(grads)
      const unchanged = remembered(params, state, grads)
      let error: unknown
      try {
        step(tx, { donate: true })<Params>(params, state, mistaken)
      } catch (caught) {
        error = caught
      }
      expect(error).toBeInstanceOf(GradpipeError)
      expect(error).toMatchObject({ _tag: tag })
      unchanged()
      dispose(step(tx, { donate: true })<Params>(params, state, grads), mistaken)
    }
  })

  it('for a slot of another shape has changed nothing', () => {
    const tx = adamw(0.1)
    const { params, state, grads } = make(tx)
    const bad = tx.init({ ...params, z: tf.ones([7]) })
    const unchanged = remembered(params, state, bad, grads)
    expect(() => step(tx, { donate: true })(params, bad, grads)).toThrow(GradpipeError)
    unchanged()
    dispose(params, state, bad, grads)
  })
})

describe('on wasm, a step that runs out of memory', () => {
  beforeAll(() => useBackend('wasm'))

  it.each([false, true])('has changed nothing (donate: %s), and the next one goes on in place', (donate) => {
    const tx = adamw(0.1)
    const held = tf.ones([4])
    // of b, only a view is given: it needs memory of its own, also where the rest is written over
    const params = { a: tf.ones([3]), b: tf.reshape(held, [4]), c: tf.ones([5]) }
    const state = tx.init(params)
    const grads = { a: tf.ones([3]), b: tf.ones([4]), c: tf.ones([5]) }
    const unchanged = remembered(params, state, grads, held)
    const backend = tf.backend() as tf.KernelBackend & { makeOutput(...given: readonly unknown[]): unknown }
    vi.spyOn(backend, 'makeOutput').mockImplementation(() => {
      throw new RangeError('no memory')
    })
    expect(() => step(tx, { donate })(params, state, grads)).toThrow('no memory')
    vi.restoreAllMocks()
    unchanged()
    const place = params.a.dataId
    const [next, after] = step(tx, { donate: true })(params, state, grads)
    expect(next.a.dataId).toBe(place)
    expect(numbers(held)).toEqual([1, 1, 1, 1])
    dispose(next, after, held)
  })
})
