/** Sources: where the scalars of a step come from, for who prints a rule or writes it down. */

import { tape } from '../compile/tape.js'
import type { DeclaredScalar, Step } from '../program/program.js'
import { Const, type Expr, Scalar } from '../rule/expr.js'
import { Term } from '../rule/term.js'
import type { Clock } from './ruleSpec.js'

/**
 * Where a scalar of a program comes from:
 *
 * - a number that is the same in every step;
 * - a term in the scalar `count`, the number of updates made before, which the state has beside the rule's slots: that of
 *   the scalar `0.learningRate` stands at `0.count`;
 * - a number that the state keeps under the scalar's name, with its first value and its next one, a term in the scalars of
 *   the same rule;
 * - an extra argument;
 * - a function of the same count that nothing more is known of: it can be tabulated.
 *
 * Names in terms are those that the rule gave them, `learningRate`, without its place in the state.
 */
export type ScalarSource =
  | { readonly _tag: 'Constant'; readonly value: number }
  | { readonly _tag: 'Counted'; readonly term: Expr }
  | { readonly _tag: 'Opaque'; readonly at: (count: number) => number }
  | Exclude<DeclaredScalar, { readonly _tag: 'Declared' }>

/** Counts at which a term must give what the function of the clock gives. */
const tried: readonly number[] = [0, 1, 2, 3, 5, 10, 100, 1000, 12345]

/** What a function of the clock gives for a clock of terms; nothing where it calculates, in which terms do not take part. */
const symbolic = (scalars: (clock: Clock) => object): ReadonlyMap<string, unknown> => {
  const count = new Term(Scalar('count'), 'host')
  const clock: unknown = { count, t: count.add(1) }
  try {
    // a function that looks at the numbers of its clock finds terms, which throw
    return new Map<string, unknown>(Object.entries(scalars(clock as Clock)))
  } catch {
    return new Map()
  }
}

/** Whether a term in the count gives these numbers. */
const gives = (term: Expr, at: (count: number) => number): boolean => {
  try {
    const { values, run } = tape([term], [Scalar('count')])
    const result = new Float64Array(1)
    return tried.every((count) => {
      values[0] = count
      run(result)
      return Object.is(result[0], at(count))
    })
  } catch {
    // a schedule that leaves its range, or a term in something else
    return false
  }
}

/**
 * Where the scalars of a step come from, in its program's order; `undefined` where somebody else gives the numbers, as
 * `injectHyperparams`.
 *
 * A function of the clock is called once with terms. What it hands on, `t`, or a schedule that is a term at `count`, comes
 * back as a term; what it computes with JavaScript's own operators stays a function. What is found is held against the
 * numbers, since a function may ask whether the count `=== 0`.
 */
export const sourcesOf = ({ declared }: Step<unknown>): readonly ScalarSource[] | undefined => {
  const asked = new Map<object, ReadonlyMap<string, unknown>>()
  return declared()?.map((scalar): ScalarSource => {
    if (scalar._tag !== 'Declared') return scalar
    const { name, among } = scalar
    if (typeof among !== 'function') return { _tag: 'Constant', value: among[name] ?? Number.NaN }
    const at = (count: number): number => among({ count, t: count + 1 })[name] ?? Number.NaN
    const found = asked.get(among) ?? symbolic(among)
    asked.set(among, found)
    const value = found.get(name)
    if (typeof value === 'number' && gives(Const(value), at)) return { _tag: 'Constant', value }
    if (value instanceof Term && gives(value.expr, at)) return { _tag: 'Counted', term: value.expr }
    return { _tag: 'Opaque', at }
  })
}
