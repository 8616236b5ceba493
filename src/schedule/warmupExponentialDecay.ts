/**
 * Warm up, then the same factor every so many updates.
 */
import { inNameOf, options, required } from '../options.js'
import { type ExponentialDecayOptions, exponentialDecay } from './exponentialDecay.js'
import { joinSchedules } from './join.js'
import type { Schedule } from './schedule.js'
import { warmupConstantSchedule } from './warmupConstant.js'

/**
 * The arguments of {@link warmupExponentialDecaySchedule}; counts of the decay start after the warm-up.
 *
 * @category Schedules
 */
export interface WarmupExponentialDecayOptions extends ExponentialDecayOptions {
  /** The value at the end of the warm-up, where the decay begins. */
  readonly peakValue: number
  /** Length of the warm-up in updates. */
  readonly warmupSteps: number
}

/**
 * A straight line from `initValue` to `peakValue` in `warmupSteps` updates, then {@link exponentialDecay}.
 *
 * @throws {@link GradpipeError} `InvalidArgument`: a required entry is missing, a name is unknown.
 * @category Schedules
 * @example
 * ```ts
 * import { warmupExponentialDecaySchedule } from 'gradpipe'
 *
 * const rate = warmupExponentialDecaySchedule({
 *   initValue: 0,
 *   peakValue: 1,
 *   warmupSteps: 2,
 *   transitionSteps: 1,
 *   decayRate: 0.5,
 * })
 * assert.deepEqual([0, 1, 2, 3, 4].map(rate), [0, 0.5, 1, 0.5, 0.25])
 * ```
 * @see Optax, `warmup_exponential_decay_schedule`
 */
export const warmupExponentialDecaySchedule = (given: WarmupExponentialDecayOptions): Schedule => {
  const { initValue, peakValue, warmupSteps, endValue, ...decay } = options(
    'warmupExponentialDecaySchedule',
    {
      initValue: required.number,
      peakValue: required.number,
      warmupSteps: required.number,
      transitionSteps: required.number,
      decayRate: required.number,
      transitionBegin: 0,
      staircase: false,
      endValue: undefined,
    },
    given,
  )
  const bound = endValue === undefined ? {} : { endValue }
  return inNameOf('warmupExponentialDecaySchedule', [given], () =>
    joinSchedules(
      [
        warmupConstantSchedule({ initValue, peakValue, warmupSteps }),
        exponentialDecay({ initValue: peakValue, ...decay, ...bound }),
      ],
      [warmupSteps],
    ),
  )
}
