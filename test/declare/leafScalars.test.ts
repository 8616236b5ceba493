/** Numbers that the host knows of each leaf: in rules, whatever computes them, and in what is made of rules. */
import '@tensorflow/tfjs-backend-cpu'
import '@tensorflow/tfjs-backend-wasm'
import * as tf from '@tensorflow/tfjs-core'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { scaleByShape } from '../../src/block/scaleByShape.js'
import { toOptax } from '../../src/export/index.js'
import {
  chain,
  constant,
  describe as described,
  dispose,
  fromRule,
  fromRuleAround,
  kernelStatistics,
  type LeafSpec,
  latex,
  masked,
  ndarray,
  scale,
  scaleByLeaf,
  slot,
  step,
  sum,
} from '../../src/index.js'
import { withInterpreter } from '../../src/tfjs/index.js'
import { thrown } from '../thrown.js'

beforeAll(async () => {
  await tf.setBackend('wasm')
})

let tensors = 0
beforeEach(() => {
  tensors = tf.memory().numTensors
})
afterEach(() => expect(tf.memory().numTensors).toBe(tensors))

const byLength = ({ shape: [n = 1] }: LeafSpec): number => 1 / n

describe('the scalars of a leaf', () => {
  test('are each leaf’s own, as one of its scope', () => {
    const tx = fromRule({
      slots: { seen: slot('leaf', 0), all: slot('tree', 0) },
      scalars: { lr: 2 },
      leafScalars: { k: byLength },
      step: ({ g, seen, all }, { lr, k }) => ({
        update: g.mul(k.mul(lr)),
        seen: seen.add(k),
        all: all.add(sum(constant(1).mul(k), 'tree')),
      }),
    })
    const grads = { a: Float64Array.of(1, 2), b: 3, c: Float64Array.of(4, 8, 12, 16) }
    const [updates, state] = tx.update(grads, tx.init(grads))
    expect(updates).toEqual({ a: Float64Array.of(1, 2), b: 6, c: Float64Array.of(2, 4, 6, 8) })
    expect(state).toEqual({ seen: { a: 0.5, b: 1, c: 0.25 }, all: 3 })
    expect(tx.update(grads, state)[1]).toEqual({ seen: { a: 1, b: 2, c: 0.5 }, all: 6 })
  })

  test('are asked for once per structure of trees, with the parts of names as keys', () => {
    const paths: string[] = []
    const tx = scaleByLeaf(({ path }) => {
      paths.push(path.join('|'))
      return 2
    })
    const grads = { 'dense/kernel': 1, list: [Float32Array.of(1)] }
    let state = tx.init(grads)
    for (let i = 0; i < 3; i++) state = tx.update(grads, state)[1]
    expect(paths).toEqual(['dense|kernel', 'list|0'])
    // another shape
    tx.update({ ...grads, list: [Float32Array.of(1, 2)] }, state)
    expect(paths).toHaveLength(4)
  })

  test('are those of the nested rule, each chain’s own', () => {
    const tx = chain(
      scaleByLeaf(({ shape }) => 2 + shape.length),
      masked(scaleByLeaf({ a: 10, b: 0 }), { a: true, b: false }),
      scaleByLeaf({ a: 5, b: 7 }),
    )
    const grads = { a: 1, b: Float64Array.of(1) }
    expect(tx.update(grads, tx.init(grads))[0]).toEqual({ a: 100, b: Float64Array.of(21) })
  })

  test('are read by a rule around another', () => {
    const tx = fromRuleAround('inner', scale(2), {
      slots: {},
      scalars: {},
      leafScalars: { k: byLength },
      step: ({ g, u }, { k }) => ({ update: u.sub(g).mul(k) }),
    })
    const grads = { a: Float64Array.of(4, 8), b: 3 }
    expect(tx.update(grads, tx.init(grads))[0]).toEqual({ a: Float64Array.of(2, 4), b: 3 })
  })

  test('are read beside rows', () => {
    const tx = fromRule({
      axes: () => ({ rows: 0, columns: 1 }),
      slots: {},
      scalars: {},
      leafScalars: { k: ({ shape: [m = 1, n = 1] }) => m / n },
      step: ({ g }, { k }) => ({ update: g.div(sum(g, 'row')).mul(k) }),
    })
    const g = ndarray(Float64Array.of(1, 3, 2, 2, 4, 0), [3, 2])
    const expected = [0.375, 1.125, 0.75, 0.75, 1.5, 0]
    expect(Array.from(tx.update(g, tx.init(g))[0].data)).toEqual(expected)
    const tensor = tf.tensor2d([1, 3, 2, 2, 4, 0], [3, 2])
    for (const interpreter of ['wasm', 'tensor'] as const) {
      const [u, state] = withInterpreter(interpreter, () => tx.update(tensor, tx.init(tensor)))
      expect(Array.from(u.dataSync())).toEqual(expected)
      dispose(u, state)
    }
    dispose(tensor)
  })
})

