/**
 * One cycle: up to a peak, down again, and out.
 */
import { called, options } from '../options.js'
import { checkRanges, positive, type Range, type Ranges, real, share } from '../range.js'
import { piecewiseInterpolateSchedule } from './piecewiseInterpolate.js'
import type { Schedule } from './schedule.js'

/**
 * The options of {@link cosineOnecycleSchedule}.
 *
 * @category Schedules
 */
export interface CosineOnecycleOptions {
  /** The part of the cycle that goes up, 0 … 1; at 0 it begins with the peak. Default 0.3. */
  readonly pctStart?: number
  /** The peak, divided by the first value; positive. Default 25. */
  readonly divFactor?: number
  /** The first value, divided by the last one; positive. Default 10⁴. */
  readonly finalDivFactor?: number
}

/**
 * The options of {@link linearOnecycleSchedule}.
 *
 * @category Schedules
 */
export interface LinearOnecycleOptions extends CosineOnecycleOptions {
  /** The part of the cycle after which the first value is reached again, `pctStart` … 1. Default 0.85. */
  readonly pctFinal?: number
}

const cycle: Ranges = {
  transitionSteps: positive,
  peakValue: real,
  pctStart: share,
  divFactor: positive,
  finalDivFactor: positive,
}

/**
 * One cycle along cosines: from `peakValue / divFactor` up to the peak at `pctStart · transitionSteps`, and down to
 * the first value divided by `finalDivFactor` at `transitionSteps`, where it stays.
 *
 * Where two of these steps are one, the value jumps there to the later one's. (Optax forgets all factors of a step but
 * one, and ends too high or never rises.)
 *
 * @param transitionSteps - length of the cycle in updates, positive.
 * @param peakValue - the greatest value.
 * @throws {@link GradpipeError} `InvalidArgument`: `transitionSteps` is not positive, an option is out of its range.
 * @category Schedules
 * @example
 * ```ts
 * import { cosineOnecycleSchedule } from 'gradpipe'
 *
 * const rate = cosineOnecycleSchedule(10, 1, { pctStart: 0.4, divFactor: 8, finalDivFactor: 2 })
 * assert.deepEqual([0, 2, 4, 10, 11].map(rate), [0.125, 0.5625, 1, 0.0625, 0.0625])
 * ```
 * @see Smith and Topin, Super-Convergence: Very Fast Training of Neural Networks Using Large Learning Rates, 2017,
 * https://arxiv.org/abs/1708.07120; Optax, `cosine_onecycle_schedule`
 */
export const cosineOnecycleSchedule = (
  transitionSteps: number,
  peakValue: number,
  given?: CosineOnecycleOptions,
): Schedule => {
  const name = 'cosineOnecycleSchedule'
  const { pctStart, divFactor, finalDivFactor } = options(
    name,
    { pctStart: 0.3, divFactor: 25, finalDivFactor: 1e4 },
    given,
  )
  checkRanges(name, { transitionSteps, peakValue, pctStart, divFactor, finalDivFactor }, cycle)
  const cycled = piecewiseInterpolateSchedule('cosine', peakValue / divFactor, {
    boundariesAndScales: [
      [Math.trunc(pctStart * transitionSteps), divFactor],
      [Math.trunc(transitionSteps), 1 / (divFactor * finalDivFactor)],
    ],
  })
  return called([name, transitionSteps, peakValue, given], cycled)
}

/**
 * One cycle along straight lines: from `peakValue / divFactor` up to the peak at `pctStart · transitionSteps`, back
 * to the first value at `pctFinal · transitionSteps`, and on to the first value divided by `finalDivFactor` at
 * `transitionSteps`, where it stays.
 *
 * Where two of these steps are one, the value jumps there to the later one's. (Optax forgets all factors of a step but
 * one, and ends too high or never rises.)
 *
 * @param transitionSteps - length of the cycle in updates, positive.
 * @param peakValue - the greatest value.
 * @throws {@link GradpipeError} `InvalidArgument`: `transitionSteps` is not positive, an option is out of its range.
 * @category Schedules
 * @example
 * ```ts
 * import { linearOnecycleSchedule } from 'gradpipe'
 *
 * const rate = linearOnecycleSchedule(10, 1, { pctStart: 0.4, pctFinal: 0.8, divFactor: 2, finalDivFactor: 2 })
 * assert.deepEqual([0, 2, 4, 8, 10, 11].map(rate), [0.5, 0.75, 1, 0.5, 0.25, 0.25])
 * ```
 * @see Smith and Topin, Super-Convergence: Very Fast Training of Neural Networks Using Large Learning Rates, 2017,
 * https://arxiv.org/abs/1708.07120; Optax, `linear_onecycle_schedule`
 */
export const linearOnecycleSchedule = (
  transitionSteps: number,
  peakValue: number,
  given?: LinearOnecycleOptions,
): Schedule => {
  const name = 'linearOnecycleSchedule'
  const { pctStart, pctFinal, divFactor, finalDivFactor } = options(
    name,
    { pctStart: 0.3, pctFinal: 0.85, divFactor: 25, finalDivFactor: 1e4 },
    given,
  )
  checkRanges(name, { transitionSteps, peakValue, pctStart, divFactor, finalDivFactor }, cycle)
  const afterStart: Range = [
    `a number from pctStart (${pctStart}) to 1`,
    (x) => share[1](x) && Number(x) >= pctStart,
  ]
  checkRanges(name, { pctFinal }, { pctFinal: afterStart })
  const cycled = piecewiseInterpolateSchedule('linear', peakValue / divFactor, {
    boundariesAndScales: [
      [Math.trunc(pctStart * transitionSteps), divFactor],
      [Math.trunc(pctFinal * transitionSteps), 1 / divFactor],
      [transitionSteps, 1 / finalDivFactor],
    ],
  })
  return called([name, transitionSteps, peakValue, given], cycled)
}
