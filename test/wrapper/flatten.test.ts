import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { adam, clipByBlockRms, dispose, flatten, scale, trace } from '../../src/index.js'
import { backends, numbers, tensorsLeft, useBackend } from '../backends.js'
import { thrown } from '../thrown.js'

describe('flatten', () => {
  it('lays the leaves out in the order of their sorted paths, whatever the order of the keys', () => {
    const tx = flatten(trace(1))
    const [updates, state] = tx.update(
      { b: 3, a: Float64Array.of(1, 2) },
      tx.init({ a: Float64Array.of(0, 0), b: 0 }),
    )
    expect(updates).toEqual({ a: Float64Array.of(1, 2), b: 3 })
    expect(state).toEqual({ trace: Float64Array.of(1, 2, 3) })
  })

  it('takes the gradient of a leaf that has none for zero, and gives it no update', () => {
    const tx = flatten(trace(0.5))
    const params = { a: Float32Array.of(1), b: Float32Array.of(2, 3) }
    const [, state] = tx.update({ a: Float32Array.of(1), b: Float32Array.of(1, 1) }, tx.init(params), params)
    const [updates, next] = tx.update({ a: Float32Array.of(1), b: null }, state, params)
    expect(updates).toEqual({ a: Float32Array.of(1.5), b: null })
    expect(next).toEqual({ trace: Float32Array.of(1.5, 0.5, 0.5) })
  })

  it('has nothing to do for a tree without a leaf', () => {
    const tx = flatten(trace(0.5))
    expect(tx.update({ a: null }, tx.init({ a: null }))).toEqual([{ a: null }, { trace: null }])
  })

  it('says which gradient does not fit, and that leaves of several kinds make no vector', () => {
    const tx = flatten(scale(1))
    const params = { a: Float32Array.of(1), b: Float32Array.of(2) }
    const wrong = { ...params, b: Float32Array.of(1, 2) }
    expect(thrown(() => tx.update(wrong, {}, params))).toMatchObject({
      _tag: 'ShapeMismatch',
      path: 'grads.b',
    })
    expect(thrown(() => tx.update({ a: Float32Array.of(1) }, {}, params))).toMatchObject({
      _tag: 'TreeMismatch',
      path: 'grads.b',
    })
    expect(thrown(() => tx.init({ a: Float32Array.of(1), b: 2 }))).toMatchObject({
      _tag: 'DtypeMismatch',
      path: 'params',
    })
    expect(thrown(() => tx.update({ a: Float32Array.of(1), b: 2 }, {}))).toMatchObject({
      _tag: 'DtypeMismatch',
      path: 'grads',
    })
  })
})

describe.each(backends)('on the %s backend', (backend) => {
  it('tensors of all shapes are one vector, those that are no floats left aside, and nothing is left behind', async () => {
    await useBackend(backend)
    const left = tensorsLeft(() => {
      const params = {
        m: tf.tensor2d([
          [3, 4],
          [0, 0],
        ]),
        n: tf.tensor1d([7], 'int32'),
        s: tf.scalar(12),
        z: tf.tensor1d([]),
      }
      const grads = { m: params.m, n: null, s: params.s, z: params.z }
      const tx = flatten(clipByBlockRms(13 / Math.sqrt(5) / 2))
      const [updates, state] = tx.update(grads, tx.init(params), params)
      expect(numbers(updates.m).map((x) => Math.round(x * 1e5))).toEqual([150000, 200000, 0, 0])
      expect(updates.m.shape).toEqual([2, 2])
      expect(numbers(updates.s).map((x) => Math.round(x * 1e5))).toEqual([600000])
      expect(updates.z.shape).toEqual([0])
      expect(updates.n).toBe(null)
      dispose(params, updates, state)
    })
    expect(left).toBe(0)
  })

  it('what it has made is freed when the inner transformation throws', async () => {
    await useBackend(backend)
    const tx = flatten(adam(0.1))
    const [one, two] = [{ w: tf.tensor1d([1]) }, { w: tf.tensor1d([1, 2]) }]
    const state = tx.init(two)
    expect(tensorsLeft(() => expect(thrown(() => tx.update(one, state))._tag).toBe('ShapeMismatch'))).toBe(0)
    dispose(one, two, state)
  })
})
