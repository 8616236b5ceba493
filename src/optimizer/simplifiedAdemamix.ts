/** simplifiedAdemamix: AdEMAMix with one buffer in place of two. */

import { type AddDecayedWeightsState, addDecayedWeights } from '../block/addDecayedWeights.js'
import type { CountState } from '../block/scale.js'
import { type LearningRate, scaleByLearningRate } from '../block/scaleByLearningRate.js'
import {
  type ScaleBySimplifiedAdemamixOptions,
  type ScaleBySimplifiedAdemamixState,
  scaleBySimplifiedAdemamix,
} from '../block/scaleBySimplifiedAdemamix.js'
import { hyperparameters } from '../declare/hyperparameters.js'
import { type Mask, masks } from '../declare/labelling.js'
import { inNameOf } from '../options.js'
import { finite, orSchedule } from '../range.js'
import type { Schedule } from '../schedule/schedule.js'
import { chainOfRules } from '../transform/chainOfRules.js'
import type { EmptyState, GradientTransformation } from '../transform/transformation.js'

/**
 * Options of {@link simplifiedAdemamix}.
 *
 * @category Optimizers
 */
export interface SimplifiedAdemamixOptions extends ScaleBySimplifiedAdemamixOptions {
  /**
   * Weight decay: the fraction of the parameters that each step subtracts, times the learning rate; or a schedule.
   * Default 0.
   */
  readonly weightDecay?: number | Schedule
  /** Which leaves decay. All by default. */
  readonly mask?: Mask
}

/**
 * Simplified AdEMAMix: {@link scaleBySimplifiedAdemamix}, {@link addDecayedWeights}, {@link scaleByLearningRate}.
 *
 * {@rule simplifiedAdemamix(0.01)}
 *
 * Needs the parameters where weights decay.
 *
 * @category Optimizers
 * @see Morwani et al., Connections between Schedule-Free Optimizers, AdEMAMix, and Accelerated SGD Variants, 2025;
 * Optax, `contrib.simplified_ademamix`
 * @example
 * ```ts
 * import { simplifiedAdemamix } from 'gradpipe'
 *
 * const tx = simplifiedAdemamix(0.1, { eps: 0 })
 * assert.ok(Math.abs(tx.update(7, tx.init(0))[0] + 0.1) < 1e-12)
 * ```
 */
export const simplifiedAdemamix = (
  learningRate: LearningRate,
  given?: SimplifiedAdemamixOptions,
): GradientTransformation<
  readonly [ScaleBySimplifiedAdemamixState, AddDecayedWeightsState, EmptyState | CountState]
> => {
  const {
    weightDecay,
    mask,
    alpha = 0,
    ...moments
  } = hyperparameters(
    'simplifiedAdemamix',
    {
      b1: 0.99,
      b2: 0.95,
      alpha: undefined,
      eps: 1e-8,
      epsRoot: 0,
      weightDecay: undefined,
      mask: undefined,
    },
    given,
    { alpha: orSchedule(finite), mask: masks },
  )
  return inNameOf('simplifiedAdemamix', [learningRate, given], () =>
    chainOfRules(
      scaleBySimplifiedAdemamix({ ...moments, alpha }),
      addDecayedWeights(weightDecay ?? 0, mask === undefined ? {} : { mask }),
      scaleByLearningRate(learningRate),
    ),
  )
}
