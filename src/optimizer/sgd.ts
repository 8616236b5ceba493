/** sgd: stochastic gradient descent, with momentum if asked for. */

import type { CountState } from '../block/scale.js'
import { type LearningRate, scaleByLearningRate } from '../block/scaleByLearningRate.js'
import { type TraceState, trace } from '../block/trace.js'
import { hyperparameters } from '../declare/hyperparameters.js'
import { inNameOf } from '../options.js'
import { chainOfRules } from '../transform/chainOfRules.js'
import { identity } from '../transform/identity.js'
import type { EmptyState, GradientTransformation } from '../transform/transformation.js'

/**
 * Options of {@link sgd}.
 *
 * @category Optimizers
 */
export interface SgdOptions {
  /** Decay of the momentum, in [0, 1). None by default. */
  readonly momentum?: number
  /** Whether momentum looks one step ahead (Nesterov). Default false. */
  readonly nesterov?: boolean
}

/**
 * Stochastic gradient descent: {@link trace}, if there is momentum, and {@link scaleByLearningRate}.
 *
 * {@rule `sgd(0.1, { momentum: 0.9 })`}
 *
 * @category Optimizers
 * @see Sutskever et al., On the importance of initialization and momentum in deep learning, 2013; Optax, `sgd`
 * @example
 * ```ts
 * import { sgd, step } from 'gradpipe'
 *
 * const tx = sgd(0.1, { momentum: 0.9 })
 * let [p, state] = [1, tx.init(1)]
 * for (let i = 0; i < 200; i++) [p, state] = step(tx)(p, state, 2 * p)
 * assert.ok(Math.abs(p) < 1e-3)
 * ```
 */
export const sgd = (
  learningRate: LearningRate,
  given?: SgdOptions,
): GradientTransformation<readonly [TraceState | EmptyState, EmptyState | CountState]> => {
  const { momentum, nesterov } = hyperparameters('sgd', { momentum: undefined, nesterov: false }, given)
  const memory: GradientTransformation<TraceState | EmptyState> =
    momentum === undefined ? identity() : trace(momentum, { nesterov })
  return inNameOf('sgd', [learningRate, given], () => chainOfRules(memory, scaleByLearningRate(learningRate)))
}
