/** ademamix: AdamW with a second, slow average of the gradients. */

import { type AddDecayedWeightsState, addDecayedWeights } from '../block/addDecayedWeights.js'
import type { CountState } from '../block/scale.js'
import {
  type ScaleByAdemamixOptions,
  type ScaleByAdemamixState,
  scaleByAdemamix,
} from '../block/scaleByAdemamix.js'
import { type LearningRate, scaleByLearningRate } from '../block/scaleByLearningRate.js'
import { hyperparameters } from '../declare/hyperparameters.js'
import { type Mask, masks } from '../declare/labelling.js'
import { inNameOf } from '../options.js'
import { decay, finite, orSchedule } from '../range.js'
import type { Schedule } from '../schedule/schedule.js'
import { chainOfRules } from '../transform/chainOfRules.js'
import type { EmptyState, GradientTransformation } from '../transform/transformation.js'

/**
 * Options of {@link ademamix}.
 *
 * @category Optimizers
 */
export interface AdemamixOptions extends Omit<ScaleByAdemamixOptions, 'alpha'> {
  /** Weight of the slow average beside the fast one; or a schedule. Default 5. */
  readonly alpha?: number | Schedule
  /**
   * Weight decay: the fraction of the parameters that each step subtracts, times the learning rate; or a schedule.
   * Default 0.
   */
  readonly weightDecay?: number | Schedule
  /** Which leaves decay. All by default. */
  readonly mask?: Mask
}

/**
 * AdEMAMix: {@link scaleByAdemamix}, {@link addDecayedWeights}, {@link scaleByLearningRate}.
 *
 * {@rule ademamix(0.1)}
 *
 * For short trainings a faster `b3` (0.999) does better. `alpha` is 5 here and 6 in the building block, as in Optax.
 * Needs the parameters where weights decay.
 *
 * @category Optimizers
 * @see Pagliardini et al., The AdEMAMix Optimizer: Better, Faster, Older, 2024; Optax, `contrib.ademamix`
 * @example
 * ```ts
 * import { ademamix, linearSchedule } from 'gradpipe'
 *
 * // at the first step the slow average has no weight yet
 * const tx = ademamix(0.1, { eps: 0, alpha: linearSchedule({ initValue: 0, endValue: 5, transitionSteps: 1000 }) })
 * assert.ok(Math.abs(tx.update(7, tx.init(0))[0] + 0.1) < 1e-12)
 * ```
 */
export const ademamix = (
  learningRate: LearningRate,
  given?: AdemamixOptions,
): GradientTransformation<
  readonly [ScaleByAdemamixState, AddDecayedWeightsState, EmptyState | CountState]
> => {
  const {
    weightDecay,
    mask,
    b3 = 0.9999,
    alpha = 5,
    ...moments
  } = hyperparameters(
    'ademamix',
    {
      b1: 0.9,
      b2: 0.999,
      b3: undefined,
      alpha: undefined,
      eps: 1e-8,
      epsRoot: 0,
      weightDecay: undefined,
      mask: undefined,
    },
    given,
    { b3: orSchedule(decay), alpha: orSchedule(finite), mask: masks },
  )
  return inNameOf('ademamix', [learningRate, given], () =>
    chainOfRules(
      scaleByAdemamix({ ...moments, b3, alpha }),
      addDecayedWeights(weightDecay ?? 0, mask === undefined ? {} : { mask }),
      scaleByLearningRate(learningRate),
    ),
  )
}
