/** adan: Adam with Nesterov momentum from the differences of gradients. */

import { type AddDecayedWeightsState, addDecayedWeights } from '../block/addDecayedWeights.js'
import type { CountState } from '../block/scale.js'
import { type ScaleByAdanOptions, type ScaleByAdanState, scaleByAdan } from '../block/scaleByAdan.js'
import { type LearningRate, scaleByLearningRate } from '../block/scaleByLearningRate.js'
import { options } from '../options.js'
import type { Schedule } from '../schedule/schedule.js'
import { chain } from '../transform/chain.js'
import type { Mask } from '../transform/labelling.js'
import type { EmptyState, GradientTransformation } from '../transform/transformation.js'

/**
 * Options of {@link adan}; `epsRoot` is 1e-8 by default here.
 *
 * @category Optimizers
 */
export interface AdanOptions extends ScaleByAdanOptions {
  /** Share of the parameters that is taken off per step, times the learning rate; or a schedule. Default 0. */
  readonly weightDecay?: number | Schedule
  /** Which leaves decay. All by default. */
  readonly mask?: Mask
}

/**
 * Adan: {@link scaleByAdan}, {@link addDecayedWeights}, {@link scaleByLearningRate}.
 *
 * {@rule adan(0.1)}
 *
 * The decay is that of AdamW; the paper divides the parameters by 1 + ηλ instead. With weight decay, needs the
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
 */
export const adan = (
  learningRate: LearningRate,
  given?: AdanOptions,
): GradientTransformation<readonly [ScaleByAdanState, AddDecayedWeightsState, EmptyState | CountState]> => {
  const { weightDecay, mask, ...moments } = options(
    'adan',
    { b1: 0.98, b2: 0.92, b3: 0.99, eps: 1e-8, epsRoot: 1e-8, weightDecay: undefined, mask: undefined },
    given,
  )
  return chain(
    scaleByAdan(moments),
    addDecayedWeights(weightDecay ?? 0, mask === undefined ? {} : { mask }),
    scaleByLearningRate(learningRate),
  )
}
