/** madgrad: dual averaging with momentum. */

import { type AddDecayedWeightsState, addDecayedWeights } from '../block/addDecayedWeights.js'
import type { LearningRate } from '../block/scaleByLearningRate.js'
import {
  type ScaleByMadgradOptions,
  type ScaleByMadgradState,
  scaleByMadgrad,
} from '../block/scaleByMadgrad.js'
import { hyperparameters } from '../declare/hyperparameters.js'
import { inNameOf } from '../options.js'
import type { Schedule } from '../schedule/schedule.js'
import { chainOfRules } from '../transform/chainOfRules.js'
import type { GradientTransformation } from '../transform/transformation.js'

/**
 * Options of {@link madgrad}.
 *
 * @category Optimizers
 */
export interface MadgradOptions extends ScaleByMadgradOptions {
  /** Weight decay: the fraction of the parameters that is added to the gradients; or a schedule. Default 0. */
  readonly weightDecay?: number | Schedule
}

/**
 * MADGRAD: {@link addDecayedWeights} and {@link scaleByMadgrad}.
 *
 * {@rule madgrad(0.1)}
 *
 * Needs the parameters.
 *
 * @category Optimizers
 * @see Defazio and Jelassi, Adaptivity without Compromise: A Momentumized, Adaptive, Dual Averaged Gradient Method for
 * Stochastic Optimization, 2021; Optax, `contrib.madgrad`
 * @example
 * ```ts
 * import { madgrad, step } from 'gradpipe'
 *
 * const tx = madgrad(0.1)
 * let [p, state] = [1, tx.init(1)]
 * for (let i = 0; i < 300; i++) [p, state] = step(tx)(p, state, 2 * p)
 * assert.ok(Math.abs(p) < 1e-2)
 * ```
 */
export const madgrad = (
  learningRate: LearningRate,
  given?: MadgradOptions,
): GradientTransformation<readonly [AddDecayedWeightsState, ScaleByMadgradState]> => {
  const { weightDecay, ...averaging } = hyperparameters(
    'madgrad',
    { momentum: 0.9, weightDecay: undefined, eps: 1e-6 },
    given,
  )
  return inNameOf('madgrad', [learningRate, given], () =>
    chainOfRules(addDecayedWeights(weightDecay ?? 0), scaleByMadgrad(learningRate, averaging)),
  )
}
