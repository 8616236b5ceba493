import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import {
  adam,
  addNoise,
  chain,
  clipByGlobalNorm,
  dispose,
  ema,
  fromRule,
  injectHyperparams,
  type LeafSpec,
  masked,
  norm,
  type Params,
  partition,
  scaleByAdam,
  sgd,
  slot,
  type Tree,
  trace,
  tree,
} from '../../src/index.js'
import { tensorsLeft, useBackend } from '../backends.js'
import { thrown } from '../thrown.js'

const params = { w: [1, 2], b: 3 }

describe('a look-up in a state', () => {
  const tx = chain(clipByGlobalNorm(1), masked(scaleByAdam(), true), ema(0.9))
  const state = tx.init(params)

  it('finds a name wherever it stands', () => {
    expect(tree.get(state, 'mu')).toEqual({ w: [0, 0], b: 0 })
    expect(tree.get(state, 'innerState')).toBe(state[1].innerState)
    expect(tree.getAllWithPath(state, 'count').map(([path, value]) => [tree.showPath(path), value])).toEqual([
      ['1.innerState.count', 0],
      ['2.count', 0],
    ])
  })

  it('finds what stands inside of another value of the name', () => {
    const nested = { a: { a: 1, b: [{ a: 2 }] } }
    expect(tree.getAllWithPath(nested, 'a').map(([path]) => tree.showPath(path))).toEqual([
      'a',
      'a.a',
      'a.b.0.a',
    ])
  })

  it('wants to be told which of several is meant', () => {
    expect(thrown(() => tree.get(state, 'count'))).toMatchObject({
      _tag: 'InvalidArgument',
      path: 'tree.get.count',
      given: '2: 1.innerState.count, 2.count',
    })
    expect(tree.get(state, 'count', { filtering: ([first]) => first === 2 })).toBe(0)
    expect(tree.get(state, 'count', { filtering: (_, value) => value === 1, defaultValue: 'none' })).toBe(
      'none',
    )
  })

  it('gives a default for what is not there, null and 0 too', () => {
    expect(tree.get(state, 'trace')).toBeUndefined()
    expect(tree.get(state, 'trace', { defaultValue: 0 })).toBe(0)
    expect(tree.get(null, 'trace', { defaultValue: null })).toBeNull()
    expect(tree.get(5, 'trace')).toBeUndefined()
  })

  it('refuses unknown options', () => {
    const given: unknown = { default: 3 }
    expect(thrown(() => tree.get(state, 'mu', given as object))).toMatchObject({ path: 'tree.get.default' })
  })
})

describe('a name set in a state', () => {
  const tx = chain(scaleByAdam(), ema(0.9))
  const state = tx.init(params)

  it('is set wherever it stands, and the state that was given stays', () => {
    const after = tree.set(state, { count: 7 })
    expect([after[0].count, after[1].count]).toEqual([7, 7])
    expect([state[0].count, state[1].count]).toEqual([0, 0])
    expect(after[0].mu).toEqual(state[0].mu)
  })

  it('is set where the filtering says', () => {
    const after = tree.set(state, { count: 7 }, { filtering: ([first]) => first === 1 })
    expect([after[0].count, after[1].count]).toEqual([0, 7])
  })

  it('changes what is computed: a learning rate', () => {
    const injected = injectHyperparams((h: { readonly learningRate: number }) => sgd(h.learningRate))({
      learningRate: 0.5,
    })
    const slower = tree.set(injected.init(0), { learningRate: 0.25 })
    expect(injected.update(1, slower)[0]).toBe(-0.25)
  })

  it('must be there', () => {
    expect(thrown(() => tree.set(state, { count: 1, trace: 2 }))).toMatchObject({
      _tag: 'InvalidArgument',
      path: 'tree.set.trace',
    })
    expect(thrown(() => tree.set(state, { count: 1 }, { filtering: () => false })).path).toBe(
      'tree.set.count',
    )
  })
})

