/**
 * From one value to another along a power of the remaining way.
 */
import { called, options, required } from '../options.js'
import { constantSchedule } from './constant.js'
import { termSchedule } from './fromTerm.js'
import { interpolate, linearWeight, since, power as toThe } from './interpolate.js'
import type { Schedule } from './schedule.js'

/**
 * The arguments of {@link polynomialSchedule}.
 *
 * @category Schedules
 */
export interface PolynomialScheduleOptions {
  /** $I$, the value until the transition begins. */
  readonly initValue: number
  /** $E$, the value from its end on. */
  readonly endValue: number
  /** $P$; 1 is a straight line, 2 falls fast at first. */
  readonly power: number
  /** $T$, in updates; at 0 or below the value stays $I$. */
  readonly transitionSteps: number
  /** $B$, in updates; a negative one counts as 0. Default 0. */
  readonly transitionBegin?: number
}

/**
 * From `initValue` to `endValue`, as a power of what remains of the way:
 *
 * $$v(t) = E + (I - E) \left(1 - \frac{t - B}{T}\right)^P, \quad B \le t \le B + T$$
 *
 * and constant on both sides of it.
 *
 * @throws {@link GradpipeError} `InvalidArgument`: a required entry is missing, a name is unknown.
 * @category Schedules
 * @example
 * ```ts
 * import { polynomialSchedule } from 'gradpipe'
 *
 * const rate = polynomialSchedule({ initValue: 1, endValue: 0, power: 2, transitionSteps: 4 })
 * assert.deepEqual([0, 1, 2, 3, 4, 99].map(rate), [1, 0.5625, 0.25, 0.0625, 0, 0])
 * ```
 * @see Optax, `polynomial_schedule`
 */
export const polynomialSchedule = (given: PolynomialScheduleOptions): Schedule => {
  const { initValue, endValue, power, transitionSteps, transitionBegin } = options(
    'polynomialSchedule',
    {
      initValue: required.number,
      endValue: required.number,
      power: required.number,
      transitionSteps: required.number,
      transitionBegin: 0,
    },
    given,
  )
  if (transitionSteps <= 0) return called(['polynomialSchedule', given], constantSchedule(initValue))
  const begin = Math.max(transitionBegin, 0)
  return termSchedule(['polynomialSchedule', given], (count) => {
    const made = since(count, begin).max(0).min(transitionSteps)
    return interpolate(initValue, endValue, toThe(linearWeight(made.div(transitionSteps)), power))
  })
}
