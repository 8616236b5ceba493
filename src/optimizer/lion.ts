/** lion: steps of one size, by the sign of an interpolated momentum. */

import { type AddDecayedWeightsState, addDecayedWeights } from '../block/addDecayedWeights.js'
import type { CountState } from '../block/scale.js'
import { type LearningRate, scaleByLearningRate } from '../block/scaleByLearningRate.js'
import { type ScaleByLionOptions, type ScaleByLionState, scaleByLion } from '../block/scaleByLion.js'
import { hyperparameters } from '../declare/hyperparameters.js'
import { type Mask, masks } from '../declare/labelling.js'
import { inNameOf } from '../options.js'
import type { Schedule } from '../schedule/schedule.js'
import { chainOfRules } from '../transform/chainOfRules.js'
import type { EmptyState, GradientTransformation } from '../transform/transformation.js'

/**
 * Options of {@link lion}.
 *
 * @category Optimizers
 */
export interface LionOptions extends Pick<ScaleByLionOptions, 'b1' | 'b2'> {
  /**
   * Weight decay: the fraction of the parameters that each step subtracts, times the learning rate; or a schedule.
   * Default 1e-3.
   */
  readonly weightDecay?: number | Schedule
  /** Which leaves decay. All by default. */
  readonly mask?: Mask
}

/**
 * Lion: {@link scaleByLion}, {@link addDecayedWeights}, {@link scaleByLearningRate}.
 *
 * {@rule lion(0.1)}
 *
 * Learning rates are 3 to 10 times smaller than Adam's, decays as much larger. Needs the parameters.
 *
 * @category Optimizers
 * @see Chen et al., Symbolic Discovery of Optimization Algorithms, 2023; Optax, `lion`
 * @example
 * ```ts
 * import { lion } from 'gradpipe'
 *
 * const tx = lion(0.1, { weightDecay: 0 })
 * assert.equal(tx.update(1e-6, tx.init(3), 3)[0], -0.1)
 * ```
 */
export const lion = (
  learningRate: LearningRate,
  given?: LionOptions,
): GradientTransformation<readonly [ScaleByLionState, AddDecayedWeightsState, EmptyState | CountState]> => {
  const { weightDecay, mask, ...moments } = hyperparameters(
    'lion',
    { b1: 0.9, b2: 0.99, weightDecay: undefined, mask: undefined },
    given,
    { mask: masks },
  )
  return inNameOf('lion', [learningRate, given], () =>
    chainOfRules(
      scaleByLion(moments),
      addDecayedWeights(weightDecay ?? 1e-3, mask === undefined ? {} : { mask }),
      scaleByLearningRate(learningRate),
    ),
  )
}
