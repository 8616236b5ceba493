import { describe, expect, it } from 'vitest'
import { loopOf } from '../../src/compile/loop.js'
import { structureOf } from '../../src/compile/structure.js'
import {
  Binary,
  Compare,
  Const,
  type Expr,
  Gradient,
  Parameter,
  Reduce,
  Scalar,
  Select,
  Slot,
  Unary,
} from '../../src/rule/expr.js'

describe('the structure of a loop', () => {
  /** Momentum, by any names. */
  const momentum = (slot: string, decay: string): Expr =>
    Binary('add', Binary('mul', Scalar(decay), Slot(slot, 'element')), Gradient)

  const structure = (stores: readonly Expr[], reductions: readonly Reduce[] = []): string =>
    structureOf(loopOf(stores, reductions))

  it('is that of the same loop with other names of slots and scalars', () => {
    const [one, other] = [momentum('trace', 'b'), momentum('m', 'mu')]
    expect(one).not.toBe(other)
    expect(structure([one])).toBe(structure([other]))
    // a scalar, and what is made of scalars or reduced alike, are one number each
    const reduced = Reduce('sum', 'leaf', Gradient)
    expect(structure([Binary('mul', Gradient, Scalar('a'))])).toBe(
      structure([Binary('mul', Gradient, reduced)]),
    )
  })

  const m = Slot('m', 'element')
  const n = Slot('n', 'element')
  const a = Scalar('a')
  it.each<readonly [string, Expr, Expr]>([
    ['operators', Binary('add', Gradient, Parameter), Binary('sub', Gradient, Parameter)],
    ['functions', Unary('exp', Gradient), Unary('log', Gradient)],
    ['order of operands', Binary('sub', Binary('add', m, n), n), Binary('sub', n, Binary('add', m, n))],
    ['streams that occur twice', Binary('mul', m, m), Binary('mul', m, n)],
    [
      'numbers that occur twice',
      Binary('mul', Binary('add', m, a), a),
      Binary('mul', Binary('add', m, a), Const(2)),
    ],
    ['comparisons', Select(Compare('lt', m, n), m, n), Select(Compare('le', m, n), m, n)],
    ['choices', Select(Compare('lt', m, n), m, n), Select(Compare('lt', m, n), n, m)],
  ])('tells %s apart', (_, one, other) => {
    expect(structure([one])).not.toBe(structure([other]))
  })

  it('tells apart what is stored and what is reduced, how, and how many', () => {
    const [sum, max] = [Reduce('sum', 'leaf', Gradient), Reduce('max', 'leaf', Gradient)]
    const all = [
      structure([Gradient]),
      structure([Gradient, Parameter]),
      structure([], [sum]),
      structure([], [max]),
      structure([], [sum, max]),
      structure([], [max, sum]),
    ]
    expect(new Set(all).size).toBe(all.length)
  })

  it('does not depend on whether a reduction is over a leaf or a tree', () => {
    expect(structure([], [Reduce('sum', 'leaf', m)])).toBe(structure([], [Reduce('sum', 'tree', n, 'norm')]))
  })
})
