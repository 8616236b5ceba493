import { describe, expectTypeOf, test } from 'vitest'
import {
  type Condition,
  constant,
  fromRule,
  type GradientTransformation,
  max,
  mean,
  multiDot,
  norm,
  orthogonalize,
  type Params,
  parameter,
  select,
  slot,
  sum,
  type Term,
  type TreeValue,
  zeros,
} from '../../src/index.js'

describe('a term', () => {
  const g = parameter
  test('has the wider scope of its parts', () => {
    expectTypeOf(constant(1).add(2)).toEqualTypeOf<Term<'host'>>()
    expectTypeOf(constant(1).mul(norm(g, 'tree'))).toEqualTypeOf<Term<'tree'>>()
    expectTypeOf(norm(g, 'leaf').div(norm(g, 'tree'))).toEqualTypeOf<Term<'leaf'>>()
    expectTypeOf(g.mul(2).add(norm(g, 'tree'))).toEqualTypeOf<Term<'element'>>()
    expectTypeOf(select(norm(g, 'tree').lt(1), 1, 2)).toEqualTypeOf<Term<'tree'>>()
    expectTypeOf(g.gt(0)).toEqualTypeOf<Condition<'element'>>()
  })
  test('is neither a number nor a truth value', () => {
    // @ts-expect-error a condition is chosen by, not computed with
    g.add(g.gt(0))
    // @ts-expect-error a term is no condition
    select(g, 1, 2)
    // @ts-expect-error there is no arithmetic on terms but their methods
    g * 2
  })
})

