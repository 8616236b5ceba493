/** scaleByBelief: the gradient's mean over how far the gradient was from it. */
import { hyperparameters } from '../declare/hyperparameters.js'
import { zeros } from '../rule/slot.js'
import { mix } from '../rule/term.js'
import { fromRule } from '../transform/fromRule.js'
import type { GradientTransformation } from '../transform/transformation.js'
import { debias, debiasMean } from './debias.js'
import type { ScaleByAdamState } from './scaleByAdam.js'

/**
 * Options of {@link scaleByBelief}.
 *
 * @category Building blocks
 */
export interface ScaleByBeliefOptions {
  /** Decay of the first moment, in [0, 1). Default 0.9. */
  readonly b1?: number
  /** Decay of the squared surprise, in [0, 1). Default 0.999. */
  readonly b2?: number
  /** Added to the root. Default 1e-16. */
  readonly eps?: number
  /** Added to the squared surprise in every step, and kept in its average. Default 1e-16. */
  readonly epsRoot?: number
  /** Whether to look one step ahead, as NAdam does. Default false. */
  readonly nesterov?: boolean
}

/**
 * Scales updates by the AdaBelief rule: large steps where the gradient was as expected, small ones where it was not.
 *
 * {@rule scaleByBelief()}
 *
 * In the state, `nu` is the mean squared surprise, to which `epsRoot` is added anew in every step.
 *
 * @category Building blocks
 * @see Zhuang et al., AdaBelief Optimizer: Adapting Stepsizes by the Belief in Observed Gradients, 2020, algorithm
 * 2; Optax, `scale_by_belief`
 * @example
 * ```ts
 * import { scaleByBelief } from 'gradpipe'
 *
 * // the first surprise is b1 · g, since the mean starts at zero
 * const tx = scaleByBelief({ b1: 0.5 })
 * assert.ok(Math.abs(tx.update(3, tx.init(0))[0] - 2) < 1e-12)
 * ```
 */
export const scaleByBelief = (given?: ScaleByBeliefOptions): GradientTransformation<ScaleByAdamState> => {
  const { b1, b2, eps, epsRoot, nesterov } = hyperparameters(
    'scaleByBelief',
    { b1: 0.9, b2: 0.999, eps: 1e-16, epsRoot: 1e-16, nesterov: false },
    given,
  )
  return fromRule({
    call: ['scaleByBelief', given],
    slots: { mu: zeros, nu: zeros },
    scalars: ({ t }) => ({ b1, b2, eps, epsRoot, t }),
    step: ({ g, ...old }, { b1, b2, eps, epsRoot, t }) => {
      const mu = mix(b1, old.mu, g)
      const nu = mix(b2, old.nu, g.sub(mu).square()).add(epsRoot)
      const muHat = debiasMean(nesterov, mu, g, b1, t)
      return { update: muHat.div(debias(nu, b2, t).sqrt().add(eps)), mu, nu }
    },
  })
}
