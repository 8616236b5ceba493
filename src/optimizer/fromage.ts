/** fromage: steps as long as the parameters, on a sphere. */

import { type AddDecayedWeightsState, addDecayedWeights } from '../block/addDecayedWeights.js'
import type { CountState } from '../block/scale.js'
import { type LearningRate, scaleByLearningRate } from '../block/scaleByLearningRate.js'
import { scaleByTrustRatio } from '../block/scaleByTrustRatio.js'
import { hyperparameters, usual } from '../declare/hyperparameters.js'
import { inNameOf } from '../options.js'
import { inRanges } from '../range.js'
import { chainOfRules } from '../transform/chainOfRules.js'
import type { EmptyState, GradientTransformation } from '../transform/transformation.js'

/**
 * Options of {@link fromage}.
 *
 * @category Optimizers
 */
export interface FromageOptions {
  /** A lower bound for the norms of gradient and parameter, so that zero parameters can move. Default 1e-6. */
  readonly minNorm?: number
}

/** `f` of a learning rate, itself a number or a schedule. */
const ofRate = (learningRate: LearningRate, f: (rate: number) => number): LearningRate =>
  typeof learningRate === 'function' ? (count) => f(learningRate(count)) : f(learningRate)

/**
 * Fromage: {@link scaleByTrustRatio}, {@link scaleByLearningRate}, {@link addDecayedWeights}.
 *
 * {@rule fromage(0.1)}
 *
 * A parameter moves by the learning rate times its own norm, and then shrinks by $1/\sqrt{1+\eta^2}$, so that it does
 * not grow. Needs the parameters.
 *
 * @category Optimizers
 * @see Bernstein et al., On the distance between two neural networks and the stability of learning, 2020; Optax,
 * `fromage`
 * @example
 * ```ts
 * import { applyUpdates, fromage } from 'gradpipe'
 *
 * // a gradient at a right angle leaves the norm as it was
 * const tx = fromage(0.75)
 * const p = Float64Array.of(4, 0)
 * const [u] = tx.update(Float64Array.of(0, 9), tx.init(p), p)
 * assert.ok(Math.abs(Math.hypot(...applyUpdates(p, u)) - 4) < 1e-12)
 * ```
 */
export const fromage = (
  learningRate: LearningRate,
  given?: FromageOptions,
): GradientTransformation<readonly [EmptyState, EmptyState | CountState, AddDecayedWeightsState]> => {
  const { learningRate: checked } = inRanges('fromage', { learningRate }, usual)
  const { minNorm } = hyperparameters('fromage', { minNorm: 1e-6 }, given)
  const shrink = (rate: number): number => 1 / Math.sqrt(1 + rate ** 2)
  return inNameOf('fromage', [learningRate, given], () =>
    chainOfRules(
      scaleByTrustRatio({ minNorm }),
      scaleByLearningRate(ofRate(checked, (rate) => rate * shrink(rate))),
      addDecayedWeights(ofRate(checked, (rate) => shrink(rate) - 1)),
    ),
  )
}
