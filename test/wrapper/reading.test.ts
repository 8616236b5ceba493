import * as tf from '@tensorflow/tfjs-core'
import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  adam,
  applyIfFinite,
  chain,
  conditionallyMask,
  dispose,
  fromRuleAround,
  type GradientTransformation,
  injectHyperparams,
  injectStatefulHyperparams,
  kernelStatistics,
  masked,
  multiSteps,
  namedChain,
  partition,
  reduceOnPlateau,
  type StatefulSchedule,
  sam,
  scale,
  sgd,
  step,
  stepAsync,
  type TensorLike,
  trace,
  updateAsync,
} from '../../src/index.js'
import { backends, numbers, tensorsLeft, useBackend } from '../backends.js'
import { thrown } from '../thrown.js'

const blocking = () =>
  vi.spyOn(tf.Tensor.prototype, 'dataSync').mockImplementation(() => {
    throw new Error('the device would block')
  })

afterEach(() => {
  vi.restoreAllMocks()
})

describe('applyIfFinite', () => {
  it('gives in after as many gradients in a row as it may leave out, and counts them', () => {
    const tx = applyIfFinite(trace(0.5), 2)
    let state = tx.init([0])
    const seen: unknown[] = []
    for (const g of [1, Number.NaN, Number.POSITIVE_INFINITY, 2, Number.NaN, Number.NaN, Number.NaN]) {
      const [[update], next] = tx.update([g], state)
      state = next
      seen.push([update, state.notfiniteCount, state.lastFinite, state.totalNotfinite])
    }
    expect(seen).toEqual([
      [1, 0, 1, 0],
      [0, 1, 0, 1],
      [0, 2, 0, 2],
      [2.5, 0, 1, 2],
      [0, 1, 0, 3],
      [0, 2, 0, 4],
      [Number.NaN, 3, 0, 5],
    ])
  })

  it('leaves a tree without a leaf to the inner transformation', () => {
    const tx = applyIfFinite(scale(2), 1)
    expect(tx.update({ w: null }, tx.init({ w: 1 }))[0]).toEqual({ w: null })
  })

  it('takes a whole number of errors from 0 on, and a state of its own', () => {
    for (const n of [-1, 0.5, Number.NaN])
      expect(thrown(() => applyIfFinite(sgd(1), n))).toMatchObject({
        _tag: 'InvalidArgument',
        path: 'applyIfFinite.maxConsecutiveErrors',
      })
    expect(thrown(() => applyIfFinite(sgd(1), 1).update(1, {} as never))._tag).toBe('TreeMismatch')
  })
})

describe('what is wrong with gradients', () => {
  it('is said of gradients, though they are looked at first', async () => {
    await useBackend('cpu')
    const tx = applyIfFinite(sgd(1), 1)
    const state = tx.init(0)
    const [gone, whole] = [tf.scalar(1), tf.scalar(1, 'int32')]
    gone.dispose()
    const left = tensorsLeft(() => {
      expect(thrown(() => tx.update({ w: gone }, state))).toMatchObject({ _tag: 'Disposed', path: 'grads.w' })
      expect(thrown(() => tx.update({ w: whole }, state))).toMatchObject({
        _tag: 'DtypeMismatch',
        path: 'grads.w',
      })
    })
    expect(left).toBe(0)
    whole.dispose()
  })
})

