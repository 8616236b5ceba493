/** adadelta: steps that take their size from the steps before them. */

import { type AddDecayedWeightsState, addDecayedWeights } from '../block/addDecayedWeights.js'
import type { CountState } from '../block/scale.js'
import {
  type ScaleByAdadeltaOptions,
  type ScaleByAdadeltaState,
  scaleByAdadelta,
} from '../block/scaleByAdadelta.js'
import { type LearningRate, scaleByLearningRate } from '../block/scaleByLearningRate.js'
import { hyperparameters } from '../declare/hyperparameters.js'
import { type Mask, masks } from '../declare/labelling.js'
import { inNameOf } from '../options.js'
import type { Schedule } from '../schedule/schedule.js'
import { chainOfRules } from '../transform/chainOfRules.js'
import type { EmptyState, GradientTransformation } from '../transform/transformation.js'

/**
 * Options of {@link adadelta}.
 *
 * @category Optimizers
 */
export interface AdadeltaOptions extends ScaleByAdadeltaOptions {
  /** Share of the parameters that is added to the gradients; or a schedule. Default 0. */
  readonly weightDecay?: number | Schedule
  /** Which leaves decay. All by default. */
  readonly weightDecayMask?: Mask
}

/**
 * Adadelta: {@link addDecayedWeights}, {@link scaleByAdadelta}, {@link scaleByLearningRate}.
 *
 * {@rule adadelta()}
 *
 * The method needs no learning rate: it is 1 if left out, where Optax then fails. With weight decay, needs the
 * parameters.
 *
 * @category Optimizers
 * @see Zeiler, ADADELTA: An Adaptive Learning Rate Method, 2012; Optax, `adadelta`
 * @example
 * ```ts
 * import { adadelta } from 'gradpipe'
 *
 * const tx = adadelta(0.5, { rho: 0.25, eps: 1 })
 * assert.equal(tx.update(2, tx.init(0))[0], -0.5)
 * ```
 */
export const adadelta = (
  learningRate: LearningRate = 1,
  given?: AdadeltaOptions,
): GradientTransformation<
  readonly [AddDecayedWeightsState, ScaleByAdadeltaState, EmptyState | CountState]
> => {
  const { weightDecay, weightDecayMask, ...means } = hyperparameters(
    'adadelta',
    { rho: 0.9, eps: 1e-6, weightDecay: undefined, weightDecayMask: undefined },
    given,
    { weightDecayMask: masks },
  )
  return inNameOf('adadelta', [learningRate, given], () =>
    chainOfRules(
      addDecayedWeights(weightDecay ?? 0, weightDecayMask === undefined ? {} : { mask: weightDecayMask }),
      scaleByAdadelta(means),
      scaleByLearningRate(learningRate),
    ),
  )
}