describe('fromRule', () => {
  test('has scalars of leaves beside those of all', () => {
    fromRule({
      slots: { n: slot('leaf', 0) },
      scalars: { b: 0.9 },
      leafScalars: { width: ({ path, shape, dtype }) => path.length + shape.length + dtype.length },
      step: ({ g, n }, { b, width }) => {
        expectTypeOf(width).toEqualTypeOf<Term<'leaf'>>()
        expectTypeOf(b.mul(width)).toEqualTypeOf<Term<'leaf'>>()
        return { update: g.mul(width), n: n.add(width) }
      },
    })
    fromRule({
      slots: { d: slot('tree', 0) },
      scalars: {},
      leafScalars: { width: () => 1 },
      // @ts-expect-error a leaf's number is wider than the tree's
      step: ({ g }, { width }) => ({ update: g, d: width }),
    })
    fromRule({
      slots: {},
      scalars: {},
      // @ts-expect-error a number is wanted
      leafScalars: { width: () => '1' },
      step: ({ g }) => ({ update: g }),
    })
  })

  test('computes the state from slots and scalars', () => {
    const tx = fromRule({
      slots: { mu: zeros, n: slot('leaf', 0), d: slot('tree', 0) },
      scalars: ({ t }) => ({ b: 0.9, t }),
      step: ({ g, p, mu, n, d }, { b, t }) => {
        expectTypeOf(g).toEqualTypeOf<Term<'element'>>()
        expectTypeOf(p).toEqualTypeOf<Term<'element'>>()
        expectTypeOf(mu).toEqualTypeOf<Term<'element'>>()
        expectTypeOf(n).toEqualTypeOf<Term<'leaf'>>()
        expectTypeOf(d).toEqualTypeOf<Term<'tree'>>()
        expectTypeOf(b).toEqualTypeOf<Term<'host'>>()
        expectTypeOf(t).toEqualTypeOf<Term<'host'>>()
        return { update: g, mu: g, n: sum(g, 'tree'), d: t }
      },
    })
    expectTypeOf(tx.init(1).count).toEqualTypeOf<number>()
    expectTypeOf(tx.init(1).mu).toEqualTypeOf<Params>()
    expectTypeOf(tx.init(1).d).toEqualTypeOf<TreeValue>()
  })

  test('has no count where the scalars are constant', () => {
    const tx = fromRule({ slots: {}, scalars: { b: 1 }, step: ({ g }, { b }) => ({ update: g.mul(b) }) })
    // @ts-expect-error nothing counts
    tx.init(1).count
  })

  test('refuses what would be wrong', () => {
    // @ts-expect-error a slot that the rule forgets
    fromRule({ slots: { mu: zeros, nu: zeros }, scalars: {}, step: ({ g }) => ({ update: g, mu: g }) })
    // @ts-expect-error an element where a leaf's scalar belongs
    fromRule({ slots: { n: slot('leaf', 0) }, scalars: {}, step: ({ g }) => ({ update: g, n: g }) })
    const slots = { d: slot('tree', 0) }
    // @ts-expect-error a leaf's scalar where the tree's belongs
    fromRule({ slots, scalars: {}, step: ({ g }) => ({ update: g, d: norm(g, 'leaf') }) })
    // @ts-expect-error a scalar that was not declared
    fromRule({ slots: {}, scalars: { b: 1 }, step: ({ g }, { c }) => ({ update: g.mul(c) }) })
    // @ts-expect-error a slot that was not declared
    fromRule({ slots: {}, scalars: {}, step: ({ g, mu }) => ({ update: g.add(mu) }) })
    // @ts-expect-error no update
    fromRule({ slots: { mu: zeros }, scalars: {}, step: ({ g }) => ({ mu: g }) })
    // @ts-expect-error a tree's slot cannot start as a leaf's value
    slot('tree', norm(parameter, 'leaf'))
  })

  test('knows rows, columns and matrices', () => {
    const axes = () => ({ rows: 0, columns: 1 })
    const [row, column, matrix] = [sum(parameter, 'row'), max(parameter, 'column'), mean(parameter, 'matrix')]
    expectTypeOf(row).toEqualTypeOf<Term<'row'>>()
    expectTypeOf(row.mul(norm(parameter, 'leaf')).add(matrix)).toEqualTypeOf<Term<'row'>>()
    expectTypeOf(row.mul(column)).toEqualTypeOf<Term<'element'>>()
    expectTypeOf(column.add(parameter)).toEqualTypeOf<Term<'element'>>()
    expectTypeOf(sum(row, 'column')).toEqualTypeOf<Term<'column'>>()
    const tx = fromRule({
      axes,
      slots: { r: slot('row', 0), c: slot('column', sum(parameter, 'column')), k: slot('matrix', 1) },
      scalars: {},
      // a row's value, and narrower ones, where an element's belongs
      step: ({ g, r, c, k }) => ({ update: r.add(k), r: sum(g, 'row'), c: c.add(k), k: sum(r, 'matrix') }),
    })
    expectTypeOf(tx.init(1).r).toEqualTypeOf<Params>()
    const slots = { r: slot('row', 0) }
    // @ts-expect-error an element where a row's value belongs
    fromRule({ axes, slots, scalars: {}, step: ({ g, r }) => ({ update: g, r: r.add(g) }) })
    // @ts-expect-error a column's value where a row's belongs
    fromRule({ axes, slots, scalars: {}, step: ({ g }) => ({ update: g, r: sum(g, 'column') }) })
    // @ts-expect-error a row's value where a matrix's belongs
    fromRule({ axes, slots: { k: slot('matrix', 0) }, scalars: {}, step: ({ g }) => ({ update: g, k: row }) })
    // @ts-expect-error a leaf's slot cannot start as a row's value
    slot('leaf', row)
  })

  test('has matrices of elements alone', () => {
    const step = ({ g, p }: { readonly g: Term<'element'>; readonly p: Term<'element'> }) => {
      expectTypeOf(multiDot(g, p, g)).toEqualTypeOf<Term<'element'>>()
      return { update: orthogonalize(multiDot(g, p, g)) }
    }
    expectTypeOf(fromRule({ slots: {}, scalars: {}, step })).toExtend<GradientTransformation>()
    // @ts-expect-error a leaf's value is no matrix
    multiDot(parameter, norm(parameter, 'leaf'), parameter)
    // @ts-expect-error nor is a row's
    multiDot(sum(parameter, 'row'), parameter, parameter)
    // @ts-expect-error nor a number
    multiDot(parameter, parameter, 1)
    // @ts-expect-error of two there is none of the leaf's shape
    multiDot(parameter, parameter)
    // @ts-expect-error a column's value has no orthogonal factor
    orthogonalize(sum(parameter, 'column'))
  })

  test('is a gradient transformation like any other', () => {
    expectTypeOf(
      fromRule({ slots: {}, scalars: {}, step: ({ g }) => ({ update: g }) }),
    ).toExtend<GradientTransformation>()
  })
})
