import * as tf from '@tensorflow/tfjs-core'
import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  adam,
  chain,
  clipByGlobalNorm,
  dispose,
  fromRule,
  type GradientTransformation,
  hasUpdated,
  kernelStatistics,
  multiSteps,
  scale,
  sgd,
  skipLargeUpdates,
  skipNotFinite,
  step,
  stepAsync,
  updateAsync,
} from '../../src/index.js'
import { backends, numbers, tensorsLeft, useBackend } from '../backends.js'
import { thrown } from '../thrown.js'

const ordinary = <S>({ init, update }: GradientTransformation<S>): GradientTransformation<S> => ({
  init,
  update,
})

afterEach(() => {
  vi.restoreAllMocks()
})

describe('multiSteps', () => {
  it('has updated after the last of its steps, and not before', () => {
    const tx = multiSteps(adam(0.1), 3)
    let state = tx.init(0)
    const seen: boolean[] = [hasUpdated(state)]
    for (let i = 0; i < 6; i++) {
      ;[, state] = tx.update(1, state)
      seen.push(hasUpdated(state))
    }
    expect(seen).toEqual([false, false, false, true, false, false, true])
    expect(state).toMatchObject({ miniStep: 0, gradientStep: 2, accGrads: 0, skipState: [] })
    expect(state.innerOptState[0].count).toBe(2)
  })

  it('keeps no accumulator where every step is one of the inner transformation', () => {
    expect(multiSteps(sgd(1), 1).init({ w: 1 })).toEqual({
      miniStep: 0,
      gradientStep: 0,
      innerOptState: [{}, {}],
      accGrads: null,
      skipState: [],
    })
  })

  it('starts from zero after a NaN, and lets none through before the last step', () => {
    const tx = multiSteps(sgd(1), 2)
    let state = tx.init([0])
    const updates: unknown[] = []
    for (const g of [Number.NaN, 1, 2, 4]) {
      const [update, next] = tx.update([g], state)
      updates.push(update)
      state = next
    }
    expect(updates).toEqual([[0], [Number.NaN], [0], [-3]])
  })

  it('gives the inner transformation its extra arguments', () => {
    const byValue = fromRule({
      slots: {},
      scalars: {},
      extraArgs: ['value'],
      step: ({ g, value }) => ({ update: g.mul(value) }),
    })
    const tx = multiSteps(byValue, 2)
    // @ts-expect-error the value is missing
    expect(thrown(() => tx.update(1, tx.init(0)))._tag).toBe('MissingArgument')
    const [, state] = tx.update(1, tx.init(0), 0, { value: 5 })
    expect(tx.update(3, state, 0, { value: 10 })[0]).toBe(20)
  })

  it('takes a whole number of steps from 1 on, of a function too', () => {
    const error = { _tag: 'InvalidArgument', path: 'multiSteps.everyKSchedule' }
    for (const k of [0, 1.5, Number.NaN, '2' as never])
      expect(thrown(() => multiSteps(sgd(1), k))).toMatchObject(error)
    const tx = multiSteps(sgd(1), () => 0)
    expect(thrown(() => tx.update(1, tx.init(0)))).toMatchObject(error)
    expect(thrown(() => multiSteps(sgd(1), 2, { mean: true } as never))._tag).toBe('InvalidArgument')
    expect(thrown(() => multiSteps(sgd(1), 2).update(1, {} as never))._tag).toBe('TreeMismatch')
  })

  it('emits when the steps have become fewer than there are gradients', () => {
    const tx = multiSteps(scale(1), 2)
    expect(tx.update(1, { ...tx.init(0), miniStep: 4, accGrads: 6 })[0]).toBe(5)
  })
})

describe('on WASM', () => {
  it('each step is one kernel, and a donating one grows no memory', async () => {
    await useBackend('wasm')
    const tx = multiSteps(adam(0.1), 3)
    let params = { w: tf.tensor1d([1, 2]), b: tf.tensor2d([[3, 4]]) }
    let state = tx.init(params)
    const { numBytes, numTensors } = tf.memory()
    const { fallbacks } = kernelStatistics()
    for (let i = 0; i < 6; i++) {
      const { launches } = kernelStatistics()
      const grads = { w: tf.tensor1d([1, -1]), b: tf.tensor2d([[i, 1]]) }
      const before = numbers(params.w)
      ;[params, state] = step(tx, { donate: true })(params, state, grads)
      expect(kernelStatistics().launches - launches).toBe(1)
      expect(tf.memory()).toMatchObject({ numBytes, numTensors })
      expect(numbers(params.w).join() === before.join()).toBe(i % 3 !== 2)
    }
    expect(kernelStatistics().fallbacks).toBe(fallbacks)
    dispose(params, state)
  })

  it('a norm before the accumulator adds the passes that it needs alone', async () => {
    await useBackend('wasm')
    const launchesOf = (tx: GradientTransformation): number => {
      const [params, grads] = [tf.tensor1d([1, 2]), tf.tensor1d([3, 4])]
      const state = tx.init(params)
      const { launches } = kernelStatistics()
      const after = step(tx)(params, state, grads)
      const count = kernelStatistics().launches - launches
      dispose(params, grads, state, after)
      return count
    }
    expect(launchesOf(chain(clipByGlobalNorm(1), multiSteps(adam(0.1), 2)))).toBe(
      launchesOf(clipByGlobalNorm(1)),
    )
  })
})

