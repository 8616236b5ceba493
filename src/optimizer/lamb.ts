/** lamb: AdamW with every leaf's step scaled to its parameter. */

import { type AddDecayedWeightsState, addDecayedWeights } from '../block/addDecayedWeights.js'
import type { CountState } from '../block/scale.js'
import { type ScaleByAdamState, scaleByAdam } from '../block/scaleByAdam.js'
import { type LearningRate, scaleByLearningRate } from '../block/scaleByLearningRate.js'
import { scaleByTrustRatio } from '../block/scaleByTrustRatio.js'
import { hyperparameters } from '../declare/hyperparameters.js'
import { type Mask, masks } from '../declare/labelling.js'
import { inNameOf } from '../options.js'
import type { Schedule } from '../schedule/schedule.js'
import { chainOfRules } from '../transform/chainOfRules.js'
import type { EmptyState, GradientTransformation } from '../transform/transformation.js'

/**
 * Options of {@link lamb}.
 *
 * @category Optimizers
 */
export interface LambOptions {
  /** Decay of the first moment, in [0, 1). Default 0.9. */
  readonly b1?: number
  /** Decay of the second moment, in [0, 1). Default 0.999. */
  readonly b2?: number
  /** Added to the root, so that it is not zero. Default 1e-6. */
  readonly eps?: number
  /** Added under the root. Default 0. */
  readonly epsRoot?: number
  /** Share of the parameters that is added to the update before its norm is taken; or a schedule. Default 0. */
  readonly weightDecay?: number | Schedule
  /** Which leaves decay. All by default. */
  readonly mask?: Mask
}

/**
 * LAMB: {@link scaleByAdam}, {@link addDecayedWeights}, {@link scaleByTrustRatio}, {@link scaleByLearningRate}.
 *
 * {@rule lamb(0.1)}
 *
 * A leaf's step is as long as the learning rate times its parameter's norm. Without the trust ratio this is
 * `adamw`. Needs the parameters.
 *
 * @category Optimizers
 * @see You et al., Large Batch Optimization for Deep Learning: Training BERT in 76 minutes, 2020; Optax, `lamb`
 * @example
 * ```ts
 * import { lamb } from 'gradpipe'
 *
 * const tx = lamb(0.1)
 * const p = new Float64Array([3, 4])
 * const [u] = tx.update(new Float64Array([1, 1]), tx.init(p), p)
 * assert.ok(Math.abs(Math.hypot(...u) - 0.5) < 1e-12)
 * ```
 */
export const lamb = (
  learningRate: LearningRate,
  given?: LambOptions,
): GradientTransformation<
  readonly [ScaleByAdamState, AddDecayedWeightsState, EmptyState, EmptyState | CountState]
> => {
  const { weightDecay, mask, ...moments } = hyperparameters(
    'lamb',
    { b1: 0.9, b2: 0.999, eps: 1e-6, epsRoot: 0, weightDecay: undefined, mask: undefined },
    given,
    { mask: masks },
  )
  return inNameOf('lamb', [learningRate, given], () =>
    chainOfRules(
      scaleByAdam(moments),
      addDecayedWeights(weightDecay ?? 0, mask === undefined ? {} : { mask }),
      scaleByTrustRatio(),
      scaleByLearningRate(learningRate),
    ),
  )
}
