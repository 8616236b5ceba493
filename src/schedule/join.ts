/**
 * One schedule after the other.
 */

import { GradpipeError } from '../error.js'
import { type Call, called } from '../options.js'
import { countTerm, termAt, termSchedule } from './fromTerm.js'
import { latest, since } from './interpolate.js'
import type { Schedule } from './schedule.js'

/**
 * Runs one schedule after the other; each starts from count 0 at its own boundary:
 *
 * $$v(t) = \begin{cases} s_0(t) & t < b_1 \\ s_i(t - b_i) & b_i \le t < b_{i+1} \end{cases}$$
 *
 * Of schedules that are terms it is a term; a function of one's own among them makes it a function.
 *
 * @param schedules - at least one.
 * @param boundaries - the count where each further schedule begins, ascending; one fewer than the schedules.
 * As in Optax, what has no partner in the other list is not used.
 * @throws {@link GradpipeError} `InvalidArgument`: there is no schedule.
 * @category Schedules
 * @example
 * ```ts
 * import { constantSchedule, joinSchedules, linearSchedule } from 'gradpipe'
 *
 * const warmup = linearSchedule({ initValue: 0, endValue: 1, transitionSteps: 4 })
 * const rate = joinSchedules([warmup, constantSchedule(0.5)], [3])
 * assert.deepEqual([0, 1, 2, 3, 4].map(rate), [0, 0.25, 0.5, 0.5, 0.5])
 * ```
 * @see Optax, `join_schedules`
 */
export const joinSchedules = (schedules: readonly Schedule[], boundaries: readonly number[]): Schedule => {
  const [first, ...further] = schedules
  if (first === undefined) {
    throw new GradpipeError('InvalidArgument', 'joinSchedules.schedules', 'at least one schedule', '[]')
  }
  const call: Call = ['joinSchedules', schedules, boundaries]
  const later = boundaries.flatMap((start, i) => {
    const schedule = further[i]
    return schedule === undefined ? [] : [{ schedule, start }]
  })
  const terms = later.flatMap(({ schedule, start }) => {
    const value = termAt(schedule, since(countTerm, start))
    return value === undefined ? [] : [{ from: start, value }]
  })
  const firstTerm = termAt(first, countTerm)
  if (firstTerm !== undefined && terms.length === later.length)
    return termSchedule(call, (count) => latest(count, firstTerm, terms))
  const latestFirst = [...later].reverse()
  return called(call, (count: number) => {
    const { schedule, start } = latestFirst.find(({ start }) => count >= start) ?? {
      schedule: first,
      start: 0,
    }
    return schedule(count - start)
  })
}
