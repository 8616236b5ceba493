/** fromTerm: a schedule that is a term in the count. */

import { bringErf } from '../compile/float64.js'
import { tape } from '../compile/tape.js'
import { GradpipeError } from '../error.js'
import { type Call, called } from '../options.js'
import { callable, checkRanges } from '../range.js'
import { withoutUnused } from '../rule/condition.js'
import { type Expr, Scalar } from '../rule/expr.js'
import { rewrite, subterms } from '../rule/fold.js'
import { exprOf, type Operand, Term } from '../rule/term.js'
import type { Schedule } from './schedule.js'

/** What a term of a schedule is made of, besides constants. */
const Count = Scalar('count')

/** The count, as a term. */
export const countTerm: Term<'host'> = new Term(Count, 'host')

/** A schedule that is known as a term: given the count as a term, it gives its value as one. */
interface TermSchedule extends Schedule {
  (count: Term<'host'>): Term<'host'>
  /** @internal */
  readonly term: Expr
}

/** The term of a schedule, in the scalar `count`; `undefined` of a function that was not made of one. */
export const termOf = (schedule: Schedule): Expr | undefined =>
  'term' in schedule ? (schedule as TermSchedule).term : undefined // nobody else gives functions a term

/** The value of a schedule at a count that is a term; `undefined` of a function that was not made of one. */
export const termAt = (schedule: Schedule, count: Term<'host'>): Term<'host'> | undefined =>
  'term' in schedule ? (schedule as TermSchedule)(count) : undefined

/** A schedule of its term, which is made of the count and constants. */
const ofTerm = (term: Expr): Schedule => {
  const at = rewriting(term)
  if (term._tag === 'Const') {
    const { value } = term
    return carrying(term, at, () => value)
  }
  let known: ((count: number) => number) | undefined
  return carrying(term, at, (count) => {
    known ??= computing(term)
    return known(count)
  })
}

/** What a term is where the count is another one. */
const rewriting =
  (term: Expr) =>
  (count: Term<'host'>): Term<'host'> =>
    new Term(rewrite((node) => (node === Count ? count.expr : node))(term), 'host')

const computing = (term: Expr): ((count: number) => number) => {
  const { values, run } = tape([term], [Count])
  const result = new Float64Array(1)
  return (count) => {
    values[0] = count
    run(result)
    return result[0] as number // the one that was written
  }
}

const carrying = (
  term: Expr,
  symbolic: (count: Term<'host'>) => Term<'host'>,
  numeric: (count: number) => number,
): Schedule => {
  const schedule = (count: number | Term<'host'>): number | Term<'host'> =>
    typeof count === 'number' ? numeric(count) : symbolic(count)
  // a number for a number, and a term for a term
  return Object.assign(schedule as { (count: number): number; (count: Term<'host'>): Term<'host'> }, { term })
}

/**
 * Makes a schedule of a term. Being data, it is printed by `latex`, described by `describe`, and goes along where a rule is
 * printed for another language; the library's own schedules are made so.
 *
 * The function is called once. The value is computed on the host, in float64, as the methods of `Term` say, in some hundreds
 * of nanoseconds.
 *
 * Throws `InvalidArgument` for a result that is made of anything but the count and numbers, and for a comparison that
 * nothing is made of.
 *
 * @param write - the value at a count, both as terms.
 * @category Schedules
 * @example
 * ```ts
 * import { fromTerm, select } from 'gradpipe'
 *
 * // warm up along a line, then fall with the root of the count
 * const rate = fromTerm((count) => select(count.lt(4), count.div(4), count.div(4).pow(-0.5)))
 * assert.deepEqual([0, 2, 4, 16].map(rate), [0, 0.5, 1, 0.5])
 * ```
 */
export const fromTerm = (write: (count: Term<'host'>) => Operand<'host'>): Schedule => {
  bringErf()
  return termSchedule(['fromTerm', write], write)
}

/** {@link fromTerm}, as the call of a factory. */
export const termSchedule = (call: Call, write: (count: Term<'host'>) => Operand<'host'>): Schedule => {
  checkRanges('fromTerm', { write }, { write: callable })
  const term = withoutUnused('fromTerm', () => exprOf(write(countTerm)))
  const other = subterms([term]).find(({ _tag, scope }) => scope !== 'host' || _tag === 'Reduce')
  const stranger = other ?? subterms([term]).find((node) => node._tag === 'Scalar' && node !== Count)
  if (stranger !== undefined)
    throw new GradpipeError(
      'InvalidArgument',
      'fromTerm',
      'a term of the count and numbers',
      stranger._tag === 'Scalar' ? `one of ${stranger.name}` : `one per ${stranger.scope}`,
    )
  return called(call, ofTerm(term))
}
