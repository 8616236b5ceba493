/** noisySgd: gradient descent with noise that decays. */

import { type AddNoiseState, addNoise } from '../block/addNoise.js'
import type { CountState } from '../block/scale.js'
import { type LearningRate, scaleByLearningRate } from '../block/scaleByLearningRate.js'
import { hyperparameters } from '../declare/hyperparameters.js'
import { inNameOf } from '../options.js'
import { chain } from '../transform/chain.js'
import type { KeyOptions } from '../transform/noise.js'
import type { EmptyState, GradientTransformation } from '../transform/transformation.js'

/**
 * Options of {@link noisySgd}.
 *
 * @category Optimizers
 */
export interface NoisySgdOptions extends KeyOptions {
  /** The variance of the noise in the first step, from 0. Default 0.01. */
  readonly eta?: number
  /** How fast the variance decays. Default 0.55. */
  readonly gamma?: number
}

/**
 * Stochastic gradient descent with noise: {@link addNoise} and {@link scaleByLearningRate}.
 *
 * $$u = -\alpha_t \, (g + \sigma_t z), \qquad z \sim \mathcal{N}(0, 1), \qquad \sigma_t^2 = \frac{\eta}{t^\gamma}$$
 *
 * Throws as {@link addNoise} does.
 *
 * @category Optimizers
 * @see Neelakantan et al., Adding Gradient Noise Improves Learning for Very Deep Networks, 2015; Optax, `noisy_sgd`
 * @example
 * ```ts
 * import { noisySgd, step } from 'gradpipe'
 *
 * const tx = noisySgd(0.1, { key: 1 })
 * let [p, state] = [1, tx.init(1)]
 * for (let i = 0; i < 200; i++) [p, state] = step(tx)(p, state, 2 * p)
 * assert.ok(p !== 0 && Math.abs(p) < 0.1)
 * ```
 */
export const noisySgd = (
  learningRate: LearningRate,
  given?: NoisySgdOptions,
): GradientTransformation<readonly [AddNoiseState, EmptyState | CountState]> => {
  const { eta, gamma, ...key } = hyperparameters(
    'noisySgd',
    { eta: 0.01, gamma: 0.55, key: undefined, seed: undefined },
    given,
  )
  return inNameOf('noisySgd', [learningRate, given], () =>
    chain(addNoise(eta, gamma, key), scaleByLearningRate(learningRate)),
  )
}
