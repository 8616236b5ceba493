/** adabelief: Adam that divides by how far gradients are from their mean. */
import { chain } from '../transform/chain.js'
import type { CountState } from '../transform/scale.js'
import type { ScaleByAdamState } from '../transform/scaleByAdam.js'
import { type ScaleByBeliefOptions, scaleByBelief } from '../transform/scaleByBelief.js'
import { type LearningRate, scaleByLearningRate } from '../transform/scaleByLearningRate.js'
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
  chain(scaleByBelief(given), scaleByLearningRate(learningRate))
