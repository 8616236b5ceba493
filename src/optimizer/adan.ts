/** adan: Adam with Nesterov momentum from the differences of gradients. */

import { type AddDecayedWeightsState, addDecayedWeights } from '../block/addDecayedWeights.js'
import { proximalDecay } from '../block/proximalDecay.js'
import type { CountState } from '../block/scale.js'
import { type ScaleByAdanOptions, type ScaleByAdanState, scaleByAdan } from '../block/scaleByAdan.js'
import { type LearningRate, scaleByLearningRate } from '../block/scaleByLearningRate.js'
import { hyperparameters } from '../declare/hyperparameters.js'
import { type Mask, masks } from '../declare/labelling.js'
import { inNameOf } from '../options.js'
import type { Schedule } from '../schedule/schedule.js'
import { chainOfRules } from '../transform/chainOfRules.js'
import type { EmptyState, GradientTransformation } from '../transform/transformation.js'

/**
 * Options of {@link adan}; `epsRoot` is 1e-8 by default here, and 0 in the variant `paper`.
 *
 * @category Optimizers
 */
export interface AdanOptions extends ScaleByAdanOptions {
  /**
   * Weight decay: the fraction of the parameters that each step subtracts, times the learning rate; or a schedule.
   * Default 0.
   */
  readonly weightDecay?: number | Schedule
  /** Which leaves decay. All by default. */
  readonly mask?: Mask
}

/**
 * Adan: {@link scaleByAdan}, {@link addDecayedWeights}, {@link scaleByLearningRate}.
 *
 * {@rule adan(0.1)}
 *
 * The numbers are Optax's; `variant: 'paper'` has those of the authors' code. It looks ahead by another share of the
 * difference ({@link scaleByAdan} says by how much they differ), adds nothing under the root, and decays by solving for
 * the parameters after the step, $(p - \eta u)/(1 + \eta\lambda)$, where Optax has the decay of AdamW: of a step of 0.1
 * and a decay of 0.5, a parameter of 4 keeps 3.71 by the paper, and 3.70 in Optax. With weight decay, needs the
 * parameters.
 *
 * @category Optimizers
 * @see Xie et al., Adan: Adaptive Nesterov Momentum Algorithm for Faster Optimizing Deep Models, 2023; Optax, `adan`
 * @example
 * ```ts
 * import { adan } from 'gradpipe'
 *
 * const tx = adan(0.5)
 * assert.ok(Math.abs(tx.update(-7, tx.init(0))[0] - 0.5) < 1e-8)
 * ```
 * @example
 * ```ts
 * import { adan, step } from 'gradpipe'
 *
 * const kept = (variant: 'optax' | 'paper') => {
 *   const tx = adan(0.1, { weightDecay: 0.5, variant })
 *   return step(tx)(4, tx.init(4), 1)[0].toFixed(2)
 * }
 * assert.deepEqual([kept('optax'), kept('paper')], ['3.70', '3.71'])
 * ```
 */
export const adan = (
  learningRate: LearningRate,
  given?: AdanOptions,
): GradientTransformation<readonly [ScaleByAdanState, AddDecayedWeightsState, EmptyState | CountState]> => {
  const paper = given?.variant === 'paper'
  const {
    weightDecay = 0,
    mask,
    ...moments
  } = hyperparameters(
    'adan',
    {
      ...{ b1: 0.98, b2: 0.92, b3: 0.99, eps: 1e-8, epsRoot: paper ? 0 : 1e-8, variant: 'optax' },
      ...{ weightDecay: undefined, mask: undefined },
    },
    given,
    { mask: masks },
  )
  return inNameOf('adan', [learningRate, given], () =>
    chainOfRules(
      scaleByAdan(moments),
      paper
        ? proximalDecay(learningRate, weightDecay, mask)
        : addDecayedWeights(weightDecay, mask === undefined ? {} : { mask }),
      scaleByLearningRate(learningRate),
    ),
  )
}
