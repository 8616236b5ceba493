/**
 * Steps at given counts.
 */

import { constant } from '../rule/term.js'
import { knots, type PiecewiseOptions } from './boundaries.js'
import { termSchedule } from './fromTerm.js'
import { latest } from './interpolate.js'
import type { Schedule } from './schedule.js'

/**
 * A value that is multiplied by a factor at each boundary, and constant between them:
 *
 * $$v(t) = I \prod_{b_i \le t} f_i$$
 *
 * The new value holds **at** the boundary (in Keras, only after it).
 *
 * @param initValue - $I$.
 * @throws {@link GradpipeError} `InvalidArgument`: a factor is negative, a boundary is not a number, a pair is none.
 * @category Schedules
 * @example
 * ```ts
 * import { piecewiseConstantSchedule } from 'gradpipe'
 *
 * const rate = piecewiseConstantSchedule(1, { boundariesAndScales: { 100: 0.5, 200: 0.25 } })
 * assert.deepEqual([0, 99, 100, 200].map(rate), [1, 1, 0.5, 0.125])
 * // two factors at one count
 * const twice = piecewiseConstantSchedule(1, { boundariesAndScales: [[100, 0.5], [100, 0.25]] })
 * assert.equal(twice(100), 0.125)
 * ```
 * @see Optax, `piecewise_constant_schedule`
 */
export const piecewiseConstantSchedule = (initValue: number, given?: PiecewiseOptions): Schedule => {
  const pieces = knots('piecewiseConstantSchedule', initValue, given).map(({ boundary, value }) => ({
    from: boundary,
    value: constant(value),
  }))
  return termSchedule(['piecewiseConstantSchedule', initValue, given], (count) =>
    latest(count, constant(initValue), pieces),
  )
}
