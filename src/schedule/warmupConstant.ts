/**
 * Warm up, then stay.
 */
import { called, options, required } from '../options.js'
import { linearSchedule } from './linear.js'
import type { Schedule } from './schedule.js'

/**
 * The arguments of {@link warmupConstantSchedule}.
 *
 * @category Schedules
 */
export interface WarmupConstantOptions {
  /** The first value. */
  readonly initValue: number
  /** The value after the warm-up. */
  readonly peakValue: number
  /** Its length in updates; at 0 or below the value stays `initValue`. */
  readonly warmupSteps: number
}

/**
 * A straight line from `initValue` to `peakValue`, then constant: {@link linearSchedule} under another name.
 *
 * @throws {@link GradpipeError} `InvalidArgument`: a required entry is missing, a name is unknown.
 * @category Schedules
 * @example
 * ```ts
 * import { warmupConstantSchedule } from 'gradpipe'
 *
 * const rate = warmupConstantSchedule({ initValue: 0, peakValue: 1, warmupSteps: 4 })
 * assert.deepEqual([0, 1, 4, 5].map(rate), [0, 0.25, 1, 1])
 * ```
 * @see Optax, `warmup_constant_schedule`
 */
export const warmupConstantSchedule = (given: WarmupConstantOptions): Schedule => {
  const { initValue, peakValue, warmupSteps } = options(
    'warmupConstantSchedule',
    { initValue: required.number, peakValue: required.number, warmupSteps: required.number },
    given,
  )
  return called(
    ['warmupConstantSchedule', given],
    linearSchedule({ initValue, endValue: peakValue, transitionSteps: warmupSteps }),
  )
}
