import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { adam, dispose, type GradientTransformation, mechanize, sgd, step } from '../../src/index.js'
import { backends, numbers, tensorsLeft, useBackend } from '../backends.js'
import { thrown } from '../thrown.js'

/** Adam without its rules. */
const ordinary = (): GradientTransformation<ReturnType<ReturnType<typeof adam>['init']>> => {
  const { init, update } = adam(1)
  return { init, update }
}

describe('mechanize', () => {
  it('finds a rate that nobody gave, over ten orders of magnitude', () => {
    for (const curvature of [1e-5, 1, 1e5]) {
      const tx = mechanize(sgd(1 / curvature))
      let [w, state] = [1, tx.init(1)]
      for (let i = 0; i < 200; i++) [w, state] = step(tx)(w, state, curvature * w)
      expect(Math.abs(w)).toBeLessThan(0.1)
    }
  })

  it('is the same around an ordinary transformation', () => {
    const [fused, apart] = [mechanize(adam(1), { sInit: 0.5 }), mechanize(ordinary(), { sInit: 0.5 })]
    expect([fused.ruled === undefined, apart.ruled === undefined]).toEqual([false, true])
    let params = { w: Float64Array.of(1, 2), b: 3 }
    let state = fused.init(params)
    expect(apart.init(params)).toEqual(state)
    for (let i = 1; i < 4; i++) {
      const grads = { w: Float64Array.of(i, -1), b: i }
      const done = fused.update(grads, state, params)
      expect(apart.update(grads, state, params)).toEqual(done)
      ;[params, state] = step(fused)(params, state, grads)
    }
    expect(state.count).toBe(3)
  })

  it('starts from the parameters of the first step, not from those that it was made with', () => {
    const tx = mechanize(sgd(1), { sInit: 1 })
    const made = tx.init(5)
    const [, loaded] = tx.update(1, made, -3)
    expect([made.x0, loaded.x0]).toEqual([5, -3])
    const [, moved] = tx.update(1, loaded, -4)
    expect(moved.x0).toBe(-3)
  })

  it('throws for a number of tuners that is none, and for a state with another', () => {
    for (const numBetas of [0, 1.5, -1, Number.NaN])
      expect(thrown(() => mechanize(sgd(1), { numBetas }))).toMatchObject({
        _tag: 'InvalidArgument',
        path: 'mechanize.numBetas',
      })
    const [two, three] = [2, 3].map((numBetas) => mechanize(sgd(1), { numBetas }))
    expect(thrown(() => three?.update(1, two?.init(1) as never, 1))).toMatchObject({
      _tag: 'TreeMismatch',
      path: 'state.r',
    })
  })

  it('throws for what is no state of it', () => {
    const tx = mechanize(sgd(1))
    for (const state of [null, undefined, {}, []])
      expect(thrown(() => tx.update(1, state as never, 1))._tag).toBe('TreeMismatch')
  })

  it('needs the parameters', () => {
    const tx = mechanize(sgd(1))
    expect(thrown(() => tx.update(1, tx.init(1)))._tag).toBe('MissingParams')
  })
})

describe.each(backends)('on the %s backend', (backend) => {
  it('it leaves nothing behind around an ordinary transformation, and gives the numbers of Float32Arrays', async () => {
    await useBackend(backend)
    const tx = mechanize(ordinary(), { sInit: 0.5, numBetas: 2 })
    const [p, g] = [Float32Array.of(1, -2, 3), Float32Array.of(1, 2, -1)]
    const [expected] = tx.update(g, tx.init(p), p)
    const left = tensorsLeft(() => {
      const [params, grads] = [tf.tensor1d(p), tf.tensor1d(g)]
      const state = tx.init(params)
      const [updates, next] = tx.update(grads, state, params)
      numbers(updates).forEach((u, i) => {
        expect(u).toBeCloseTo(expected[i] ?? Number.NaN, 6)
      })
      dispose(params, grads, state, updates, next)
    })
    expect(left).toBe(0)
  })
})
