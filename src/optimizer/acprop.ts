/** acprop: a step over what the steps before have learned of the variance. */

import { type AddDecayedWeightsState, addDecayedWeights } from '../block/addDecayedWeights.js'
import type { CountState } from '../block/scale.js'
import { type ScaleByAcpropOptions, type ScaleByAcpropState, scaleByAcprop } from '../block/scaleByAcprop.js'
import { type LearningRate, scaleByLearningRate } from '../block/scaleByLearningRate.js'
import { hyperparameters } from '../declare/hyperparameters.js'
import { type Mask, masks } from '../declare/labelling.js'
import { inNameOf } from '../options.js'
import type { Schedule } from '../schedule/schedule.js'
import { chainOfRules } from '../transform/chainOfRules.js'
import type { EmptyState, GradientTransformation } from '../transform/transformation.js'

/**
 * Options of {@link acprop}.
 *
 * @category Optimizers
 */
export interface AcpropOptions extends ScaleByAcpropOptions {
  /** Share of the parameters that is taken off per step, times the learning rate; or a schedule. Default 0. */
  readonly weightDecay?: number | Schedule
  /** Which leaves decay. All by default. */
  readonly mask?: Mask
}

/**
 * ACProp: {@link scaleByAcprop}, {@link addDecayedWeights}, {@link scaleByLearningRate}.
 *
 * {@rule acprop(0.1)}
 *
 * Needs the parameters where weights decay.
 *
 * @category Optimizers
 * @see Zhuang et al., Momentum Centering and Asynchronous Update for Adaptive Gradient Methods, 2021; Optax,
 * `contrib.acprop`
 * @example
 * ```ts
 * import { acprop } from 'gradpipe'
 *
 * const tx = acprop(0.5)
 * const [, state] = tx.update(4, tx.init(0))
 * assert.ok(Math.abs(tx.update(2, state)[0] + 0.25) < 1e-12)
 * ```
 */
export const acprop = (
  learningRate: LearningRate,
  given?: AcpropOptions,
): GradientTransformation<readonly [ScaleByAcpropState, AddDecayedWeightsState, EmptyState | CountState]> => {
  const { weightDecay, mask, ...moments } = hyperparameters(
    'acprop',
    { b1: 0.9, b2: 0.999, eps: 1e-16, epsRoot: 1e-16, weightDecay: undefined, mask: undefined },
    given,
    { mask: masks },
  )
  return inNameOf('acprop', [learningRate, given], () =>
    chainOfRules(
      scaleByAcprop(moments),
      addDecayedWeights(weightDecay ?? 0, mask === undefined ? {} : { mask }),
      scaleByLearningRate(learningRate),
    ),
  )
}