describe('kernels', () => {
  const shapes = Array.from({ length: 20 }, (_, i) => [i + 2, i + 3] as const)

  test('are one for leaves of many shapes, in place as well', () => {
    const grads = shapes.map((shape) => tf.ones<tf.Rank.R2>([...shape]))
    const tx = chain(
      scaleByLeaf(({ shape: [m = 1, n = 1] }) => m / n),
      scale(-1),
    )
    const { compilations, launches } = kernelStatistics()
    const [params, state] = step(tx, { donate: true })(
      shapes.map((shape) => tf.zeros<tf.Rank.R2>([...shape])),
      tx.init(grads),
      grads.map((g) => g.clone()),
    )
    expect(kernelStatistics().launches - launches).toBe(1)
    expect(kernelStatistics().compilations - compilations).toBeLessThanOrEqual(1)
    for (const [i, [m, n]] of shapes.entries())
      expect(new Set(params[i]?.dataSync())).toEqual(new Set([-Math.fround(m / n)]))
    dispose(grads, params, state)
  })

  test('are one for Muon’s factors by shape', () => {
    const grads = shapes.map(([m, n]) => tf.ones<tf.Rank.R2>([m, n]))
    const { launches } = kernelStatistics()
    const tx = chain(scaleByShape({}, 0.2), scale(2))
    const [updates, state] = tx.update(grads, tx.init(grads))
    expect(kernelStatistics().launches - launches).toBe(1)
    for (const [i, [m, n]] of shapes.entries())
      expect(new Set(updates[i]?.dataSync())).toEqual(
        new Set([Math.fround(2 * Math.fround(0.2 * Math.sqrt(Math.max(m, n))))]),
      )
    dispose(grads, updates, state)
  })
})

describe('what is wrong', () => {
  test.each([
    ['not a number', () => '1', '"1"'],
    ['NaN', () => Number.NaN, 'NaN'],
    ['infinite', ({ shape }: LeafSpec) => (shape.length === 0 ? 1 : 1 / 0), 'Infinity'],
    ['nothing', () => undefined, 'undefined'],
  ])('%s names the leaf, before anything is made', (_, of, given) => {
    const tx = fromRule({
      slots: {},
      scalars: {},
      // as JavaScript might have it
      leafScalars: { width: of as (leaf: LeafSpec) => number },
      step: ({ g }, { width }) => ({ update: g.mul(width) }),
    })
    const grads = { dense: { kernel: tf.ones([2]) } }
    const error = thrown(() => chain(scale(2), tx).update(grads, [{}, {}]))
    expect(error).toMatchObject({
      _tag: 'InvalidArgument',
      path: 'width.dense.kernel',
      expected: 'a finite number',
      given,
    })
    dispose(grads)
  })

  test('a name that a slot or a scalar has', () => {
    const rule = { slots: {}, scalars: { k: 1 }, leafScalars: { k: () => 1 } }
    expect(thrown(() => fromRule({ ...rule, step: ({ g }) => ({ update: g }) }))).toMatchObject({
      _tag: 'InvalidArgument',
      path: 'fromRule.leafScalars',
      given: 'k',
    })
  })

  test('factors that do not fit the tree', () => {
    const tx = scaleByLeaf({ a: 1, c: 2 })
    expect(thrown(() => tx.init({ a: 1, b: 1 }))).toMatchObject({ _tag: 'TreeMismatch', path: 'factor.c' })
    expect(thrown(() => tx.update({ a: 1, b: 1, c: 1 }, {}))).toMatchObject({
      _tag: 'TreeMismatch',
      path: 'factor.b',
    })
    expect(thrown(() => scaleByLeaf({ a: true as unknown as number }))).toMatchObject({
      _tag: 'InvalidArgument',
      path: 'scaleByLeaf.factor.a',
      expected: 'a number',
    })
  })
})

describe('what is made of a rule', () => {
  test('a formula names them', () => {
    expect(latex(scaleByLeaf(byLength))).toContain('u_t &= \\mathrm{factor}_{\\mathrm{leaf}} \\, g_t')
  })

  test('a description holds factors, and says where a function is', () => {
    expect(described(scaleByLeaf({ a: 1, b: 2 }))).toEqual({
      _tag: 'Right',
      right: { gradpipe: 1, $call: 'scaleByLeaf', args: [{ a: 1, b: 2 }] },
    })
    expect(described(scaleByLeaf(byLength))).toMatchObject({ left: { path: '$.args[0]' } })
    const own = fromRule({
      slots: {},
      scalars: {},
      leafScalars: { k: byLength },
      step: ({ g }, { k }) => ({ update: g.mul(k) }),
    })
    expect(described(chain(scale(1), own))).toMatchObject({ left: { path: '$.args[1].leafScalars.k' } })
  })

  test('a module for JAX has them per leaf', () => {
    const text = toOptax(chain(scaleByLeaf(byLength), scale(2)), {
      a: Float64Array.of(1, 2),
      b: [Float64Array.of(1, 2), Float64Array.of(1, 2, 3, 4)],
    })
    expect(text).toContain('def rule(g, p, slots, numbers, factor):')
    expect(text).toContain('factor = jnp.asarray(factor, like)')
    expect(text).toContain('steps=((functools.partial(rule, factor=0.5),),)')
    expect(text.replace(/\s+/g, ' ')).toContain('"a": LEAF_1, "b.0": LEAF_1, "b.1": LEAF_2')
  })
})