describe('mapParams', () => {
  const labelled = new Map([
    ['0', 'fast'],
    ['1', 'fast'],
    ['b', 'slow'],
  ])
  const double = (leaf: unknown): number => 2 * Number(leaf)

  it('maps what is shaped like the parameters, in chains, masks and partitions, and keeps the rest', () => {
    const labels = ({ path }: { readonly path: readonly unknown[] }): string =>
      path.includes('b') ? 'slow' : 'fast'
    const tx = chain(
      addNoise(0, 0, { key: [1, 2] }),
      partition({ fast: adam(0.1), slow: trace(0.5) }, labels),
      masked(trace(0.9), { w: true, b: false }),
    )
    const [, state] = tx.update({ w: [1, 2], b: 3 }, tx.init(params))
    const mapped = tree.mapParams(tx, double, state, params)
    const leaves = (of: unknown) =>
      tree.leaves(of as Params).map(([path, leaf]) => [tree.showPath(path), leaf])
    const moments = /\.(mu|nu|trace)\./
    expect(leaves(mapped)).toEqual(
      leaves(state).map(([path, leaf]) => [path, moments.test(String(path)) ? double(leaf) : leaf]),
    )
    expect(leaves(state).filter(([path]) => moments.test(String(path))).length).toBe(7)
    expect(tree.get(mapped, 'rngKey')).toEqual(tree.get(state, 'rngKey'))
  })

  it.each([
    ['the first key', ({ path }: LeafSpec) => (path[0] === 'b' ? 'slow' : path[0] === 'w' ? 'fast' : 'none')],
    [
      'the last key',
      ({ path }: LeafSpec) => (path.at(-1) === 'b' ? 'slow' : path.at(-1) === 1 ? 'fast' : 'slow'),
    ],
    ['the last key, of these alone', ({ path }: LeafSpec) => labelled.get(String(path.at(-1))) ?? 'none'],
  ])('finds its way through labels by %s', (_, labels) => {
    const tx = partition({ fast: trace(0.1), slow: trace(0.5) }, labels)
    const state = tx.init(params)
    const mapped = tree.mapParams(tx, () => 1, state, params)
    const sum = (of: unknown): number => tree.sum(of as Tree<number>)
    expect([sum(state), sum(mapped)]).toEqual([0, 3])
  })

  it('tells a moment from a count where the parameters are one number', () => {
    const tx = scaleByAdam()
    const state = tx.update(3, tx.init(1))[1]
    expect(tree.mapParams(tx, () => -1, state, 1)).toEqual({ count: 1, mu: -1, nu: -1 })
  })

  it('tells a slot from a parameter of its name', () => {
    const tx = trace(0.5)
    const nested = { trace: { w: 1 }, w: 2 }
    const seen: (readonly [unknown, unknown, string])[] = []
    tree.mapParams(
      tx,
      (leaf, param, path) => {
        seen.push([leaf, param, tree.showPath(path)])
        return leaf
      },
      tx.init(nested),
      nested,
    )
    expect(seen).toEqual([
      [0, 1, 'trace.trace.w'],
      [0, 2, 'trace.w'],
    ])
  })

  it('sees one value per leaf as the leaf’s, and one for the whole tree as none', () => {
    const tx = fromRule({
      slots: { each: slot('leaf', 1), all: slot('tree', 2) },
      scalars: {},
      step: ({ g, each }) => ({ update: g, each, all: norm(g, 'tree') }),
    })
    const state = tx.init(params)
    expect(
      tree.mapParams(tx, () => 5, state, params, { transformNonParams: (value) => [value, 'other'] }),
    ).toEqual({
      each: { w: [5, 5], b: 5 },
      all: [2, 'other'],
    })
  })

  it('refuses a state that is not the transformation’s', () => {
    const map = (state: unknown) => () => tree.mapParams(scaleByAdam(), () => 0, state as never, params)
    expect(thrown(map(trace(0.9).init(params)))).toMatchObject({ _tag: 'TreeMismatch', path: 'state' })
    expect(thrown(map({ count: 0, mu: { w: [1, 2] }, nu: params }))).toMatchObject({ path: 'state.mu' })
    expect(thrown(map({ count: 0, mu: { w: [1, 2], c: 1 }, nu: params }))).toMatchObject({
      path: 'state.mu.c',
    })
    expect(thrown(map({ count: 0, mu: { w: [1, [2]], b: 1 }, nu: params }))).toMatchObject({
      path: 'state.mu.w.1',
    })
    expect(thrown(map({ count: [0], mu: params, nu: params }))).toMatchObject({ path: 'state.count' })
  })

  it('leaves no tensor behind', async () => {
    await useBackend('cpu')
    const tx = adam(0.1)
    const left = tensorsLeft(() => {
      const tensors = { w: tf.ones([2]) }
      const state = tx.init(tensors)
      const inBytes = tree.mapParams(tx, (_, param) => (typeof param === 'number' ? 1 : 8), state, tensors)
      expect(inBytes[0]).toEqual({ count: 0, mu: { w: 8 }, nu: { w: 8 } })
      dispose(tensors, state)
    })
    expect(left).toBe(0)
  })
})
