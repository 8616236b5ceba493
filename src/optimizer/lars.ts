/** lars: momentum with every leaf's gradient scaled to its parameter. */

import { type AddDecayedWeightsState, addDecayedWeights } from '../block/addDecayedWeights.js'
import type { CountState } from '../block/scale.js'
import { type LearningRate, scaleByLearningRate } from '../block/scaleByLearningRate.js'
import { scaleByTrustRatio } from '../block/scaleByTrustRatio.js'
import { type TraceState, trace } from '../block/trace.js'
import { hyperparameters } from '../declare/hyperparameters.js'
import { type Mask, masks } from '../declare/labelling.js'
import { inNameOf } from '../options.js'
import type { Schedule } from '../schedule/schedule.js'
import { chain } from '../transform/chain.js'
import { masked } from '../transform/masked.js'
import type { MaskedState } from '../transform/maskedRules.js'
import type { EmptyState, GradientTransformation } from '../transform/transformation.js'

/**
 * Options of {@link lars}.
 *
 * @category Optimizers
 */
export interface LarsOptions {
  /** Weight decay: the fraction of the parameters that is added to the gradients; or a schedule. Default 0. */
  readonly weightDecay?: number | Schedule
  /** Which leaves decay. All by default. */
  readonly weightDecayMask?: Mask
  /** The ratio of the norms of step and parameter, before the learning rate. Default 0.001. */
  readonly trustCoefficient?: number
  /** Added to the norm of the gradient. Default 0. */
  readonly eps?: number
  /** Which leaves are scaled to their parameters. All by default. */
  readonly trustRatioMask?: Mask
  /** Decay of the momentum, in [0, 1). Default 0.9. */
  readonly momentum?: number
  /** Whether momentum looks one step ahead (Nesterov). Default false. */
  readonly nesterov?: boolean
}

/**
 * LARS: {@link addDecayedWeights}, {@link scaleByTrustRatio}, {@link scaleByLearningRate}, {@link trace}.
 *
 * {@rule lars(0.1)}
 *
 * With weight decay, the trust ratio uses the norm of gradient plus decay, as in Optax. The paper adds the two norms,
 * which makes a step 1.41 times shorter if both have the same length and stand at a right angle. Without the trust
 * ratio this is `sgd` with momentum. Needs the parameters. Objax's LARS differs where the gradient is zero: see
 * `gradpipe/objax`.
 *
 * @category Optimizers
 * @see You, Gitman and Ginsburg, Large Batch Training of Convolutional Networks, 2017; Optax, `lars`
 * @example
 * ```ts
 * import { lars } from 'gradpipe'
 *
 * const tx = lars(1, { trustCoefficient: 0.1 })
 * const p = new Float64Array([3, 4])
 * const [u] = tx.update(new Float64Array([0, 7]), tx.init(p), p)
 * // a tenth of the parameter's norm, along the gradient
 * assert.ok(Math.abs(Math.hypot(...u) - 0.5) < 1e-12)
 * ```
 */
export const lars = (
  learningRate: LearningRate,
  given?: LarsOptions,
): GradientTransformation<
  readonly [AddDecayedWeightsState, MaskedState<EmptyState>, EmptyState | CountState, TraceState]
> => {
  const { weightDecay, weightDecayMask, trustCoefficient, eps, trustRatioMask, momentum, nesterov } =
    hyperparameters(
      'lars',
      {
        weightDecay: undefined,
        weightDecayMask: undefined,
        trustCoefficient: 0.001,
        eps: 0,
        trustRatioMask: undefined,
        momentum: 0.9,
        nesterov: false,
      },
      given,
      { trustRatioMask: masks, weightDecayMask: masks },
    )
  return inNameOf('lars', [learningRate, given], () =>
    chain(
      addDecayedWeights(weightDecay ?? 0, { mask: weightDecayMask ?? true }),
      masked(scaleByTrustRatio({ trustCoefficient, eps }), trustRatioMask ?? true),
      scaleByLearningRate(learningRate),
      trace(momentum, { nesterov }),
    ),
  )
}
