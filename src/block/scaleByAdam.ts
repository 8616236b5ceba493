/** scaleByAdam: the gradient's mean over the root of its mean square. */
import { hyperparameters } from '../declare/hyperparameters.js'
import type { Params } from '../rule/leaf.js'
import { zeros } from '../rule/slot.js'
import { mix } from '../rule/term.js'
import { fromRule } from '../transform/fromRule.js'
import type { GradientTransformation } from '../transform/transformation.js'
import { debias, debiasMean } from './debias.js'

/**
 * Options of {@link scaleByAdam}.
 *
 * @category Building blocks
 */
export interface ScaleByAdamOptions {
  /** Decay of the first moment, in [0, 1). Default 0.9. */
  readonly b1?: number
  /** Decay of the second moment, in [0, 1). Default 0.999. */
  readonly b2?: number
  /** Added to the root, so that it is not zero. Default 1e-8. */
  readonly eps?: number
  /** Added under the root, for derivatives through the update. Default 0. */
  readonly epsRoot?: number
  /** Whether to look one step ahead, as NAdam does. Default false. */
  readonly nesterov?: boolean
}

/**
 * State of the Adam family: the count, the first and the second moment.
 *
 * @category Building blocks
 */
export interface ScaleByAdamState {
  /** Updates made. */
  readonly count: number
  /** First moment, shaped like the parameters. */
  readonly mu: Params
  /** Second moment, shaped like the parameters. */
  readonly nu: Params
}

/**
 * Scales updates by the Adam rule.
 *
 * {@rule scaleByAdam()}
 *
 * With `nesterov`, $\hat\mu$ is made of the next step's mean, as in NAdam:
 *
 * {@rule `scaleByAdam({ nesterov: true })`}
 *
 * Bias corrections are computed on the host in float64. Throws `InvalidArgument` for an unknown option.
 *
 * @category Building blocks
 * @see Kingma and Ba, Adam: A Method for Stochastic Optimization, 2015, algorithm 1; Dozat, Incorporating
 * Nesterov Momentum into Adam, 2016; Optax, `scale_by_adam`
 * @example
 * ```ts
 * import { scaleByAdam } from 'gradpipe'
 *
 * // the first step is the gradient's sign, whatever its size
 * const tx = scaleByAdam({ eps: 0 })
 * assert.deepEqual(tx.update([1e-3, -1e3], tx.init([0, 0]))[0].map(Math.round), [1, -1])
 * ```
 */
export const scaleByAdam = (given?: ScaleByAdamOptions): GradientTransformation<ScaleByAdamState> => {
  const { b1, b2, eps, epsRoot, nesterov } = hyperparameters(
    'scaleByAdam',
    { b1: 0.9, b2: 0.999, eps: 1e-8, epsRoot: 0, nesterov: false },
    given,
  )
  return fromRule({
    call: ['scaleByAdam', given],
    slots: { mu: zeros, nu: zeros },
    scalars: ({ t }) => ({ b1, b2, eps, epsRoot, t }),
    step: ({ g, ...old }, { b1, b2, eps, epsRoot, t }) => {
      const mu = mix(b1, old.mu, g)
      const nu = mix(b2, old.nu, g.square())
      const muHat = debiasMean(nesterov, mu, g, b1, t)
      const nuHat = debias(nu, b2, t)
      return { update: muHat.div(nuHat.add(epsRoot).sqrt().add(eps)), mu, nu }
    },
  })
}
