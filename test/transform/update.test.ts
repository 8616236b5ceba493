import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { ordinary } from '../../laws/catalogue/surrounding.js'
import {
  adam,
  adamw,
  applyUpdates,
  centralize,
  chain,
  dispose,
  GradpipeError,
  masked,
  type Params,
  sgd,
  step,
  trace,
} from '../../src/index.js'
import { backends, numbers, tensorsLeft, useBackend } from '../backends.js'
import { thrown } from '../thrown.js'

describe('update', () => {
  const tx = adam(0.1)
  const params = { w: [1, 2], b: 0 }
  const state = tx.init(params)

  it('keeps the type and the order of keys of the tree that it is given', () => {
    const [updates, next] = tx.update({ b: 1, w: [1, 1] }, state, params)
    expect(Object.keys(updates)).toEqual(['w', 'b'])
    expect(Object.keys(next[0].mu ?? {})).toEqual(['w', 'b'])
  })

  it('gives the same result whatever the order of keys', () => {
    const [one, first] = tx.update({ w: [1, 3], b: 2 }, state, params)
    const [two, second] = tx.update({ b: 2, w: [1, 3] }, tx.init({ b: 0, w: [1, 2] }), { b: 0, w: [1, 2] })
    expect(one).toEqual(two)
    expect(first).toEqual(second)
  })

  it('leaves a leaf without a gradient alone, with its state', () => {
    const [, warm] = tx.update({ w: [1, 3], b: 2 }, state)
    const [updates, next] = tx.update({ w: [null, 3], b: null }, warm)
    expect(updates).toMatchObject({ w: [null, expect.any(Number)], b: null })
    expect(next[0].mu).toMatchObject({ b: (warm[0].mu as { b: number }).b })
    expect(step(tx)(params, warm, { w: null, b: null } as Params)[0]).toEqual(params)
  })

  it('accepts an empty tree and zero-size leaves', () => {
    expect(tx.update({}, tx.init({}))[0]).toEqual({})
    expect(tx.update([], tx.init([]))[0]).toEqual([])
    expect(tx.update(null, tx.init(null))[0]).toBeNull()
    const none = new Float32Array(0)
    expect(step(tx)(none, tx.init(none), none)[0]).toEqual(none)
  })

  it('does not change the arrays that it is given', () => {
    const [g, p] = [Float64Array.of(1, 2), Float64Array.of(3, 4)]
    const before = tx.init(p)
    const frozen = structuredClone(before)
    tx.update(g, before, p)
    expect([g, p, before]).toEqual([Float64Array.of(1, 2), Float64Array.of(3, 4), frozen])
  })

  it.each([
    ['gradients with a key too many', { w: [1, 2], b: 0, c: 1 }, params, state, 'TreeMismatch', 'grads.c'],
    ['gradients with a key too few', { w: [1, 2] }, params, state, 'TreeMismatch', 'grads.b'],
    ['an array of another length', { w: [1], b: 0 }, params, state, 'TreeMismatch', 'grads.w'],
    ['another shape', { w: [1, 2], b: Float64Array.of(1) }, params, state, 'ShapeMismatch', 'grads.b'],
    [
      'parameters where there are none',
      { w: [1, 2], b: 1 },
      { w: [1, 2], b: null },
      state,
      'TreeMismatch',
      'params.b',
    ],
    ['what is no leaf', { w: [1, '2'], b: 1 }, params, state, 'InvalidLeaf', 'grads.w.1'],
    [
      'a state of another tree',
      { w: [1, 2], b: 1 },
      params,
      adam(0.1).init({ w: [1, 2] }),
      'TreeMismatch',
      'state.0.mu.b',
    ],
    [
      'a state of another optimizer',
      { w: [1, 2], b: 1 },
      params,
      trace(0.9).init(params),
      'TreeMismatch',
      'state',
    ],
    ['no state', { w: [1, 2], b: 1 }, params, undefined, 'TreeMismatch', 'state'],
    [
      'a count that is none',
      { w: [1, 2], b: 1 },
      params,
      [{ ...state[0], count: '1' }, {}],
      'InvalidLeaf',
      'state.0.count',
    ],
  ])('refuses %s', (_, grads, given, from, tag, path) => {
    const error = thrown(() => tx.update(grads as Params, from as typeof state, given as Params))
    expect(error).toMatchObject({ _tag: tag, path })
  })

  it('says where parameters are missing', () => {
    const decay = adamw(0.1)
    const error = thrown(() => decay.update({ w: [1, 2] }, decay.init({ w: [0, 0] })))
    expect(error).toMatchObject({ _tag: 'MissingParams', path: 'params.w.0' })
  })

  it('refuses Float32Array gradients of Float64Array parameters', () => {
    const error = thrown(() => step(sgd(1))(new Float64Array(2), sgd(1).init(0), new Float32Array(2)))
    expect(error).toMatchObject({ _tag: 'DtypeMismatch', path: 'grads' })
  })
})

