import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  type Condition,
  clipByGlobalNorm,
  dispose,
  fromRule,
  GradpipeError,
  max,
  norm,
  parameter,
  scale,
  select,
  slot,
  step,
  type Term,
  tree,
  zeros,
} from '../../../src/index.js'
import { withInterpreter } from '../../../src/tfjs/index.js'
import { backends, numbers, tensorsLeft, useBackend } from '../../backends.js'

const special = [0, -0, 1, -1.5, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 3e38, 1e-30]
const pairs = special.flatMap((x) => special.map((y) => [x, y] as const))

type E = Term<'element'>
const operators: Readonly<Record<string, (x: E, y: E) => E>> = {
  add: (x, y) => x.add(y),
  sub: (x, y) => x.sub(y),
  mul: (x, y) => x.mul(y),
  div: (x, y) => x.div(y),
  min: (x, y) => x.min(y),
  max: (x, y) => x.max(y),
  neg: (x) => x.neg(),
  abs: (x) => x.abs(),
  sqrt: (x) => x.sqrt(),
  sign: (x) => x.sign(),
  exp: (x) => x.exp(),
  log: (x) => x.log(),
  tanh: (x) => x.tanh(),
}
const comparisons: Readonly<Record<string, (x: E, y: E) => Condition<'element'>>> = {
  lt: (x, y) => x.lt(y),
  le: (x, y) => x.le(y),
  gt: (x, y) => x.gt(y),
  ge: (x, y) => x.ge(y),
  eq: (x, y) => x.eq(y),
  ne: (x, y) => x.ne(y),
}

const rule = (update: (x: E, y: E) => E) =>
  fromRule({ slots: {}, scalars: {}, step: ({ g, p }) => ({ update: update(g, p) }) })

const compute = (update: (x: E, y: E) => E) => {
  const tx = rule(update)
  const [x, y] = [pairs.map(([a]) => a), pairs.map(([, b]) => b)]
  const state = tx.init(0)
  const expected = tx.update(Float32Array.from(x), state, Float32Array.from(y))[0]
  const [tx1, ty1] = [tf.tensor1d(x), tf.tensor1d(y)]
  const [given] = tx.update(tx1, state, ty1)
  const result = numbers(given)
  tf.dispose([tx1, ty1, given])
  return { expected: [...expected], result }
}

describe.each(backends)('on %s, special values', (backend) => {
  beforeAll(() => useBackend(backend))

  it.each(Object.entries(operators))('pass through %s as in float32 numbers', (name, operator) => {
    const { expected, result } = compute(operator)
    for (const [i, value] of expected.entries()) {
      const given = result[i] ?? Number.NaN
      const at = `of ${pairs[i]?.join(' and ')}`
      if (Number.isFinite(value) && value !== 0) expect(given / value, at).toBeCloseTo(1, 5)
      // of two zeros min and max may give either
      else if (value === 0 && (name === 'min' || name === 'max')) expect(Math.abs(given), at).toBe(0)
      else expect(given, at).toBe(value)
    }
  })

  it.each(Object.entries(comparisons))('compare by %s as numbers do', (_, comparison) => {
    const { expected, result } = compute((x, y) => select(comparison(x, y), 1, 0))
    expect(result).toEqual(expected)
  })
})

describe.each(backends)('on %s, a step on tensors', (backend) => {
  beforeAll(() => useBackend(backend))

  const everyScope = fromRule({
    slots: { m: slot('element', parameter), n: slot('leaf', norm(parameter, 'leaf')), d: slot('tree', 0) },
    scalars: ({ t }) => ({ rate: 0.1, t }),
    step: ({ g, m, n, d }, { rate, t }) => {
      const next = d.add(norm(g, 'tree').div(t))
      return { update: g.mul(next).mul(rate).sub(n), m, n: n.max(max(g, 'leaf')), d: next }
    },
  })
  const trees = () => ({
    matrix: tf.tensor2d([
      [1, -2, 3],
      [4, 5, -6],
    ]),
    scalar: tf.scalar(2),
    empty: tf.zeros([0, 3]),
    nothing: null,
    deep: [tf.ones([1, 1, 5])],
  })

  it('returns exactly the new tensors and leaves its arguments alone', () => {
    const params = trees()
    const grads = trees()
    const state = everyScope.init(params)
    const before = numbers(params.matrix)
    let result: unknown
    // an update and two slots for each of four leaves, and one slot for the tree
    const left = tensorsLeft(() => {
      result = everyScope.update(grads, state, params)
    })
    expect(left).toBe(4 + 4 + 4 + 1)
    expect(numbers(params.matrix)).toEqual(before)
    expect(numbers(grads.matrix)).toEqual(before)
    expect(tensorsLeft(() => dispose(params, grads, state, result))).toBe(-(4 + 4 + 9 + 13))
  })

  it('gives every output its shape, empty leaves and scalars among them', () => {
    const params = trees()
    const [[updates, state], first] = [step(everyScope)(params, everyScope.init(params), params), params]
    expect(updates.matrix.shape).toEqual([2, 3])
    expect(updates.scalar.shape).toEqual([])
    expect(updates.empty.shape).toEqual([0, 3])
    expect(updates.deep[0]?.shape).toEqual([1, 1, 5])
    expect(updates.nothing).toBeNull()
    const { n, d } = state
    expect(tree.leaves(n).map(([path, leaf]) => [tree.showPath(path), (leaf as tf.Tensor).shape])).toEqual([
      ['deep.0', []],
      ['empty', []],
      ['matrix', []],
      ['scalar', []],
    ])
    expect((d as tf.Tensor).dataSync()[0]).toBeCloseTo(Math.sqrt(91 + 4 + 5), 5)
    dispose(first, updates, state)
  })

  it('gives outputs that share a value memory of their own', () => {
    const shared = fromRule({
      slots: { a: zeros, b: zeros },
      scalars: { k: 3 },
      step: ({ g }, { k }) => ({ update: g, a: g, b: k }),
    })
    const params = tf.tensor1d([1, 2])
    const state = shared.init(params)
    const [update, next] = shared.update(params, state)
    dispose(params, state.a, state.b, update)
    expect(numbers(next.a)).toEqual([1, 2])
    expect(numbers(next.b)).toEqual([3, 3])
    dispose(next.a, next.b)
  })

  it('leaves nothing behind when the backend fails in the middle', () => {
    const params = tf.tensor1d([1, 2])
    const broken = fromRule({ slots: {}, scalars: {}, step: ({ g }) => ({ update: g.square().exp() }) })
    const kernel = tf.getKernel('Exp', backend)
    tf.unregisterKernel('Exp', backend)
    try {
      const run = () => withInterpreter('tensor', () => broken.update(params, {}))
      expect(tensorsLeft(() => expect(run).toThrow(/Exp/))).toBe(0)
    } finally {
      tf.registerKernel(kernel)
    }
    params.dispose()
  })
})

describe('a tree of tensors and numbers', () => {
  it('is stepped leaf by leaf where nothing is reduced over the tree', () => {
    const params = { a: tf.tensor1d([1, 2]), b: 3 }
    const [updates] = scale(2).update(params, {})
    expect(numbers(updates.a)).toEqual([2, 4])
    expect(updates.b).toBe(6)
    tf.dispose([params, updates])
  })

  it('is refused where something is', () => {
    const params = { a: tf.tensor1d([1, 2]), b: 3 }
    expect(
      tensorsLeft(() => expect(() => clipByGlobalNorm(1).update(params, {})).toThrow(GradpipeError)),
    ).toBe(0)
    params.a.dispose()
  })
})
