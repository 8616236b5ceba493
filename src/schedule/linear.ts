/**
 * From one value to another along a straight line.
 */
import { called, options, required } from '../options.js'
import { polynomialSchedule } from './polynomial.js'
import type { Schedule } from './schedule.js'

/**
 * The arguments of {@link linearSchedule}.
 *
 * @category Schedules
 */
export interface LinearScheduleOptions {
  /** $I$, the value until the transition begins. */
  readonly initValue: number
  /** $E$, the value from its end on. */
  readonly endValue: number
  /** $T$, in updates; at 0 or below the value stays $I$. */
  readonly transitionSteps: number
  /** $B$, in updates; a negative one counts as 0. Default 0. */
  readonly transitionBegin?: number
}

/**
 * From `initValue` to `endValue` along a straight line: {@link polynomialSchedule} with power 1,
 *
 * $$v(t) = I + \frac{t - B}{T} (E - I), \quad B \le t \le B + T$$
 *
 * and constant on both sides of it.
 *
 * @throws {@link GradpipeError} `InvalidArgument`: a required entry is missing, a name is unknown.
 * @category Schedules
 * @example
 * ```ts
 * import { linearSchedule } from 'gradpipe'
 *
 * const rate = linearSchedule({ initValue: 1, endValue: 0, transitionSteps: 4, transitionBegin: 2 })
 * assert.deepEqual([0, 2, 3, 6, 7].map(rate), [1, 1, 0.75, 0, 0])
 * ```
 * @see Optax, `linear_schedule`
 */
export const linearSchedule = (given: LinearScheduleOptions): Schedule =>
  called(
    ['linearSchedule', given],
    polynomialSchedule({
      ...options(
        'linearSchedule',
        {
          initValue: required.number,
          endValue: required.number,
          transitionSteps: required.number,
          transitionBegin: 0,
        },
        given,
      ),
      power: 1,
    }),
  )