describe.each(backends)('applyIfFinite on the %s backend', (backend) => {
  it('reads its number without blocking, keeps the state and leaves no tensor behind', async () => {
    await useBackend(backend)
    const before = tf.memory().numTensors
    const tx = chain(scale(2), applyIfFinite(adam(0.1), 3))
    let params = { w: tf.tensor1d([1, 2]) }
    let state = tx.init(params)
    const { numBytes, numTensors } = tf.memory()
    const spy = blocking()
    const inPlace = stepAsync(tx, { donate: true })
    for (const w of [
      [1, -1],
      [Number.NaN, 1],
    ]) {
      ;[params, state] = await inPlace(params, state, { w: tf.tensor1d(w) })
      expect(tf.memory()).toMatchObject({ numBytes, numTensors })
    }
    spy.mockRestore()
    expect(numbers(params.w).map((x) => Math.round(x * 1e5) / 1e5)).toEqual([0.9, 2.1])
    expect(state[1]).toMatchObject({ notfiniteCount: 1, lastFinite: 0, totalNotfinite: 1 })
    expect(state[1].innerState[0].count).toBe(1)
    dispose(params, state)
    expect(tf.memory().numTensors).toBe(before)
  })

  it('frees what it has made when the inner transformation throws', async () => {
    await useBackend(backend)
    const tx = applyIfFinite(adam(0.1), 3)
    const [grads, other] = [tf.tensor1d([1, 2]), tf.tensor1d([1])]
    const state = tx.init(other)
    expect(tensorsLeft(() => expect(thrown(() => tx.update(grads, state))._tag).toBe('ShapeMismatch'))).toBe(
      0,
    )
    dispose(grads, other, state)
  })
})

describe('reduceOnPlateau', () => {
  it('counts no value while it cools down, and falls no lower than the least scale', () => {
    const tx = reduceOnPlateau({ factor: 0.5, patience: 1, cooldown: 2, minScale: 0.2 })
    let state = tx.init(0)
    const scales: number[] = []
    for (let i = 0; i < 10; i++) {
      ;[, state] = tx.update(1, state, 0, { value: 1 })
      scales.push(state.scale)
    }
    expect(scales).toEqual([1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.2, 0.2, 0.2])
  })

  it('judges means of so many losses, by a part and a difference of the best one', () => {
    const tx = reduceOnPlateau({ factor: 0.5, patience: 1, rtol: 0.25, atol: 1, accumulationSize: 2 })
    let state = tx.init(0)
    const seen: unknown[] = []
    for (const value of [7, 9, 5, 5, 4, 5.5]) {
      ;[, state] = tx.update(1, state, 0, { value })
      seen.push([state.bestValue, state.scale, state.count])
    }
    // 5 is not below 0.75 · 8 − 1, 4.75 is
    expect(seen).toEqual([
      [Number.POSITIVE_INFINITY, 1, 1],
      [8, 1, 0],
      [8, 1, 1],
      [8, 0.5, 0],
      [8, 0.5, 1],
      [4.75, 0.5, 0],
    ])
  })

  it('takes a part of the size of the best value: a negative loss that stays, or rises, is a plateau', () => {
    for (const values of [
      [-1, -1, -1],
      [-1000, -999.95, -999.9],
      [0, 0, 0],
      [-1, -1.00005, -1.00009],
    ]) {
      const tx = reduceOnPlateau({ patience: 2 })
      let state = tx.init(0)
      for (const value of values) [, state] = tx.update(1, state, 0, { value })
      expect(state.scale).toBe(0.1)
      expect(state.bestValue).toBe(values[0])
    }
    // 1e-4 of 1 lower, and a little
    const tx = reduceOnPlateau({ patience: 2 })
    let state = tx.init(0)
    for (const value of [-1, -1.00011, -1.00022, -1.00033]) [, state] = tx.update(1, state, 0, { value })
    expect(state).toMatchObject({ scale: 1, bestValue: -1.00033, plateauCount: 0 })
  })

  it('takes any number for better than none, whatever the tolerances', () => {
    for (const tolerance of [{ rtol: 1 }, { rtol: 0, atol: 1 }, { rtol: 1, atol: 1 }]) {
      const tx = reduceOnPlateau(tolerance)
      expect(tx.update(1, tx.init(0), 0, { value: 3 })[1].bestValue).toBe(3)
    }
  })

  it('has options in their range', () => {
    for (const [name, value] of [
      ['factor', 0],
      ['factor', 1],
      ['rtol', -1],
      ['rtol', 2],
      ['atol', -1],
      ['accumulationSize', 0],
    ] as const)
      expect(thrown(() => reduceOnPlateau({ [name]: value }))).toMatchObject({
        _tag: 'InvalidArgument',
        path: `reduceOnPlateau.${name}`,
      })
    expect(thrown(() => reduceOnPlateau({ rtol: 0 }))).toMatchObject({ path: 'reduceOnPlateau.atol' })
    expect(thrown(() => reduceOnPlateau({ rate: 0 } as never))._tag).toBe('InvalidArgument')
  })

  it('needs a value, a number or a scalar tensor, and a state of its own', async () => {
    await useBackend('cpu')
    const tx = reduceOnPlateau()
    // @ts-expect-error the value is missing
    expect(thrown(() => tx.update(1, tx.init(0)))).toMatchObject({
      _tag: 'MissingArgument',
      path: 'extraArgs.value',
    })
    const value = tf.tensor1d([1, 2])
    const at = (given: TensorLike) => thrown(() => tx.update(1, tx.init(0), 0, { value: given }))
    expect(at(value)).toMatchObject({ _tag: 'ShapeMismatch', path: 'extraArgs.value' })
    value.dispose()
    expect(at(value)).toMatchObject({ _tag: 'Disposed', path: 'extraArgs.value' })
    const whole = tf.scalar(1, 'int32')
    expect(at(whole)).toMatchObject({ _tag: 'DtypeMismatch', path: 'extraArgs.value' })
    whole.dispose()
    expect(thrown(() => tx.update(1, {} as never, 0, { value: 1 }))).toMatchObject({
      _tag: 'TreeMismatch',
      path: 'state.scale',
    })
  })

  it('is one kernel with the optimizer, whether the value is a number or a tensor', async () => {
    await useBackend('wasm')
    const tx = chain(adam(0.1), reduceOnPlateau({ patience: 1 }))
    const params = { w: tf.tensor1d([1, 2]) }
    const state = tx.init(params)
    const value = tf.scalar(3)
    for (const given of [3, value]) {
      const { launches } = kernelStatistics()
      const after = step(tx)(params, state, params, { value: given })
      expect(kernelStatistics().launches - launches).toBe(1)
      expect(after[1][1].bestValue).toBe(3)
      dispose(after)
    }
    dispose(params, state, value)
  })
})

