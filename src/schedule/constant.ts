/**
 * The schedule that does not change.
 */
import { checkRanges, real } from '../range.js'
import { termSchedule } from './fromTerm.js'
import type { Schedule } from './schedule.js'

/**
 * A schedule with the same value at every count: $v(t) = c$.
 *
 * @param value - $c$, any number.
 * @category Schedules
 * @example
 * ```ts
 * import { constantSchedule } from 'gradpipe'
 *
 * assert.equal(constantSchedule(0.1)(1000), 0.1)
 * ```
 * @see Optax, `constant_schedule`
 */
export const constantSchedule = (value: number): Schedule => {
  checkRanges('constantSchedule', { value }, { value: real })
  return termSchedule(['constantSchedule', value], () => value)
}
