/**
 * Down along half a period of the cosine.
 */
import { options } from '../options.js'
import { checkRanges, positive, real } from '../range.js'
import { constant } from '../rule/term.js'
import { termSchedule } from './fromTerm.js'
import { cosineWeight, interpolate, power } from './interpolate.js'
import type { Schedule } from './schedule.js'

/**
 * The options of {@link cosineDecaySchedule}.
 *
 * @category Schedules
 */
export interface CosineDecayOptions {
  /** $\alpha$, what the end is of the beginning. Default 0. */
  readonly alpha?: number
  /** $P$, the power of the cosine weight. Default 1. */
  readonly exponent?: number
}

/**
 * From `initValue` down to `alpha · initValue` along a cosine:
 *
 * $$v(t) = I \left((1 - \alpha) \left[\tfrac{1}{2} \left(1 + \cos \frac{\pi t}{T}\right)\right]^P + \alpha\right),
 * \quad t \le T$$
 *
 * and constant from then on.
 *
 * @param initValue - $I$.
 * @param decaySteps - $T > 0$, in updates.
 * @throws {@link GradpipeError} `InvalidArgument`: `decaySteps` is not positive.
 * @category Schedules
 * @example
 * ```ts
 * import { cosineDecaySchedule } from 'gradpipe'
 *
 * const rate = cosineDecaySchedule(1, 10, { alpha: 0.1 })
 * assert.deepEqual([0, 5, 10, 11].map(rate), [1, 0.55, 0.1, 0.1])
 * ```
 * @see Loshchilov and Hutter, SGDR: Stochastic Gradient Descent with Warm Restarts, 2017, equation 5,
 * https://arxiv.org/abs/1608.03983; Optax, `cosine_decay_schedule`
 */
export const cosineDecaySchedule = (
  initValue: number,
  decaySteps: number,
  given?: CosineDecayOptions,
): Schedule => {
  const { alpha, exponent } = options('cosineDecaySchedule', { alpha: 0, exponent: 1 }, given)
  checkRanges('cosineDecaySchedule', { initValue, decaySteps }, { initValue: real, decaySteps: positive })
  return termSchedule(['cosineDecaySchedule', initValue, decaySteps, given], (count) => {
    const weight = cosineWeight(count.min(decaySteps).div(decaySteps))
    return constant(initValue).mul(interpolate(1, alpha, power(weight, exponent)))
  })
}
