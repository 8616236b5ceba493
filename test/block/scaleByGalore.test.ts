import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { dispose, identity, scaleByGalore, updateAsync } from '../../src/index.js'
import { matrix, refusal } from '../transform/refusal.js'

beforeAll(async () => {
  await tf.setBackend('cpu')
})

describe('scaleByGalore', () => {
  it('chooses its directions anew every updateProjGap steps, and keeps them in between', () => {
    tf.tidy(() => {
      const tx = scaleByGalore({ rank: 1, updateProjGap: 2, baseOptimizer: identity() })
      const gradients = [
        [1, 0],
        [0, 1],
        [0, 1],
      ].map(([a = 0, b = 0]) => tf.diag(tf.tensor1d([a, b])))
      let state = tx.init(tf.zeros([2, 2]))
      const updates = gradients.map((g) => {
        const [u, next] = tx.update(g, state)
        state = next
        return Array.from(u.dataSync(), (x) => Math.abs(Math.round(x)))
      })
      expect(updates).toEqual([
        [1, 0, 0, 0],
        [0, 0, 0, 0],
        [0, 0, 0, 1],
      ])
    })
  })
})

describe('scaleByGalore, asynchronously', () => {
  const tx = scaleByGalore({ rank: 1, updateProjGap: 2 })

  it('reads the gradient by a promise, and does what update does', async () => {
    const g = { w: matrix(), b: tf.tensor1d([1, 2]) }
    const before = tf.memory().numTensors
    let [now, later] = [tx.init(g), tx.init(g)]
    for (let i = 0; i < 3; i++) {
      const [one, next] = tx.update(g, now)
      const [two, after] = await updateAsync(tx)(g, later)
      expect(Array.from(two.w.dataSync())).toEqual(Array.from(one.w.dataSync()))
      expect(Array.from(two.b.dataSync())).toEqual(Array.from(one.b.dataSync()))
      dispose(one, two, now, later)
      ;[now, later] = [next, after]
    }
    dispose(now, later)
    expect(tf.memory().numTensors).toBe(before)
    dispose(g)
  })

  it('leaves nothing behind where it refuses', async () => {
    const g = { w: matrix(), b: tf.tensor1d([1, 2]) }
    const state = tx.init(g)
    const before = tf.memory().numTensors
    const wrong = { ...state, baseOptimizerState: null }
    await expect(updateAsync(tx)(g, wrong)).rejects.toMatchObject({ _tag: 'TreeMismatch' })
    expect(refusal(tx, { w: g.b, b: g.b }, state)).toMatchObject({ _tag: 'ShapeMismatch' })
    expect(refusal(tx, g, null)).toMatchObject({ _tag: 'TreeMismatch' })
    expect(tf.memory().numTensors).toBe(before)
    dispose(g, state)
  })
})
