/** adagrad: gradients over the root of the sum of all their squares. */

import type { CountState } from '../block/scale.js'
import { type LearningRate, scaleByLearningRate } from '../block/scaleByLearningRate.js'
import { type ScaleByRssOptions, type ScaleByRssState, scaleByRss } from '../block/scaleByRss.js'
import { inNameOf } from '../options.js'
import { chainOfRules } from '../transform/chainOfRules.js'
import type { EmptyState, GradientTransformation } from '../transform/transformation.js'

/**
 * AdaGrad: {@link scaleByRss} and {@link scaleByLearningRate}.
 *
 * {@rule adagrad(0.1)}
 *
 * @category Optimizers
 * @see Duchi, Hazan and Singer, Adaptive Subgradient Methods for Online Learning and Stochastic Optimization, 2011; Optax,
 * `adagrad`
 * @example
 * ```ts
 * import { adagrad } from 'gradpipe'
 *
 * const tx = adagrad(0.1, { initialAccumulatorValue: 0, eps: 0 })
 * assert.equal(tx.update(-3, tx.init(0))[0], 0.1)
 * ```
 */
export const adagrad = (
  learningRate: LearningRate,
  given?: ScaleByRssOptions,
): GradientTransformation<readonly [ScaleByRssState, EmptyState | CountState]> =>
  inNameOf('adagrad', [learningRate, given], () =>
    chainOfRules(scaleByRss(given), scaleByLearningRate(learningRate)),
  )
