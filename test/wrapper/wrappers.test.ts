import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { ordinary } from '../../laws/catalogue/surrounding.js'
import {
  adam,
  addDecayedWeights,
  centralize,
  chain,
  clip,
  clipByGlobalNorm,
  dispose,
  freeze,
  type GradientTransformation,
  identity,
  injectHyperparams,
  type LeafSpec,
  linearSchedule,
  masked,
  partition,
  setToZero,
  sgd,
  step,
  trace,
} from '../../src/index.js'
import { numbers, tensorsLeft, useBackend } from '../backends.js'
import { thrown } from '../thrown.js'

beforeAll(() => useBackend('cpu'))

const isMatrix = (leaf: LeafSpec): boolean => leaf.shape.length === 2

describe('masked', () => {
  const params = { kernel: { w: 1, v: 2 }, bias: [3, 4] }

  it('takes a mask of the same structure, one of whole branches, or a function of the leaf', () => {
    const expected = { kernel: { w: 2, v: 4 }, bias: [0, 0] }
    for (const mask of [
      { kernel: { w: true, v: true }, bias: [false, false] },
      { kernel: true, bias: false },
      (leaf: LeafSpec) => leaf.path[0] === 'kernel',
    ]) {
      const tx = chain(
        freeze((leaf) => leaf.path[0] === 'bias'),
        masked(addDecayedWeights(1), mask),
      )
      const zero = { kernel: { w: 1, v: 2 }, bias: [0, 0] }
      expect(tx.update(zero, tx.init(params), params)[0]).toEqual(expected)
    }
  })

  it('keeps no state for the leaves that it leaves out', () => {
    expect(masked(trace(0.9), { kernel: true, bias: false }).init(params)).toEqual({
      innerState: { trace: { kernel: { w: 0, v: 0 }, bias: [null, null] } },
    })
  })

  it('hides them from a norm over the tree', () => {
    const tx = masked(clipByGlobalNorm(1), { a: true, b: true, c: false })
    const [updates] = tx.update({ a: 3, b: 4, c: 100 }, tx.init({ a: 0, b: 0, c: 0 }))
    expect(updates).toEqual({ a: 3 * (1 / 5), b: 4 * (1 / 5), c: 100 })
  })

  it.each([
    [{ kernel: true }, 'mask.bias.0: expected a label, given nothing'],
    [{ kernel: true, bias: null }, 'mask.bias.0: expected a label, given null'],
    [{ kernel: true, bias: [{ x: true }, true] }, 'mask.bias.0: expected a label, given a record of x'],
  ])('refuses the mask %j', (mask, message) => {
    expect(() => masked(trace(0.9), mask).init(params)).toThrow(message)
  })

  it('does the same around what is not a rule', () => {
    const tensors = { w: tf.tensor2d([[1, 3]]), v: tf.tensor2d([[1, 5]]), b: tf.tensor1d([1, 2]) }
    const tx = masked(ordinary(centralize()), { w: true, v: false, b: true })
    const state = tx.init(tensors)
    const left = tensorsLeft(() => {
      const [updates] = tx.update(tensors, state, tensors)
      expect(numbers(updates.w)).toEqual([-1, 1])
      expect(numbers(updates.v)).toEqual([1, 5])
      expect(updates.v).not.toBe(tensors.v)
      tf.dispose(updates)
    })
    expect(left).toBe(0)
    tf.dispose(tensors)
  })
})

