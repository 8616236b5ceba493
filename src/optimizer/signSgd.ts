/** signSgd and signum: steps of one size, by the sign of the gradient or of its mean. */

import { type EmaState, ema } from '../block/ema.js'
import type { CountState } from '../block/scale.js'
import { type LearningRate, scaleByLearningRate } from '../block/scaleByLearningRate.js'
import { scaleBySign } from '../block/scaleBySign.js'
import { hyperparameters } from '../declare/hyperparameters.js'
import { inNameOf } from '../options.js'
import { chainOfRules } from '../transform/chainOfRules.js'
import type { EmptyState, GradientTransformation } from '../transform/transformation.js'

/**
 * Options of {@link signum}.
 *
 * @category Optimizers
 */
export interface SignumOptions {
  /** Decay of the mean of the gradients, in [0, 1). Default 0.9. */
  readonly beta?: number
}

/**
 * Sign SGD: {@link scaleBySign} and {@link scaleByLearningRate}.
 *
 * {@rule signSgd(0.1)}
 *
 * @category Optimizers
 * @see Bernstein et al., signSGD: Compressed Optimisation for Non-Convex Problems, 2018; Optax, `sign_sgd`
 * @example
 * ```ts
 * import { signSgd } from 'gradpipe'
 *
 * const tx = signSgd(0.5)
 * assert.deepEqual(tx.update([1e-9, -7], tx.init([0, 0]))[0], [-0.5, 0.5])
 * ```
 */
export const signSgd = (
  learningRate: LearningRate,
): GradientTransformation<readonly [EmptyState, EmptyState | CountState]> =>
  inNameOf('signSgd', [learningRate], () => chainOfRules(scaleBySign(), scaleByLearningRate(learningRate)))

/**
 * Signum, sign SGD with momentum: {@link ema} without bias correction, {@link scaleBySign},
 * {@link scaleByLearningRate}.
 *
 * {@rule signum(0.1)}
 *
 * @category Optimizers
 * @see Bernstein et al., signSGD: Compressed Optimisation for Non-Convex Problems, 2018, algorithm 2; Optax, `signum`
 * @example
 * ```ts
 * import { signum } from 'gradpipe'
 *
 * const tx = signum(0.5)
 * const [first, state] = tx.update(10, tx.init(0))
 * // the mean is still positive
 * assert.deepEqual([first, tx.update(-1, state)[0]], [-0.5, -0.5])
 * ```
 */
export const signum = (
  learningRate: LearningRate,
  given?: SignumOptions,
): GradientTransformation<readonly [EmaState, EmptyState, EmptyState | CountState]> => {
  const { beta } = hyperparameters('signum', { beta: 0.9 }, given)
  return inNameOf('signum', [learningRate, given], () =>
    chainOfRules(ema(beta, { debias: false }), scaleBySign(), scaleByLearningRate(learningRate)),
  )
}
