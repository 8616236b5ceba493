/**
 * Warm up, then down along a cosine.
 */
import { GradpipeError } from '../error.js'
import { called, options, required } from '../options.js'
import { cosineDecaySchedule } from './cosineDecay.js'
import { joinSchedules } from './join.js'
import type { Schedule } from './schedule.js'
import { warmupConstantSchedule } from './warmupConstant.js'

/**
 * The arguments of {@link warmupCosineDecaySchedule}.
 *
 * @category Schedules
 */
export interface WarmupCosineDecayOptions {
  /** The first value. */
  readonly initValue: number
  /** The value at the end of the warm-up, where the decay begins. */
  readonly peakValue: number
  /** Length of the warm-up in updates. */
  readonly warmupSteps: number
  /** Length of **both** together in updates: the decay takes `decaySteps - warmupSteps`. */
  readonly decaySteps: number
  /** The value at the end. Default 0. */
  readonly endValue?: number
  /** The power of the cosine weight. Default 1. */
  readonly exponent?: number
}

/**
 * A straight line from `initValue` to `peakValue` in `warmupSteps` updates, then
 * {@link cosineDecaySchedule} to `endValue` in the rest of `decaySteps`.
 *
 * @throws {@link GradpipeError} `InvalidArgument`: `decaySteps` is not greater than `warmupSteps`, a required
 * entry is missing, a name is unknown.
 * @category Schedules
 * @example
 * ```ts
 * import { warmupCosineDecaySchedule } from 'gradpipe'
 *
 * const rate = warmupCosineDecaySchedule({ initValue: 0, peakValue: 1, warmupSteps: 4, decaySteps: 14 })
 * assert.deepEqual([0, 1, 4, 9, 14].map(rate), [0, 0.25, 1, 0.5, 0])
 * ```
 * @see Optax, `warmup_cosine_decay_schedule`
 */
export const warmupCosineDecaySchedule = (given: WarmupCosineDecayOptions): Schedule => {
  const name = 'warmupCosineDecaySchedule'
  const { initValue, peakValue, warmupSteps, decaySteps, endValue, exponent } = options(
    name,
    {
      initValue: required.number,
      peakValue: required.number,
      warmupSteps: required.number,
      decaySteps: required.number,
      endValue: 0,
      exponent: 1,
    },
    given,
  )
  if (!(decaySteps > warmupSteps)) {
    const expected = `more than warmupSteps (${warmupSteps})`
    throw new GradpipeError('InvalidArgument', `${name}.decaySteps`, expected, `${decaySteps}`)
  }
  const alpha = peakValue === 0 ? 0 : endValue / peakValue
  const joined = joinSchedules(
    [
      warmupConstantSchedule({ initValue, peakValue, warmupSteps }),
      cosineDecaySchedule(peakValue, decaySteps - warmupSteps, { alpha, exponent }),
    ],
    [warmupSteps],
  )
  return called([name, given], joined)
}
