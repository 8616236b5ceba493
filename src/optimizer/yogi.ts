/** yogi: Adam whose second moment moves by steps of the squared gradient. */

import type { CountState } from '../block/scale.js'
import type { ScaleByAdamState } from '../block/scaleByAdam.js'
import { type LearningRate, scaleByLearningRate } from '../block/scaleByLearningRate.js'
import { type ScaleByYogiOptions, scaleByYogi } from '../block/scaleByYogi.js'
import { hyperparameters } from '../declare/hyperparameters.js'
import { inNameOf } from '../options.js'
import { chainOfRules } from '../transform/chainOfRules.js'
import type { EmptyState, GradientTransformation } from '../transform/transformation.js'

/**
 * Yogi: {@link scaleByYogi} and {@link scaleByLearningRate}.
 *
 * {@rule yogi(0.1)}
 *
 * @category Optimizers
 * @see Zaheer et al., Adaptive Methods for Nonconvex Optimization, 2018; Optax, `yogi`
 * @example
 * ```ts
 * import { step, yogi } from 'gradpipe'
 *
 * const tx = yogi(0.1)
 * let [p, state] = [1, tx.init(1)]
 * for (let i = 0; i < 300; i++) [p, state] = step(tx)(p, state, 2 * p)
 * assert.ok(Math.abs(p) < 1e-2)
 * ```
 */
export const yogi = (
  learningRate: LearningRate,
  given?: Pick<ScaleByYogiOptions, 'b1' | 'b2' | 'eps'>,
): GradientTransformation<readonly [ScaleByAdamState, EmptyState | CountState]> =>
  inNameOf('yogi', [learningRate, given], () =>
    chainOfRules(
      scaleByYogi(hyperparameters('yogi', { b1: 0.9, b2: 0.999, eps: 1e-3 }, given)),
      scaleByLearningRate(learningRate),
    ),
  )