describe('partition', () => {
  const params = { a: 1, b: [2, 3] }

  it('gives each leaf the transformation of its label and its state alone', () => {
    const tx = partition({ fast: sgd(1, { momentum: 0.5 }), slow: adam(0.1) }, { a: 'fast', b: 'slow' })
    const state = tx.init(params)
    expect(state).toEqual({
      innerStates: {
        fast: { innerState: [{ trace: { a: 0, b: [null, null] } }, {}] },
        slow: { innerState: [{ count: 0, mu: { a: null, b: [0, 0] }, nu: { a: null, b: [0, 0] } }, {}] },
      },
    })
    const [updates] = tx.update({ a: 4, b: [5, -6] }, state)
    expect(updates).toEqual({ a: -4, b: [expect.closeTo(-0.1, 8), expect.closeTo(0.1, 8)] })
  })

  it('is a rule if its parts are', () => {
    expect(partition({ a: sgd(1), b: adam(1) }, () => 'a').ruled).toBeDefined()
    expect(partition({ a: sgd(1), b: ordinary(centralize()) }, () => 'a').ruled).toBeUndefined()
  })

  it('mixes rules and others', () => {
    const tensors = { w: tf.tensor2d([[1, 3]]), b: tf.tensor1d([1, 2]) }
    const tx = partition({ matrix: chain(ordinary(centralize()), sgd(1)), other: sgd(2) }, (leaf) =>
      isMatrix(leaf) ? 'matrix' : 'other',
    )
    const state = tx.init(tensors)
    const left = tensorsLeft(() => {
      const [next] = step(tx)(tensors, state, tensors)
      expect(numbers(next.w)).toEqual([2, 2])
      expect(numbers(next.b)).toEqual([-1, -2])
      tf.dispose(next)
    })
    expect(left).toBe(0)
    tf.dispose(tensors)
  })

  it('refuses a label without a transformation, and a state without a label', () => {
    const typo = partition({ a: sgd(1) }, () => 'c')
    expect(() => typo.init({ b: [1] })).toThrow('paramLabels.b.0: expected one of a, given c')
    const two = partition({ a: sgd(1), b: sgd(2) }, () => 'a')
    expect(() => two.update(1, { innerStates: {} } as never)).toThrow(
      'state.innerStates.a: expected a state, given nothing',
    )
  })
})

describe('freeze', () => {
  it('leaves parameters bit for bit, also a negative zero', () => {
    const tx = chain(adam(0.1), freeze({ a: true, b: false }))
    const params = { a: Float32Array.of(-0, 1e-45, Number.NaN), b: 1 }
    const grads = { a: Float32Array.of(1, 2, 3), b: 1 }
    const [next] = step(tx)(params, tx.init(params), grads)
    expect(new Uint32Array(next.a.buffer)).toEqual(new Uint32Array(params.a.buffer))
    expect(next.b).toBeCloseTo(0.9, 7)
  })

  it('is free of state as a part of partition', () => {
    const tensors = { w: tf.zeros([100]), frozen: tf.zeros([1000]) }
    const tx = partition({ train: adam(0.1), frozen: setToZero() }, { w: 'train', frozen: 'frozen' })
    let state: unknown
    const left = tensorsLeft(() => {
      state = tx.init(tensors)
    })
    expect(left).toBe(2)
    dispose(tensors, state)
  })
})

