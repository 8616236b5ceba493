import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import {
  adam,
  addDecayedWeights,
  chain,
  dispose,
  type GradientTransformation,
  type Leaf,
  type Params,
  type SamExtraArgs,
  sam,
  sgd,
  step,
  stepAsync,
  tree,
  updateAsync,
} from '../../src/index.js'
import { backends, numbers, tensorsLeft, useBackend } from '../backends.js'
import { thrown } from '../thrown.js'

/** The same without its rules: an ordinary pair. */
const ordinary = <S>({ init, update }: GradientTransformation<S>): GradientTransformation<S> => ({
  init,
  update,
})

const down = () => chain(addDecayedWeights(0.25), adam(0.5))
const up = () => sgd(0.25, { momentum: 0.5 })

/** The gradient of the sum of squares. */
const twice = (params: Params): Params =>
  tree.map(
    (leaf: Leaf): Leaf =>
      typeof leaf === 'number'
        ? 2 * leaf
        : leaf instanceof Float64Array || leaf instanceof Float32Array
          ? leaf.map((x) => 2 * x)
          : leaf instanceof tf.Tensor
            ? tf.mul(leaf, 2)
            : leaf,
  )(params)

describe('sam', () => {
  it('is the same of rules, of ordinary transformations, and of one and one', () => {
    for (const options of [
      {},
      { syncPeriod: 3 },
      { syncPeriod: 3, resetState: false },
      { syncPeriod: 1, resetState: false },
    ]) {
      const fused = sam(down(), up(), options)
      const others = [
        sam(ordinary(down()), up(), options),
        sam(down(), ordinary(up()), options),
        sam(ordinary(down()), ordinary(up()), options),
      ]
      expect(fused.ruled).toBeDefined()
      let params = { w: Float64Array.of(1, -2), b: 3 }
      let state = fused.init(params)
      for (let i = 0; i < 7; i++) {
        const grads = { w: params.w.map((x) => 2 * x), b: i }
        const done = fused.update(grads, state, params)
        for (const other of others) {
          expect(other.ruled).toBeUndefined()
          expect(other.init(params)).toEqual(fused.init(params))
          expect(other.update(grads, state, params)).toEqual(done)
        }
        ;[params, state] = step(fused)(params, state, grads)
        expect(state.stepsSinceSync).toBe((i + 1) % (options.syncPeriod ?? 2))
      }
    }
  })

  it('of a period is one step in opaque mode', () => {
    for (const syncPeriod of [1, 2, 4])
      for (const resetState of [true, false]) {
        const seen = sam(down(), up(), { syncPeriod, resetState })
        const opaque = sam(down(), up(), { syncPeriod, resetState, opaqueMode: true })
        const first = { w: Float64Array.of(1, -2), b: 3 }
        let [params, state] = [first, seen.init(first)]
        let [other, whole] = [first, opaque.init(first)]
        for (let round = 0; round < 3; round++) {
          for (let i = 0; i < syncPeriod; i++) [params, state] = step(seen)(params, state, twice(params))
          ;[other, whole] = step(opaque)(other, whole, twice(other), { gradFn: twice })
          numbers(other.w).forEach((x, i) => {
            expect(x).toBeCloseTo(params.w[i] ?? Number.NaN, 13)
          })
          expect(other.b).toBeCloseTo(params.b, 13)
        }
        expect(whole).toMatchObject({ stepsSinceSync: 0, cache: null })
      }
  })

  it('forgets what its adversary has counted after each period, or takes it along', () => {
    const counts = [true, false].map((resetState) => {
      const tx = sam(sgd(0.5), adam(0.25), { syncPeriod: 3, resetState })
      let [w, state] = [2, tx.init(2)]
      const counted: number[] = []
      for (let i = 0; i < 6; i++) {
        ;[w, state] = step(tx)(w, state, w)
        counted.push(state.advState[0].count)
      }
      return counted
    })
    expect(counts).toEqual([
      [1, 2, 0, 1, 2, 0],
      [1, 2, 2, 3, 4, 4],
    ])
  })

  it('works out a program per kind of step, once', () => {
    const { ruled, init } = sam(sgd(0.5), sgd(0.25), { syncPeriod: 4 })
    const state = init(1)
    const at = (stepsSinceSync: number) => ruled?.resume({ ...state, stepsSinceSync }, 'state', {}).program
    expect(at(1)).toBe(at(2))
    expect(at(0)).toBe(at(0))
    expect(new Set([0, 1, 3].map(at)).size).toBe(3)
  })

  it('asks for the gradients of each adversarial step but the first, by its number', () => {
    const tx = sam(sgd(0.5), sgd(0.25), { syncPeriod: 4, opaqueMode: true })
    const asked: (readonly [Params, number])[] = []
    tx.update(1, tx.init(8), 8, {
      gradFn: (params, i) => {
        asked.push([params, i])
        return 4
      },
    })
    expect(asked).toEqual([
      [8.25, 0],
      [9.25, 1],
      [10.25, 2],
    ])
  })

  it('waits for gradients that are promised', async () => {
    const tx = sam(sgd(0.5), sgd(0.25), { opaqueMode: true })
    const gradFn = async (params: Params) => twice(params)
    const [now, state] = tx.update(2, tx.init(1), 1, { gradFn: twice })
    expect(await updateAsync(tx)(2, tx.init(1), 1, { gradFn })).toEqual([now, state])
    expect(await stepAsync(tx)(1, tx.init(1), 2, { gradFn })).toEqual([1 + now, state])
    expect(thrown(() => tx.update(2, tx.init(1), 1, { gradFn }))).toMatchObject({
      _tag: 'InvalidArgument',
      path: 'extraArgs.gradFn',
    })
  })

  it('throws for a period that is none, and without what it needs', () => {
    for (const syncPeriod of [0, 1.5, -2, Number.NaN])
      expect(thrown(() => sam(sgd(1), sgd(1), { syncPeriod }))).toMatchObject({
        _tag: 'InvalidArgument',
        path: 'sam.syncPeriod',
      })
    const opaque = sam(sgd(1), sgd(1), { opaqueMode: true })
    const update = (extraArgs: object) => () =>
      opaque.update(1, opaque.init(1), 1, extraArgs as { gradFn: typeof twice })
    expect(thrown(update({}))).toMatchObject({ _tag: 'MissingArgument', path: 'extraArgs.gradFn' })
    expect(thrown(update({ gradFn: 1 }))._tag).toBe('InvalidArgument')
    expect(thrown(() => opaque.update(1, opaque.init(1), undefined, { gradFn: twice }))._tag).toBe(
      'MissingParams',
    )
    for (const tx of [sam(sgd(1), sgd(1)), sam(ordinary(sgd(1)), sgd(1))]) {
      expect(thrown(() => tx.update(1, tx.init(1)))._tag).toBe('MissingParams')
      expect(thrown(() => tx.update(1, { ...tx.init(1), stepsSinceSync: '0' } as never, 1))).toMatchObject({
        _tag: 'InvalidLeaf',
        path: 'state.stepsSinceSync',
      })
    }
  })
})

