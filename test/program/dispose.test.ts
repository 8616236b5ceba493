import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { adam, dispose, step } from '../../src/index.js'
import { tensorsLeft, useBackend } from '../backends.js'

beforeAll(() => useBackend('cpu'))

describe('dispose', () => {
  it('frees every tensor in trees of anything, and only them', () => {
    const kept = tf.scalar(1)
    const left = tensorsLeft(() => {
      const params = { w: tf.ones([3]), deep: [{ b: tf.scalar(2), none: null }], rate: 0.1, name: 'x' }
      dispose(params, [tf.scalar(3)], tf.scalar(4), undefined, null, 5, Float32Array.of(1), new Map())
    })
    expect(left).toBe(0)
    expect(kept.isDisposed).toBe(false)
    kept.dispose()
  })

  it('frees a state', () => {
    const params = { w: tf.ones([3]) }
    expect(tensorsLeft(() => dispose(adam(0.1).init(params)))).toBe(0)
    dispose(params)
  })

  it('may be called twice', () => {
    const x = tf.scalar(1)
    dispose(x)
    expect(() => dispose(x)).not.toThrow()
  })

  it('leaves a clone alone', () => {
    const x = tf.scalar(7)
    const y = x.clone()
    dispose(x)
    expect(y.arraySync()).toBe(7)
    const [next, state] = step(adam(0.1))(y, adam(0.1).init(y), y)
    dispose(y)
    expect(next.isDisposed).toBe(false)
    dispose(next, state)
  })
})