describe('injectHyperparams', () => {
  const make = injectHyperparams(({ learningRate, b1 }: { learningRate: number; b1: number }) =>
    adam(learningRate, { b1 }),
  )

  it('computes what the transformation computes', () => {
    const [injected, plain] = [make({ learningRate: 0.1, b1: 0.8 }), adam(0.1, { b1: 0.8 })]
    let [s, t] = [injected.init(1), plain.init(1)]
    for (const g of [1, -2, 0.5]) {
      const [[u, s1], [v, t1]] = [injected.update(g, s), plain.update(g, t)]
      expect(u).toBe(v)
      expect(s1.innerState).toEqual(t1)
      ;[s, t] = [s1, t1]
    }
    expect(s.hyperparams).toEqual({ learningRate: 0.1, b1: 0.8 })
    expect(s.count).toBe(3)
  })

  it('takes a changed hyperparameter at the next step, on the same moments', () => {
    const tx = make({ learningRate: 0.1, b1: 0.8 })
    const [, state] = tx.update(1, tx.init(1))
    const [update] = tx.update(2, { ...state, hyperparams: { learningRate: 0.5, b1: 0.8 } })
    expect(update).toBe(adam(0.5, { b1: 0.8 }).update(2, state.innerState)[0])
  })

  it('evaluates schedules at the count', () => {
    const learningRate = linearSchedule({ initValue: 1, endValue: 0, transitionSteps: 4 })
    const tx = injectHyperparams((h: { learningRate: number }) => sgd(h.learningRate))({ learningRate })
    let state = tx.init(0)
    const updates = [1, 1, 1].map((g) => {
      const [update, next] = tx.update(g, state)
      state = next
      return update
    })
    expect(updates).toEqual([-1, -0.75, -0.5])
    expect(state).toEqual({ count: 3, hyperparams: { learningRate: 0.5 }, innerState: [{}, {}] })
  })

  it('finds the same rule again, whatever the hyperparameters', () => {
    const tx = make({ learningRate: 0.1, b1: 0.8 })
    const leaf: LeafSpec = { path: [], shape: [2], dtype: 'float32' }
    const state = tx.init(1)
    const other = { ...state, hyperparams: { learningRate: 0.7, b1: 0.1 } }
    expect(tx.ruled?.resume(state, 'state', {}).program.rule(leaf)).toBe(
      tx.ruled?.resume(other, 'state', {}).program.rule(leaf),
    )
  })

  it('fuses with its neighbours, and wraps what is not a rule', () => {
    expect(chain(clipByGlobalNorm(1), make({ learningRate: 0.1, b1: 0.8 })).ruled).toBeDefined()
    const tx = injectHyperparams((h: { rate: number }) => chain(ordinary(centralize()), sgd(h.rate)))({
      rate: 2,
    })
    expect(tx.ruled).toBeUndefined()
    const [update, state] = tx.update(3, tx.init(0))
    expect([update, state]).toEqual([-6, { count: 1, hyperparams: { rate: 2 }, innerState: [{}, [{}, {}]] }])
  })

  it('refuses what is neither a number nor a schedule, and a state that is not its own', () => {
    expect(() => make({ learningRate: '0.1' as never, b1: 0.8 })).toThrow(
      'injectHyperparams.learningRate: expected a number or a schedule',
    )
    const tx = make({ learningRate: 0.1, b1: 0.8 })
    for (const state of [undefined, {}, { count: 0 }])
      expect(() => tx.update(1, state as never)).toThrow(/state/)
  })
})

describe('around identity', () => {
  it.each<[string, GradientTransformation]>([
    ['masked', masked(identity(), true)],
    ['partition', partition({ x: identity() }, () => 'x')],
    ['chain', chain(identity())],
  ])('%s is the identity', (_, tx) => {
    const grads = { a: 1, b: [2, 3] }
    expect(tx.update(grads, tx.init(grads))[0]).toEqual(grads)
  })
})

describe('a tree of labels that does not fit', () => {
  const params = { w: 1, b: { x: 2, none: null }, empty: [] }
  const surplus = { w: true, b: true, empty: true, v: true } as const
  const unfused = ordinary(centralize())

  it('throws for a label of nothing, under its path, before anything is made', () => {
    for (const tx of [
      masked(sgd(1), surplus),
      masked(unfused, surplus),
      masked(chain(masked(sgd(1), surplus)), () => true),
      chain(clip(1), freeze(surplus)),
      addDecayedWeights(0.1, { mask: surplus }),
    ])
      expect(thrown(() => tx.init(params))).toMatchObject({ _tag: 'TreeMismatch', path: 'mask.v' })
    const parts = partition(
      { a: sgd(1), b: unfused },
      { w: 'a', b: { x: 'b', none: 'a', y: 'a' }, empty: 'a' },
    )
    expect(thrown(() => parts.init(params))).toMatchObject({ _tag: 'TreeMismatch', path: 'paramLabels.b.y' })
  })

  it('is told from one whose labels stand for branches, for nothing and for empty branches', () => {
    const fitting = { w: true, b: { x: false, none: true }, empty: true }
    for (const inner of [sgd(1), unfused]) expect(() => masked(inner, fitting).init(params)).not.toThrow()
    expect(() => masked(sgd(1), true).init({})).not.toThrow()
  })

  it('names a label without a transformation when it is made', () => {
    const make = () => partition({ a: sgd(1) }, { w: 'a', b: { x: 'typo' } })
    expect(thrown(make)).toMatchObject({ _tag: 'InvalidArgument', path: 'paramLabels.b.x', given: 'typo' })
  })
})