describe.each(backends)('on the %s backend', (backend) => {
  it('it leaves nothing behind, in any mode, nor does it free what it was given', async () => {
    await useBackend(backend)
    const made: readonly GradientTransformation<unknown, SamExtraArgs>[] = [
      sam(ordinary(down()), up()),
      sam(down(), up(), { opaqueMode: true, syncPeriod: 3 }),
      sam(ordinary(down()), ordinary(up()), { opaqueMode: true, resetState: false }),
      sam(down(), up(), { opaqueMode: true, syncPeriod: 1, resetState: false }),
    ]
    for (const tx of made) {
      const left = tensorsLeft(() => {
        let params: tf.Tensor = tf.tensor1d([1, -2])
        let state = tx.init(params)
        for (let i = 0; i < 4; i++) {
          const grads = tf.mul(params, 2)
          const given = [params, state] as const
          ;[params, state] = step(tx)(params, state, grads, { gradFn: twice })
          expect(given[0].isDisposed).toBe(false)
          dispose(...given, grads)
        }
        dispose(params, state)
      })
      expect(left).toBe(0)
    }
  })

  it('it leaves nothing behind where the gradients fail', async () => {
    await useBackend(backend)
    const tx = sam(down(), up(), { opaqueMode: true, syncPeriod: 3 })
    const params = tf.tensor1d([1, -2])
    const state = tx.init(params)
    const left = tensorsLeft(() => {
      expect(() =>
        tx.update(params, state, params, {
          gradFn: (p, i) => {
            if (i === 1) throw new Error('no gradients today')
            return twice(p)
          },
        }),
      ).toThrow('no gradients today')
    })
    expect(left).toBe(0)
    dispose(params, state)
  })
})
