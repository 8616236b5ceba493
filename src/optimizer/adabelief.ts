/** adabelief: Adam that divides by how far gradients are from their mean. */

import type { CountState } from '../block/scale.js'
import type { ScaleByAdamState } from '../block/scaleByAdam.js'
import { type ScaleByBeliefOptions, scaleByBelief } from '../block/scaleByBelief.js'
import { type LearningRate, scaleByLearningRate } from '../block/scaleByLearningRate.js'
import { inNameOf } from '../options.js'
import { chainOfRules } from '../transform/chainOfRules.js'
import type { EmptyState, GradientTransformation } from '../transform/transformation.js'

/**
 * AdaBelief: {@link scaleByBelief} and {@link scaleByLearningRate}.
 *
 * {@rule adabelief(0.1)}
 *
 * @category Optimizers
 * @see Zhuang et al., AdaBelief Optimizer: Adapting Stepsizes by the Belief in Observed Gradients, 2020; Optax,
 * `adabelief`
 * @example
 * ```ts
 * import { adabelief } from 'gradpipe'
 *
 * const tx = adabelief(0.25, { b1: 0.5 })
 * assert.ok(Math.abs(tx.update(3, tx.init(0))[0] + 0.5) < 1e-12)
 * ```
 */
export const adabelief = (
  learningRate: LearningRate,
  given?: ScaleByBeliefOptions,
): GradientTransformation<readonly [ScaleByAdamState, EmptyState | CountState]> =>
  inNameOf('adabelief', [learningRate, given], () =>
    chainOfRules(scaleByBelief(given), scaleByLearningRate(learningRate)),
  )
