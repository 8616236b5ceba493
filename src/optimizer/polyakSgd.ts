/** polyakSgd: gradient descent with Polyak's step size. */

import { type ScaleByPolyakOptions, scaleByPolyak } from '../block/scaleByPolyak.js'
import { hyperparameters } from '../declare/hyperparameters.js'
import type { RuleExtraArgs } from '../declare/ruleSpec.js'
import { inNameOf } from '../options.js'
import { finite, orSchedule } from '../range.js'
import type { Schedule } from '../schedule/schedule.js'
import { chainOfRules } from '../transform/chainOfRules.js'
import type { EmptyState, GradientTransformation, StateOf } from '../transform/transformation.js'
import { sgd } from './sgd.js'

/**
 * Options of {@link polyakSgd}.
 *
 * @category Optimizers
 */
export interface PolyakSgdOptions extends ScaleByPolyakOptions {
  /** A factor of the gradients, before their norm is taken; or a schedule. Default 1. */
  readonly scaling?: number | Schedule
}

/**
 * Gradient descent with Polyak's step size: {@link sgd} with `scaling` for its learning rate, then
 * {@link scaleByPolyak}.
 *
 * {@rule polyakSgd()}
 *
 * It needs the loss: `update(grads, state, params, { value })`, a number or a scalar tensor. Without a good lower
 * bound `fMin` of the loss it diverges or stops too early.
 *
 * Throws `InvalidArgument` for an unknown variant, and `MissingArgument` without `value`.
 *
 * @category Optimizers
 * @see Loizou et al., Stochastic Polyak Step-size for SGD: An Adaptive Learning Rate for Fast Convergence, 2021; Optax,
 * `polyak_sgd`
 * @example
 * ```ts
 * import { polyakSgd, step } from 'gradpipe'
 *
 * // p², halved at every step
 * const tx = polyakSgd()
 * let [p, state] = [4, tx.init(4)]
 * for (let i = 0; i < 2; i++) [p, state] = step(tx)(p, state, 2 * p, { value: p ** 2 })
 * assert.equal(p, 1)
 * ```
 */
export const polyakSgd = (
  given?: PolyakSgdOptions,
): GradientTransformation<readonly [StateOf<ReturnType<typeof sgd>>, EmptyState], RuleExtraArgs<'value'>> => {
  const { scaling, ...polyak } = hyperparameters(
    'polyakSgd',
    { fMin: 0, maxLearningRate: 1, eps: 0, variant: 'sps', scaling: undefined },
    given,
    { scaling: orSchedule(finite) },
  )
  return inNameOf('polyakSgd', [given], () => chainOfRules(sgd(scaling ?? 1), scaleByPolyak(polyak)))
}
