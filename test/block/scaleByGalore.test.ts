import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  dispose,
  type GradientTransformation,
  identity,
  type Leaf,
  ndarray,
  type Params,
  scaleByGalore,
  tree,
  updateAsync,
} from '../../src/index.js'
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

  it('keeps the directions of a matrix without a gradient, and chooses those of the others', () => {
    tf.tidy(() => {
      const tx = scaleByGalore({ rank: 1, updateProjGap: 1, baseOptimizer: identity() })
      const params = { one: { w: matrix() }, two: { w: matrix() } }
      const [, warm] = tx.update(params, tx.init(params))
      const half: Params = { one: { w: tf.ones([2, 3]) }, two: null }
      const [updates, { projector }] = tx.update(half, warm, params)
      expect(updates).toMatchObject({ two: { w: null } })
      const numbers = (all: Params): readonly number[][] =>
        tree.leaves(all).map(([, leaf]) => Array.from((leaf as tf.Tensor).dataSync()))
      const [before, after] = [numbers(warm.projector), numbers(projector)]
      expect(after[1]).toEqual(before[1])
      expect(after[0]).not.toEqual(before[0])
    })
  })
})

describe('scaleByGalore refuses, and leaves nothing behind', () => {
  const tx = scaleByGalore({ rank: 1 })
  const grads = () => ({ w: matrix(), b: tf.tensor1d([1, 2]) })

  it('directions that are not those of the matrix, in a step that chooses new ones too', () => {
    tf.tidy(() => {
      const g = grads()
      const state = tx.init(g)
      const gone = tf.ones([3, 1])
      gone.dispose()
      const wrong: readonly (readonly [w: Params, _tag: string])[] = [
        [tf.ones([2, 1]), 'ShapeMismatch'],
        [tf.ones([3, 1], 'int32'), 'DtypeMismatch'],
        [ndarray(Float32Array.of(1, 2, 3), [3, 1]), 'DtypeMismatch'],
        [null, 'TreeMismatch'],
        [[tf.ones([3, 1])], 'TreeMismatch'],
        [gone, 'Disposed'],
      ]
      for (const count of [0, 1])
        for (const [w, _tag] of wrong)
          expect(refusal(tx, g, { ...state, count, projector: { w, b: null } })).toEqual({
            _tag,
            path: 'state.projector.w',
          })
      expect(refusal(tx, { b: g.b }, state)).toMatchObject({ _tag: 'TreeMismatch' })
      expect(refusal(tx, g, { ...state, count: 'none' })).toEqual({
        _tag: 'InvalidLeaf',
        path: 'state.count',
      })
    })
  })

  it('a matrix of numbers', () => {
    tf.tidy(() => {
      const w = ndarray(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3])
      const state = tx.init(grads())
      expect(refusal(tx, { w, b: null }, state)).toEqual({ _tag: 'InvalidLeaf', path: 'grads.w' })
    })
  })

  it('updates of the base that are no updates of what it got', () => {
    tf.tidy(() => {
      const by = (updates: Params): GradientTransformation => ({
        init: () => ({}),
        update: <P extends Params>(_: P, state: unknown) => [tree.map(clone)(updates) as P, state] as const,
      })
      const clone = (leaf: Leaf): Leaf => (leaf instanceof tf.Tensor ? tf.clone(leaf) : leaf)
      const g = { ...grads(), none: null }
      const one = tf.ones([1])
      const of = (updates: Params) => {
        const base = scaleByGalore({ rank: 1, baseOptimizer: by(updates) })
        return refusal(base, g, base.init(g))
      }
      expect(of({ w: one, b: [one], none: null })).toEqual({ _tag: 'TreeMismatch', path: 'updates.b' })
      expect(of({ w: one, b: one, none: one })).toEqual({ _tag: 'TreeMismatch', path: 'updates.none' })
      expect(of({ w: one, b: one })).toEqual({ _tag: 'TreeMismatch', path: 'updates.none' })
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
