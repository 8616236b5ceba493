import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { tidily } from '../../laws/tensor.js'
import {
  chain,
  dispose,
  fromRule,
  fromRuleAround,
  latex,
  max,
  mean,
  monitor,
  type NdArray,
  ndarray,
  norm,
  parameter,
  scale,
  slot,
  sum,
  trace,
} from '../../src/index.js'
import '../../src/tfjs/index.js'
import { rms } from '../../src/declare/reduction.js'
import { plan } from '../../src/rule/plan.js'
import { updateOutputs } from '../../src/rule/rule.js'
import { along, shapeAlong, widest } from '../../src/rule/scope.js'
import { viewOf } from '../../src/rule/view.js'
import { thrown } from '../thrown.js'

const leaf = (...shape: readonly number[]) => ({ path: ['w'], shape, dtype: 'float32' })

const rowsAndColumns = ({ shape }: { readonly shape: readonly number[] }) =>
  shape.length === 2 ? { rows: 0, columns: 1 } : null

/** Each row by its own greatest size so far. */
const byRows = () =>
  fromRule({
    axes: rowsAndColumns,
    slots: { r: slot('row', 0) },
    scalars: {},
    step: ({ g, ...old }) => {
      const r = old.r.max(max(g.abs(), 'row'))
      return { update: g.div(r), r }
    },
  })

beforeAll(async () => {
  await tf.setBackend('cpu')
})

describe('a view', () => {
  test('has the axes of rows and columns, and all others', () => {
    const { rows, columns, stack } = viewOf(leaf(2, 3, 4, 5), { rows: [-1], columns: 1 })
    expect([rows, columns, stack]).toEqual([[3], [1], [0, 2]])
  })

  test('names the leaf of which it wants what is not there', () => {
    expect(thrown(() => viewOf(leaf(2, 3), { rows: 0, columns: 2 }))).toMatchObject({
      _tag: 'ShapeMismatch',
      path: 'w',
      expected: 'an axis 2',
    })
    expect(thrown(() => viewOf(leaf(2, 3), { rows: 0, columns: -2 }))).toMatchObject({
      _tag: 'InvalidArgument',
      path: 'w',
    })
  })

  test('gives a value the shape of the leaf without the axes that it is the same along', () => {
    expect(shapeAlong(along([0, 2], 3), [2, 3, 4])).toEqual([2, 4])
    expect(along([0, 1], 2)).toBe('element')
    expect(along([], 2)).toBe('leaf')
    expect(widest([along([0], 3), along([1], 3), 'leaf'])).toBe(along([0, 1], 3))
    expect(widest([along([0], 2), along([1], 2)])).toBe('element')
  })
})

