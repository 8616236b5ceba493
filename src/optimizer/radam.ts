/** radam: Adam with a rectified start. */

import type { CountState } from '../block/scale.js'
import type { ScaleByAdamState } from '../block/scaleByAdam.js'
import { type LearningRate, scaleByLearningRate } from '../block/scaleByLearningRate.js'
import { type ScaleByRadamOptions, scaleByRadam } from '../block/scaleByRadam.js'
import { inNameOf } from '../options.js'
import { chainOfRules } from '../transform/chainOfRules.js'
import type { EmptyState, GradientTransformation } from '../transform/transformation.js'

/**
 * Rectified Adam: {@link scaleByRadam} and {@link scaleByLearningRate}.
 *
 * {@rule radam(0.1)}
 *
 * @category Optimizers
 * @see Liu et al., On the Variance of the Adaptive Learning Rate and Beyond, 2020; Optax, `radam`
 * @example
 * ```ts
 * import { radam } from 'gradpipe'
 *
 * const tx = radam(0.5)
 * assert.ok(Math.abs(tx.update(3, tx.init(0))[0] + 1.5) < 1e-12)
 * ```
 */
export const radam = (
  learningRate: LearningRate,
  given?: ScaleByRadamOptions,
): GradientTransformation<readonly [ScaleByAdamState, EmptyState | CountState]> =>
  inNameOf('radam', [learningRate, given], () =>
    chainOfRules(scaleByRadam(given), scaleByLearningRate(learningRate)),
  )