describe.each(backends)('skipping, on the %s backend', (backend) => {
  it('what is not finite never was, and leaves no tensor behind, around rules and an ordinary pair', async () => {
    await useBackend(backend)
    for (const inner of [adam(0.1), ordinary(adam(0.1))]) {
      const tx = multiSteps(inner, 2, { shouldSkipUpdateFn: skipNotFinite })
      const left = tensorsLeft(() => {
        const params = { w: tf.tensor1d([1, 2]) }
        let state = tx.init(params)
        for (const w of [
          [1, 1],
          [Number.NaN, Number.NEGATIVE_INFINITY],
          [3, 3],
        ]) {
          const grads = { w: tf.tensor1d(w) }
          const [updates, next] = tx.update(grads, state, params)
          expect(numbers(updates.w).every((u) => (w[0] === 3 ? u < 0 : u === 0))).toBe(true)
          expect(numbers(next.skipState.numNotFinite)).toEqual([w[0] === 1 || w[0] === 3 ? 0 : 2])
          dispose(grads, updates, state)
          state = next
        }
        expect(state).toMatchObject({ miniStep: 0, gradientStep: 1 })
        dispose(params, state)
      })
      expect(left).toBe(0)
    }
  })

  it('reads its number without blocking in updateAsync and stepAsync', async () => {
    await useBackend(backend)
    const tx = chain(multiSteps(sgd(1), 1, { shouldSkipUpdateFn: skipLargeUpdates(25) }), scale(2))
    const params = { w: tf.tensor1d([1, 2]) }
    const [small, large] = [{ w: tf.tensor1d([3, 3]) }, { w: tf.tensor1d([3, 4]) }]
    const before = tf.memory().numTensors
    const first = tx.init(params)
    const blocking = vi.spyOn(tf.Tensor.prototype, 'dataSync').mockImplementation(() => {
      throw new Error('the device would block')
    })
    expect(() => tx.update(small, first, params)).toThrow('would block')
    const [updates, next] = await updateAsync(tx)(small, first, params)
    const [moved, last] = await stepAsync(tx, { donate: true })(params, next, large)
    blocking.mockRestore()
    expect(numbers(updates.w)).toEqual([-6, -6])
    expect(numbers(moved.w)).toEqual([1, 2])
    expect(numbers(last[0].skipState.normSquared)).toEqual([25])
    dispose(first, updates, moved, last, small)
    // the parameters and the large gradient were donated
    expect(tf.memory().numTensors).toBe(before - 3)
  })
})

describe('a function of its own', () => {
  it('is given the gradients, the inner steps and the parameters, and may answer on the host', () => {
    const given: unknown[] = []
    const tx = multiSteps(sgd(1), 1, {
      shouldSkipUpdateFn: (updates, gradientStep, params) => {
        given.push([updates, gradientStep, params])
        return [gradientStep === 1, { asked: given.length }]
      },
    })
    let [update, state] = tx.update(2, tx.init(1), 1)
    expect(update).toBe(-2)
    ;[update, state] = tx.update(3, state, 4)
    expect([update, state.gradientStep, state.skipState]).toEqual([0, 1, { asked: 3 }])
    expect(given).toEqual([
      [0, 0, 1],
      [2, 0, 1],
      [3, 1, 4],
    ])
  })

  it('has a bound that is a number', () => {
    expect(thrown(() => skipLargeUpdates(Number.NaN))).toMatchObject({
      _tag: 'InvalidArgument',
      path: 'skipLargeUpdates.maxSquaredNorm',
    })
  })

  it('skips nothing where there is nothing', () => {
    expect(skipNotFinite({ w: null })).toEqual([null, { shouldSkip: null, numNotFinite: null }])
  })
})
