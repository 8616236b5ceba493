/** cocob: descent without a learning rate, by coin betting. */

import { type AddDecayedWeightsState, addDecayedWeights } from '../block/addDecayedWeights.js'
import type { CountState } from '../block/scale.js'
import { type ScaleByCocobOptions, type ScaleByCocobState, scaleByCocob } from '../block/scaleByCocob.js'
import { type LearningRate, scaleByLearningRate } from '../block/scaleByLearningRate.js'
import { hyperparameters } from '../declare/hyperparameters.js'
import { type Mask, masks } from '../declare/labelling.js'
import { inNameOf } from '../options.js'
import type { Schedule } from '../schedule/schedule.js'
import { chainOfRules } from '../transform/chainOfRules.js'
import type { EmptyState, GradientTransformation } from '../transform/transformation.js'

/**
 * Options of {@link cocob}.
 *
 * @category Optimizers
 */
export interface CocobOptions extends ScaleByCocobOptions {
  /** Weight decay: the fraction of the parameters that is added to the gradients; or a schedule. Default 0. */
  readonly weightDecay?: number | Schedule
  /** Which leaves decay. All by default. */
  readonly mask?: Mask
}

/**
 * COCOB: {@link addDecayedWeights}, {@link scaleByLearningRate} with its sign kept, {@link scaleByCocob}.
 *
 * {@rule cocob()}
 *
 * The learning rate (default 1) only rescales the gradients, which hardly changes the steps: use it for schedules.
 * Needs the parameters.
 *
 * @category Optimizers
 * @see Orabona and Tommasi, Training Deep Networks without Learning Rates Through Coin Betting, 2017; Optax,
 * `contrib.cocob`
 * @example
 * ```ts
 * import { cocob, step } from 'gradpipe'
 *
 * const tx = cocob()
 * let [p, state] = [1, tx.init(1)]
 * for (let i = 0; i < 200; i++) [p, state] = step(tx)(p, state, 2 * p)
 * assert.ok(Math.abs(p) < 0.1)
 * ```
 */
export const cocob = (
  learningRate: LearningRate = 1,
  given?: CocobOptions,
): GradientTransformation<readonly [AddDecayedWeightsState, EmptyState | CountState, ScaleByCocobState]> => {
  const { weightDecay, mask, ...betting } = hyperparameters(
    'cocob',
    { alpha: 100, eps: 1e-8, weightDecay: undefined, mask: undefined },
    given,
    { mask: masks },
  )
  return inNameOf('cocob', [learningRate, given], () =>
    chainOfRules(
      addDecayedWeights(weightDecay ?? 0, mask === undefined ? {} : { mask }),
      scaleByLearningRate(learningRate, { flipSign: false }),
      scaleByCocob(betting),
    ),
  )
}
