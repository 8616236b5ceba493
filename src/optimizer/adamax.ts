/** adamax and adamaxw: Adam with the greatest gradient so far in place of the second moment. */

import { type AddDecayedWeightsState, addDecayedWeights } from '../block/addDecayedWeights.js'
import type { CountState } from '../block/scale.js'
import type { ScaleByAdamState } from '../block/scaleByAdam.js'
import { type ScaleByAdamaxOptions, scaleByAdamax } from '../block/scaleByAdamax.js'
import { type LearningRate, scaleByLearningRate } from '../block/scaleByLearningRate.js'
import { hyperparameters } from '../declare/hyperparameters.js'
import { type Mask, masks } from '../declare/labelling.js'
import { inNameOf } from '../options.js'
import type { Schedule } from '../schedule/schedule.js'
import { chainOfRules } from '../transform/chainOfRules.js'
import type { EmptyState, GradientTransformation } from '../transform/transformation.js'

/**
 * Options of {@link adamaxw}.
 *
 * @category Optimizers
 */
export interface AdamaxwOptions extends ScaleByAdamaxOptions {
  /**
   * Weight decay: the fraction of the parameters that each step subtracts, times the learning rate; or a schedule.
   * Default 1e-4.
   */
  readonly weightDecay?: number | Schedule
  /** Which leaves decay. All by default. */
  readonly mask?: Mask
}

/**
 * Adamax: {@link scaleByAdamax} and {@link scaleByLearningRate}.
 *
 * {@rule adamax(0.1)}
 *
 * @category Optimizers
 * @see Kingma and Ba, Adam: A Method for Stochastic Optimization, 2015, section 7.1; Optax, `adamax`
 * @example
 * ```ts
 * import { adamax } from 'gradpipe'
 *
 * const tx = adamax(0.5, { eps: 0 })
 * assert.ok(Math.abs(tx.update(-7, tx.init(0))[0] - 0.5) < 1e-12)
 * ```
 */
export const adamax = (
  learningRate: LearningRate,
  given?: ScaleByAdamaxOptions,
): GradientTransformation<readonly [ScaleByAdamState, EmptyState | CountState]> =>
  inNameOf('adamax', [learningRate, given], () =>
    chainOfRules(scaleByAdamax(given), scaleByLearningRate(learningRate)),
  )

/**
 * AdamaxW: {@link adamax} with decoupled weight decay.
 *
 * {@rule adamaxw(0.1)}
 *
 * The decay is times the learning rate, as in `adamw`. Needs the parameters.
 *
 * @category Optimizers
 * @see Loshchilov and Hutter, Decoupled Weight Decay Regularization, 2019; Optax, `adamaxw`
 * @example
 * ```ts
 * import { adamaxw } from 'gradpipe'
 *
 * // without a gradient, the parameter shrinks by the factor 1 - 0.1 · 0.01
 * const tx = adamaxw(0.1, { weightDecay: 0.01 })
 * assert.ok(Math.abs(tx.update(0, tx.init(5), 5)[0] + 0.005) < 1e-12)
 * ```
 */
export const adamaxw = (
  learningRate: LearningRate,
  given?: AdamaxwOptions,
): GradientTransformation<readonly [ScaleByAdamState, AddDecayedWeightsState, EmptyState | CountState]> => {
  const { weightDecay, mask, ...moments } = hyperparameters(
    'adamaxw',
    { b1: 0.9, b2: 0.999, eps: 1e-8, weightDecay: undefined, mask: undefined },
    given,
    { mask: masks },
  )
  return inNameOf('adamaxw', [learningRate, given], () =>
    chainOfRules(
      scaleByAdamax(moments),
      addDecayedWeights(weightDecay ?? 1e-4, mask === undefined ? {} : { mask }),
      scaleByLearningRate(learningRate),
    ),
  )
}