describe('an extra argument that the host has to know', () => {
  it('is read without blocking, through every combinator', async () => {
    await useBackend('cpu')
    const plateau = () => reduceOnPlateau({ factor: 0.5, patience: 1 })
    const follow: StatefulSchedule<number> = {
      extraArgs: ['value'],
      init: () => 1,
      update: (_, { value }) => (value === 7 ? 0.5 : 0),
      value: (rate) => rate,
    }
    const all: readonly GradientTransformation<unknown, { readonly value: TensorLike }>[] = [
      plateau(),
      chain(plateau(), scale(1)),
      chain(applyIfFinite(scale(1), 1), plateau()),
      namedChain(['plateau', plateau()]),
      masked(plateau(), () => true),
      partition({ all: plateau(), none: sgd(1) }, () => 'all'),
      injectHyperparams((_: { readonly x: number }) => plateau())({ x: 1 }),
      injectStatefulHyperparams((h: { readonly rate: number }) => scale(h.rate))({ rate: follow }),
      conditionallyMask(plateau(), () => true),
      multiSteps(plateau(), 1),
      sam(plateau(), scale(1), { syncPeriod: 1 }),
      fromRuleAround('inner', plateau(), { slots: {}, scalars: {}, step: ({ u }) => ({ update: u }) }),
    ]
    const value = tf.scalar(7)
    const spy = blocking()
    for (const tx of all) {
      const given = { value }
      const [first, state] = await updateAsync(tx)([8], tx.init([0]), [0], given)
      const [second] = await stepAsync(tx)([0], state, [8], given)
      expect([first, second]).toEqual([[8], [4]])
      expect(() => tx.update([8], state, [0], given)).toThrow('would block')
    }
    spy.mockRestore()
    dispose(value)
  })
})