describe.each(backends)('on %s, tensors', (backend) => {
  beforeAll(() => useBackend(backend))
  const tx = adam(0.1)

  it('that do not fit are refused before anything is made', () => {
    const params = { w: tf.tensor1d([1, 2]), n: tf.scalar(3, 'int32') }
    const state = tx.init(params)
    const other = { w: tf.tensor1d([1, 2, 3]), n: null }
    const whole = { w: tf.tensor1d([1, 2], 'int32'), n: null }
    const gone = { w: tf.tensor1d([1, 2]), n: null }
    gone.w.dispose()
    const flat = { w: Float32Array.of(1, 2), n: null }
    const left = tensorsLeft(() => {
      for (const [grads, tag] of [
        [other, 'ShapeMismatch'],
        [whole, 'DtypeMismatch'],
        [gone, 'Disposed'],
        [flat, 'DtypeMismatch'],
        [{ w: params.w, n: params.n }, 'DtypeMismatch'],
      ] as const) {
        const error = thrown(() => tx.update<Params>(grads, state, params))
        expect(error._tag).toBe(tag)
        expect(error.path).toBe(grads.n === null ? 'grads.w' : 'grads.n')
        expect(thrown(() => step(tx)<Params>(params, state, grads))._tag).toBe(tag)
      }
    })
    expect(left).toBe(0)
    expect(numbers(params.w)).toEqual([1, 2])
    dispose(params, state, other, whole)
  })

  it('that are gone are refused also where nothing would have happened', () => {
    const params = { w: tf.tensor1d([1, 2]), v: tf.scalar(1) }
    const grads = { w: tf.tensor1d([1, 1]), v: null }
    const state = tx.init(params)
    const { mu } = state[0]
    dispose((mu as typeof params).v)
    const left = tensorsLeft(() => {
      const error = thrown(() => step(tx)<Params>(params, state, grads))
      expect(error).toMatchObject({ _tag: 'Disposed', path: 'state.0.mu.v' })
    })
    expect(left).toBe(0)
    dispose(params, grads, state)
  })

  it('that are integers have no state, no update, and stay', () => {
    const params = { w: tf.tensor1d([1, 2]), n: tf.scalar(3, 'int32') }
    const grads = { w: tf.tensor1d([1, 1]), n: null }
    const state = tx.init(params)
    expect(state[0].mu).toMatchObject({ n: null })
    const [next, after] = step(tx)<Params>(params, state, grads)
    expect(numbers((next as typeof params).n)).toEqual([3])
    expect((next as typeof params).n).not.toBe(params.n)
    dispose(params, grads, state, next, after)
  })

  it('in a tree twice are two leaves', () => {
    const w = tf.tensor1d([1, 2])
    const params = { a: w, b: w }
    const state = tx.init(params)
    const [next, after] = step(tx)(params, state, params)
    expect(next.a).not.toBe(next.b)
    expect(numbers(next.a)).toEqual(numbers(next.b))
    dispose(params, state, next, after)
  })

  it('are all freed over a thousand steps that dispose what they replace', () => {
    const grads = { w: tf.tensor1d([1, -2, 3]), s: tf.scalar(1) }
    let params = { w: tf.tensor1d([1, 2, 3]), s: tf.scalar(0) }
    let state = tx.init(params)
    const { numTensors } = tf.memory()
    for (let i = 0; i < 1000; i++) {
      const [nextParams, nextState] = step(tx)(params, state, grads)
      dispose(params, state)
      params = nextParams
      state = nextState
    }
    expect(tf.memory().numTensors).toBe(numTensors)
    dispose(params, state, grads)
  })

  it('count the same inside a tidy that returns the step', () => {
    const params = { w: tf.tensor1d([1, 2]) }
    const state = tx.init(params)
    const before = tf.memory().numTensors
    const kept: unknown = tf.tidy(() => step(tx)(params, state, params) as never)
    expect(tf.memory().numTensors - before).toBe(3)
    dispose(params, state, kept)
  })

  it('are freed between the members of a chain that cannot be fused', () => {
    const mixed = chain(trace(0.9), ordinary(centralize()), masked(ordinary(centralize()), true), sgd(0.1))
    const params = { w: tf.ones<tf.Rank.R2>([2, 3]), b: tf.scalar(1) }
    const state = mixed.init(params)
    const left = tensorsLeft(() => dispose(mixed.update(params, state, params)))
    expect(left).toBe(0)
    const wrong = { w: tf.ones([3, 2]), b: tf.scalar(1) }
    expect(tensorsLeft(() => expect(() => step(mixed)(params, state, wrong)).toThrow(GradpipeError))).toBe(0)
    dispose(params, state, wrong)
  })
})

describe('applyUpdates', () => {
  it('adds, and keeps a parameter without an update', () => {
    expect(applyUpdates({ a: 1, b: [2, null] }, { a: 10, b: [null, null] } as Params)).toEqual({
      a: 11,
      b: [2, null],
    })
  })

  it('refuses updates that do not fit', () => {
    expect(thrown(() => applyUpdates({ a: 1 }, { b: 1 }))).toMatchObject({
      _tag: 'TreeMismatch',
      path: 'updates.a',
    })
  })
})
