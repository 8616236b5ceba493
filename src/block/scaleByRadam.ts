/** scaleByRadam: Adam without its second moment until that has a variance to speak of. */
import { hyperparameters } from '../declare/hyperparameters.js'
import { notNegative } from '../range.js'
import { zeros } from '../rule/slot.js'
import { constant, mix, select } from '../rule/term.js'
import { fromRule } from '../transform/fromRule.js'
import type { GradientTransformation } from '../transform/transformation.js'
import { debias, debiasMean } from './debias.js'
import type { ScaleByAdamOptions, ScaleByAdamState } from './scaleByAdam.js'

/**
 * Options of {@link scaleByRadam}.
 *
 * @category Building blocks
 */
export interface ScaleByRadamOptions extends ScaleByAdamOptions {
  /** The length of the approximated average from which the second moment is used, above 4 in any case. Default 5. */
  readonly threshold?: number
}

/** Up to a length of 4 the average has no variance, and the root that rectifies is that of a negative number. */
const ABOVE_FOUR = 4 * (1 + Number.EPSILON)

/**
 * Scales updates by the rectified Adam rule.
 *
 * {@rule scaleByRadam()}
 *
 * The host decides from the count alone which of the two forms applies. The threshold is that of Optax, of PyTorch
 * and of the authors' code; the paper has 4, and so uses the second moment from the fifth step on, not from the
 * sixth.
 *
 * @category Building blocks
 * @see Liu et al., On the Variance of the Adaptive Learning Rate and Beyond, 2020; Optax, `scale_by_radam`
 * @example
 * ```ts
 * import { scaleByRadam } from 'gradpipe'
 *
 * // the first steps are plain momentum, bias-corrected
 * const tx = scaleByRadam()
 * assert.ok(Math.abs(tx.update(7, tx.init(0))[0] - 7) < 1e-12)
 * ```
 */
export const scaleByRadam = (given?: ScaleByRadamOptions): GradientTransformation<ScaleByAdamState> => {
  const { b1, b2, eps, epsRoot, threshold, nesterov } = hyperparameters(
    'scaleByRadam',
    { b1: 0.9, b2: 0.999, eps: 1e-8, epsRoot: 0, threshold: 5, nesterov: false },
    given,
    { threshold: notNegative },
  )
  return fromRule({
    call: ['scaleByRadam', given],
    slots: { mu: zeros, nu: zeros },
    scalars: ({ t }) => ({ b1, b2, eps, epsRoot, threshold: Math.max(threshold, ABOVE_FOUR), t }),
    step: ({ g, ...old }, { b1, b2, eps, epsRoot, threshold, t }) => {
      const mu = mix(b1, old.mu, g)
      const nu = mix(b2, old.nu, g.square())
      const muHat = debiasMean(nesterov, mu, g, b1, t)
      const nuHat = debias(nu, b2, t)
      const b2t = b2.pow(t)
      const rhoInf = constant(2).div(constant(1).sub(b2)).sub(1)
      const rho = rhoInf.sub(constant(2).mul(t).mul(b2t).div(constant(1).sub(b2t)))
      const r = rho
        .sub(4)
        .mul(rho.sub(2))
        .mul(rhoInf)
        .div(rhoInf.sub(4).mul(rhoInf.sub(2)).mul(rho))
        .sqrt()
      const rectified = r.mul(muHat).div(nuHat.add(epsRoot).sqrt().add(eps))
      return { update: select(rho.ge(threshold), rectified, muHat), mu, nu }
    },
  })
}
