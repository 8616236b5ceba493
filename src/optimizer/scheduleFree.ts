/** scheduleFreeSgd, scheduleFreeAdamw: optimizers with an average in place of momentum and a schedule. */

import { type AddDecayedWeightsState, addDecayedWeights } from '../block/addDecayedWeights.js'
import type { CountState } from '../block/scale.js'
import { type LearningRate, scaleByLearningRate } from '../block/scaleByLearningRate.js'
import { type ScaleByRmsState, scaleByRms } from '../block/scaleByRms.js'
import { hyperparameters, usual } from '../declare/hyperparameters.js'
import { GradpipeError } from '../error.js'
import { inNameOf } from '../options.js'
import { count, inRanges } from '../range.js'
import { warmupConstantSchedule } from '../schedule/warmupConstant.js'
import { chain } from '../transform/chain.js'
import type { EmptyState, GradientTransformation, StateOf } from '../transform/transformation.js'
import {
  averagedShare,
  type ScheduleFreeOptions,
  type ScheduleFreeState,
  scheduleFree,
} from '../wrapper/scheduleFree.js'
import { sgd } from './sgd.js'

/**
 * Options of {@link scheduleFreeSgd}.
 *
 * @category Optimizers
 */
export interface ScheduleFreeSgdOptions extends ScheduleFreeOptions {
  /** The number of steps over which the learning rate, a number, rises from 0. By default there is no warm-up. */
  readonly warmupSteps?: number
  /** Share of the parameters that is added to the gradients. None by default. */
  readonly weightDecay?: number
}

/**
 * Options of {@link scheduleFreeAdamw}.
 *
 * @category Optimizers
 */
export interface ScheduleFreeAdamwOptions extends ScheduleFreeSgdOptions {
  /** Decay of the second moment. Default 0.999. */
  readonly b2?: number
  /** Added to the root of the second moment. Default 1e-8. */
  readonly eps?: number
  /** Weight decay: the fraction of the parameters that each step subtracts, times the learning rate. Default 0. */
  readonly weightDecay?: number
}

/**
 * State of {@link scheduleFreeSgd}.
 *
 * @category Optimizers
 */
export type ScheduleFreeSgdState = ScheduleFreeState<
  StateOf<ReturnType<typeof sgd>> | readonly [AddDecayedWeightsState, StateOf<ReturnType<typeof sgd>>]
>

/**
 * State of {@link scheduleFreeAdamw}.
 *
 * @category Optimizers
 */
export type ScheduleFreeAdamwState = ScheduleFreeState<
  readonly [ScaleByRmsState, AddDecayedWeightsState, EmptyState | CountState]
>

const warm = (name: string, learningRate: LearningRate, warmupSteps: number | undefined): LearningRate => {
  if (warmupSteps === undefined) return learningRate
  if (typeof learningRate !== 'function')
    return warmupConstantSchedule({ initValue: 0, peakValue: learningRate, warmupSteps })
  throw new GradpipeError(
    'InvalidArgument',
    `${name}.warmupSteps`,
    'none, beside a schedule that has its own',
    String(warmupSteps),
  )
}

/**
 * {@link scheduleFree} of {@link sgd}.
 *
 * {@rule scheduleFreeSgd(0.1)}
 *
 * Throws `InvalidArgument` for `b1` out of its range, and for `warmupSteps` beside a schedule. Needs the parameters.
 *
 * @category Optimizers
 * @see Defazio et al., The Road Less Scheduled, 2024; Optax, `contrib.schedule_free_sgd`
 * @example
 * ```ts
 * import { scheduleFreeEvalParams, scheduleFreeSgd, step } from 'gradpipe'
 *
 * // minimizes w²: the average of the first two steps is their mean
 * const tx = scheduleFreeSgd(0.25)
 * let [w, state] = [1, tx.init(1)]
 * for (let i = 0; i < 2; i++) [w, state] = step(tx)(w, state, 2 * w)
 * assert.deepEqual([state.z, scheduleFreeEvalParams(state, w)], [0.25, 0.375])
 * ```
 */
export const scheduleFreeSgd = (
  learningRate: LearningRate = 1,
  given?: ScheduleFreeSgdOptions,
): GradientTransformation<ScheduleFreeSgdState> => {
  const { learningRate: checked } = inRanges('scheduleFreeSgd', { learningRate }, usual)
  const { warmupSteps, weightDecay, ...averaging } = hyperparameters(
    'scheduleFreeSgd',
    { warmupSteps: undefined, b1: 0.9, weightDecay: undefined, weightLrPower: 2 },
    given,
    { b1: averagedShare, warmupSteps: count },
  )
  const rate = warm('scheduleFreeSgd', checked, warmupSteps)
  const base = (): GradientTransformation<ScheduleFreeSgdState['baseOptimizerState']> =>
    weightDecay === undefined ? sgd(rate) : chain(addDecayedWeights(weightDecay), sgd(rate))
  return inNameOf('scheduleFreeSgd', [learningRate, given], () => scheduleFree(base(), rate, averaging))
}

/**
 * {@link scheduleFree} of AdamW without its first moment.
 *
 * {@rule scheduleFreeAdamw(0.1)}
 *
 * Throws `InvalidArgument` for `b1` out of its range, and for `warmupSteps` beside a schedule. Needs the parameters.
 *
 * @category Optimizers
 * @see Defazio et al., The Road Less Scheduled, 2024; Optax, `contrib.schedule_free_adamw`
 * @example
 * ```ts
 * import { scheduleFreeAdamw, scheduleFreeEvalParams, step } from 'gradpipe'
 *
 * const tx = scheduleFreeAdamw(0.5, { warmupSteps: 10 })
 * let [w, state] = [1, tx.init(1)]
 * for (let i = 0; i < 300; i++) [w, state] = step(tx)(w, state, 2 * w)
 * assert.ok(Math.abs(scheduleFreeEvalParams(state, w)) < 0.05)
 * ```
 */
export const scheduleFreeAdamw = (
  learningRate: LearningRate = 0.0025,
  given?: ScheduleFreeAdamwOptions,
): GradientTransformation<ScheduleFreeAdamwState> => {
  const { learningRate: checked } = inRanges('scheduleFreeAdamw', { learningRate }, usual)
  const { warmupSteps, b2, eps, weightDecay, ...averaging } = hyperparameters(
    'scheduleFreeAdamw',
    { warmupSteps: undefined, b1: 0.9, b2: 0.999, eps: 1e-8, weightDecay: 0, weightLrPower: 2 },
    given,
    { b1: averagedShare, warmupSteps: count },
  )
  const rate = warm('scheduleFreeAdamw', checked, warmupSteps)
  const base = () =>
    chain(
      scaleByRms({ decay: b2, eps, epsInSqrt: false, biasCorrection: true }),
      addDecayedWeights(weightDecay),
      scaleByLearningRate(rate),
    )
  return inNameOf('scheduleFreeAdamw', [learningRate, given], () => scheduleFree(base(), rate, averaging))
}
