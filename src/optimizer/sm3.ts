/** sm3: Adagrad in little memory. */

import type { CountState } from '../block/scale.js'
import { type LearningRate, scaleByLearningRate } from '../block/scaleByLearningRate.js'
import { type ScaleBySm3State, scaleBySm3 } from '../block/scaleBySm3.js'
import { hyperparameters } from '../declare/hyperparameters.js'
import { inNameOf } from '../options.js'
import { chainOfRules } from '../transform/chainOfRules.js'
import type { EmptyState, GradientTransformation } from '../transform/transformation.js'

/**
 * Options of {@link sm3}.
 *
 * @category Optimizers
 */
export interface Sm3Options {
  /** Decay of the momentum, in [0, 1). Default 0.9. */
  readonly momentum?: number
}

/**
 * SM3: {@link scaleBySm3} and {@link scaleByLearningRate}.
 *
 * $$u_t = -\eta\, \nu_t$$
 *
 * For a vector this is Adagrad with momentum; for a matrix of $m \times n$ it keeps only $m + n$ sums of squares.
 *
 * @category Optimizers
 * @see Anil et al., Memory-Efficient Adaptive Optimization, 2019; Optax, `sm3`
 * @example
 * ```ts
 * import { sm3 } from 'gradpipe'
 *
 * const tx = sm3(0.1, { momentum: 0 })
 * assert.ok(Math.abs(tx.update(-5, tx.init(0))[0] - 0.1) < 1e-9)
 * ```
 */
export const sm3 = (
  learningRate: LearningRate,
  given?: Sm3Options,
): GradientTransformation<readonly [ScaleBySm3State, EmptyState | CountState]> => {
  const { momentum } = hyperparameters('sm3', { momentum: 0.9 }, given)
  return inNameOf('sm3', [learningRate, given], () =>
    chainOfRules(scaleBySm3({ b1: momentum }), scaleByLearningRate(learningRate)),
  )
}