describe('a rule with a slot for each row', () => {
  test('keeps as many numbers as there are rows, and leaves alone what has none', () => {
    const tx = byRows()
    const params = { w: tf.tensor2d([1, 1, 1, 1, 1, 1], [2, 3]), b: 2 }
    const grads = { w: tf.tensor2d([1, -2, 4, 0, 8, 0], [2, 3]), b: -3 }
    const start = tx.init(params)
    const [updates, state] = tx.update(grads, start)
    expect((state.r as { readonly w: tf.Tensor }).w.arraySync()).toEqual([4, 8])
    expect(updates.w.arraySync()).toEqual([
      [0.25, -0.5, 1],
      [0, 1, 0],
    ])
    expect(updates.b).toBe(-3)
    expect(state.r).toMatchObject({ b: null })
    dispose(params, grads, start, updates, state)
  })

  test('refuses a state of another shape before anything is made', () => {
    tidily(() => {
      const { numTensors } = tf.memory()
      const tx = byRows()
      const w = tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3])
      const r = tf.tensor1d([1, 2, 3])
      expect(thrown(() => tx.update({ w }, { r: { w: r } }))).toMatchObject({
        _tag: 'ShapeMismatch',
        path: 'state.r.w',
        expected: 'float32 [2]',
      })
      expect(tf.memory().numTensors).toBe(numTensors + 2)
    })
  })

  test('is the same rule for leaves of one rank, and needs one stage', () => {
    const program = byRows().ruled?.begin().program
    const rule = program?.rule(leaf(2, 3))
    expect(program?.rule(leaf(4, 5))).toBe(rule)
    expect(rule && plan([updateOutputs(rule)]).stages).toBe(1)
  })

  test('prints with the indices of axes', () => {
    expect(latex(byRows())).toBe(
      String.raw`\begin{aligned}
r_t &= \max\left(r_{t-1}, \max_{j} \left|g_t\right|\right) \\
u_t &= \frac{g_t}{r_t}
\end{aligned}`,
    )
    const kinds = fromRule({
      axes: rowsAndColumns,
      slots: {},
      scalars: {},
      step: ({ g, p }) => ({
        update: mean(g, 'row').add(sum(g, 'column')).mul(norm(p, 'row')).div(rms(g, 'column')),
      }),
    })
    expect(latex(kinds)).toContain(String.raw`\operatorname{mean}_{j}\left(g_t\right) + \sum_{i} g_t`)
    expect(latex(kinds)).toContain(String.raw`\sqrt{\sum_{j} p_{t-1}^2}`)
    expect(latex(kinds)).toContain(String.raw`\sqrt{\operatorname{mean}_{i}\left(g_t^2\right)}`)
  })

  test('is refused where nothing says what rows are', () => {
    expect(
      thrown(() =>
        fromRule({ slots: {}, scalars: {}, step: ({ g }) => ({ update: g.sub(mean(g, 'row')) }) }),
      ),
    ).toMatchObject({ _tag: 'InvalidArgument', path: 'fromRule.axes' })
    expect(
      thrown(() =>
        fromRule({ slots: { r: slot('row', 0) }, scalars: {}, step: ({ g, r }) => ({ update: g, r }) }),
      ),
    ).toMatchObject({ _tag: 'InvalidArgument', path: 'fromRule.axes' })
    expect(thrown(() => monitor({ rows: (u) => norm(norm(u, 'row'), 'leaf') }))).toMatchObject({
      _tag: 'InvalidArgument',
      path: 'monitor.rows',
    })
  })

  test('leaves a leaf to what it is around', () => {
    const tx = fromRuleAround('inner', scale(2), {
      axes: rowsAndColumns,
      slots: {},
      scalars: {},
      step: ({ u }) => ({ update: u.sub(mean(u, 'row')) }),
    })
    tidily(() => {
      const grads = { w: tf.tensor2d([1, 3], [1, 2]), b: 5 }
      const [updates] = tx.update(grads, tx.init(grads))
      expect(updates.w.arraySync()).toEqual([[-2, 2]])
      expect(updates.b).toBe(10)
    })
  })

  test('a slot of rows in one leaf is one number of another, and both keep what is theirs', () => {
    const tx = fromRule({
      axes: ({ shape }) => (shape.length === 2 ? { rows: 1, columns: 0 } : { rows: [], columns: 0 }),
      slots: { r: slot('row', 0) },
      scalars: {},
      step: ({ g, ...old }) => {
        const r = old.r.add(sum(g, 'row'))
        return { update: r.add(g.mul(0)), r }
      },
    })
    const grads = {
      w: ndarray(Float64Array.of(1, 10, 2, 20), [2, 2]),
      b: ndarray(Float64Array.of(1, 2, 3), [3]),
    }
    const [, once] = tx.update(grads, tx.init(grads))
    const [{ w, b }] = tx.update(grads, once)
    expect([[...w.data], [...b.data]]).toEqual([
      [6, 60, 6, 60],
      [12, 12, 12],
    ])
  })

  test('views of different rules meet in one chain', () => {
    const byColumns = fromRule({
      axes: ({ shape }) => (shape.length === 2 ? { rows: 1, columns: 0 } : null),
      slots: { c: slot('row', 0) },
      scalars: {},
      step: ({ g, ...old }) => {
        const c = old.c.add(sum(g, 'row'))
        return { update: g.add(c), c }
      },
    })
    const tx = chain(byRows(), byColumns, trace(0.5))
    tidily(() => {
      const g = tf.tensor2d([1, 2, 8, 4], [2, 2])
      const [u, [rows, columns]] = tx.update(g, tx.init(g))
      expect((rows.r as tf.Tensor).arraySync()).toEqual([2, 8])
      expect((columns.c as tf.Tensor).arraySync()).toEqual([1.5, 1.5])
      expect(u.arraySync()).toEqual([
        [2, 2.5],
        [2.5, 2],
      ])
    })
  })
})

test('a slot starts from what each row, or each column, of the parameter is', () => {
  const tx = fromRule({
    axes: rowsAndColumns,
    slots: { r: slot('row', max(parameter, 'row')), c: slot('column', sum(parameter, 'column')) },
    scalars: {},
    step: ({ g, r, c }) => ({ update: g, r, c }),
  })
  const starts = { r: [3, 6], c: [5, 7, 9] }
  const state = tx.init(ndarray(Float64Array.of(1, 2, 3, 4, 5, 6), [2, 3])) as Record<'r' | 'c', NdArray>
  expect({ r: [...state.r.data], c: [...state.c.data] }).toEqual(starts)
  const p = tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3])
  const ofTensors = tx.init(p) as Record<'r' | 'c', tf.Tensor>
  expect({ r: [...ofTensors.r.dataSync()], c: [...ofTensors.c.dataSync()] }).toEqual(starts)
  dispose(p, ofTensors)
})
