import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import {
  adam,
  dispose,
  type GradientTransformation,
  type ScheduleFreeOptions,
  scheduleFree,
  scheduleFreeAdamw,
  scheduleFreeEvalParams,
  scheduleFreeSgd,
  sgd,
  step,
} from '../../src/index.js'
import { backends, numbers, tensorsIn, tensorsLeft, useBackend } from '../backends.js'
import { thrown } from '../thrown.js'

describe('scheduleFree', () => {
  it('evaluates at the average of where the base optimizer was, weighted by the greatest learning rate so far', () => {
    const rates = [0.1, 0.4, 0.2, 0.3]
    // the schedule is asked for the step's own number
    const tx = scheduleFree(sgd(0.25), (t) => rates[t - 1] ?? 0, { b1: 0.75 })
    const alone = sgd(0.25)
    let [params, state, z] = [2, tx.init(2), 2]
    let [sum, weights] = [0, 0]
    for (const weight of [0.1, 0.4, 0.4, 0.4].map((peak) => peak ** 2)) {
      z += alone.update(params, alone.init(2))[0]
      ;[sum, weights] = [sum + weight * z, weights + weight]
      ;[params, state] = step(tx)(params, state, params)
      expect(state.z).toBeCloseTo(z, 14)
      expect(scheduleFreeEvalParams(state, params)).toBeCloseTo(sum / weights, 13)
      expect(params).toBeCloseTo(0.25 * z + (0.75 * sum) / weights, 13)
    }
    expect(state).toMatchObject({ count: 4, b1: 0.75, maxLr: 0.4 })
  })

  it('is the same around an ordinary transformation', () => {
    const { init, update } = adam(0.5, { b1: 0 })
    const ordinary: GradientTransformation<ReturnType<typeof init>> = { init, update }
    const [fused, apart] = [scheduleFree(adam(0.5, { b1: 0 }), 0.5), scheduleFree(ordinary, 0.5)]
    expect([fused.ruled === undefined, apart.ruled === undefined]).toEqual([false, true])
    const params = { w: Float64Array.of(1, 2), b: 3 }
    let [state, other] = [fused.init(params), apart.init(params)]
    for (let i = 1; i < 4; i++) {
      const grads = { w: Float64Array.of(i, -1), b: i }
      const [updates, next] = fused.update(grads, state, params)
      expect(apart.update(grads, other, params)).toEqual([updates, next])
      ;[state, other] = [next, next]
    }
  })

  it('throws for a share out of its range, and for a warm-up beside a schedule', () => {
    for (const b1 of [0, -0.5, 1.5, Number.NaN])
      expect(thrown(() => scheduleFree(sgd(1), 1, { b1 }))).toMatchObject({
        _tag: 'InvalidArgument',
        path: 'scheduleFree.b1',
      })
    const misspelt = { beta: 0.9 } as ScheduleFreeOptions
    expect(thrown(() => scheduleFree(sgd(1), 1, misspelt)).path).toBe('scheduleFree.beta')
    for (const [name, make] of Object.entries({ scheduleFreeSgd, scheduleFreeAdamw }))
      expect(thrown(() => make(() => 1, { warmupSteps: 3 }))).toMatchObject({
        _tag: 'InvalidArgument',
        path: `${name}.warmupSteps`,
      })
  })

  it('needs the parameters', () => {
    const tx = scheduleFreeSgd()
    expect(thrown(() => tx.update(1, tx.init(1)))._tag).toBe('MissingParams')
  })
})

describe('scheduleFreeEvalParams', () => {
  it('leaves alone what has no average', () => {
    const params = { w: Float64Array.of(3), frozen: null, b: 5 }
    const state = { b1: 0.5, z: { w: Float64Array.of(4), frozen: null, b: null } }
    expect(scheduleFreeEvalParams(state, params)).toEqual({ w: Float64Array.of(2), frozen: null, b: 5 })
  })

  it('throws for a state that is of something else, or of other parameters', () => {
    expect(thrown(() => scheduleFreeEvalParams(sgd(1).init(0) as never, 1))).toMatchObject({
      _tag: 'TreeMismatch',
      path: 'state',
      given: 'an array',
    })
    const shorter = { b1: 0.5, z: Float64Array.of(1) }
    expect(thrown(() => scheduleFreeEvalParams(shorter, Float64Array.of(1, 2)))).toMatchObject({
      _tag: 'ShapeMismatch',
      path: 'state.z',
    })
  })
})

describe.each(backends)('on the %s backend', (backend) => {
  it('the average is made of new tensors, integers kept, and nothing else is freed or left', async () => {
    await useBackend(backend)
    const left = tensorsLeft(() => {
      const tx = scheduleFreeSgd(0.5, { b1: 0.5 })
      const before = { w: tf.tensor1d([1, 2]), n: tf.tensor1d([7], 'int32') }
      const grads = { w: tf.tensor1d([2, -2]), n: null }
      const first = tx.init(before)
      const [params, state] = step(tx)(before, first, grads)
      const given = tensorsIn([params, state])
      const grown = tensorsLeft(() => {
        const average = scheduleFreeEvalParams(state, params)
        // one step: the average is where the base optimizer is
        expect(numbers(average.w)).toEqual([0, 3])
        expect(numbers(average.n)).toEqual([7])
        dispose(average)
      })
      expect(grown).toBe(0)
      expect(given.every(({ isDisposed }) => !isDisposed)).toBe(true)
      dispose(before, grads, first, params, state)
    })
    expect(left).toBe(0)
  })
})
