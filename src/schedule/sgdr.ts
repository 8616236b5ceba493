/**
 * Cosine cycles with warm restarts.
 */

import { GradpipeError } from '../error.js'
import { called } from '../options.js'
import { joinSchedules } from './join.js'
import type { Schedule } from './schedule.js'
import { type WarmupCosineDecayOptions, warmupCosineDecaySchedule } from './warmupCosineDecay.js'

/**
 * Cosine cycles with warm restarts: one {@link warmupCosineDecaySchedule} after the other. Each lasts its
 * `decaySteps`; the end value of the last one stays.
 *
 * @param cycles - the arguments of each cycle; at least one.
 * @throws {@link GradpipeError} `InvalidArgument`: there is no cycle, or one of them is refused by
 * {@link warmupCosineDecaySchedule}.
 * @category Schedules
 * @example
 * ```ts
 * import { sgdrSchedule } from 'gradpipe'
 *
 * const cycle = { initValue: 0, peakValue: 1, warmupSteps: 1, decaySteps: 5 }
 * const rate = sgdrSchedule([cycle, { ...cycle, peakValue: 0.5 }])
 * assert.deepEqual([0, 1, 3, 5, 6].map(rate), [0, 1, 0.5, 0, 0.5])
 * ```
 * @see Loshchilov and Hutter, SGDR: Stochastic Gradient Descent with Warm Restarts, 2017,
 * https://arxiv.org/abs/1608.03983; Optax, `sgdr_schedule`
 */
export const sgdrSchedule = (cycles: readonly WarmupCosineDecayOptions[]): Schedule => {
  if (cycles.length === 0) {
    throw new GradpipeError('InvalidArgument', 'sgdrSchedule.cycles', 'at least one cycle', '[]')
  }
  let end = 0
  const ends = cycles.map(({ decaySteps }) => {
    end += decaySteps
    return end
  })
  return called(
    ['sgdrSchedule', cycles],
    joinSchedules(cycles.map(warmupCosineDecaySchedule), ends.slice(0, -1)),
  )
}
