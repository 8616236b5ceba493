/** scaleByAdamax: the gradient's mean over its greatest size so far. */
import { hyperparameters } from '../declare/hyperparameters.js'
import { zeros } from '../rule/slot.js'
import { mix } from '../rule/term.js'
import { fromRule } from '../transform/fromRule.js'
import type { GradientTransformation } from '../transform/transformation.js'
import { debias } from './debias.js'
import type { ScaleByAdamState } from './scaleByAdam.js'

/**
 * Options of {@link scaleByAdamax}.
 *
 * @category Building blocks
 */
export interface ScaleByAdamaxOptions {
  /** Decay of the first moment, in [0, 1). Default 0.9. */
  readonly b1?: number
  /** Decay of the greatest size, in [0, 1). Default 0.999. */
  readonly b2?: number
  /** Added to the gradient's size, so that the divisor is not zero. Default 1e-8. */
  readonly eps?: number
}

/**
 * Scales updates by the Adamax rule: Adam with the infinity norm in place of the second moment.
 *
 * {@rule scaleByAdamax()}
 *
 * In the state, `nu` is the decaying maximum.
 *
 * @category Building blocks
 * @see Kingma and Ba, Adam: A Method for Stochastic Optimization, 2015, algorithm 2; Optax, `scale_by_adamax`
 * @example
 * ```ts
 * import { scaleByAdamax } from 'gradpipe'
 *
 * // a gradient that does not change gives its sign
 * const tx = scaleByAdamax({ eps: 0 })
 * assert.ok(Math.abs(tx.update(-7, tx.init(0))[0] + 1) < 1e-12)
 * ```
 */
export const scaleByAdamax = (given?: ScaleByAdamaxOptions): GradientTransformation<ScaleByAdamState> => {
  const { b1, b2, eps } = hyperparameters('scaleByAdamax', { b1: 0.9, b2: 0.999, eps: 1e-8 }, given)
  return fromRule({
    call: ['scaleByAdamax', given],
    slots: { mu: zeros, nu: zeros },
    scalars: ({ t }) => ({ b1, b2, eps, t }),
    step: ({ g, ...old }, { b1, b2, eps, t }) => {
      const mu = mix(b1, old.mu, g)
      const nu = g.abs().add(eps).max(b2.mul(old.nu))
      return { update: debias(mu, b1, t).div(nu), mu, nu }
    },
  })
}
