/** scaleBySimplifiedAdemamix: one sum of the gradients, and the gradient itself, over the root of the mean square. */
import { hyperparameters } from '../declare/hyperparameters.js'
import { finite, orSchedule } from '../range.js'
import type { Params } from '../rule/leaf.js'
import { zeros } from '../rule/slot.js'
import { mix } from '../rule/term.js'
import type { Schedule } from '../schedule/schedule.js'
import { valueAt } from '../schedule/valueAt.js'
import { fromRule } from '../transform/fromRule.js'
import type { GradientTransformation } from '../transform/transformation.js'
import { debias } from './debias.js'

/**
 * Options of {@link scaleBySimplifiedAdemamix}.
 *
 * @category Building blocks
 */
export interface ScaleBySimplifiedAdemamixOptions {
  /** Decay of the sum of the gradients, in [0, 1). Default 0.99. */
  readonly b1?: number
  /** Decay of the second moment, in [0, 1). Default 0.95. */
  readonly b2?: number
  /** Weight of the gradient beside the sum; or a schedule. Default 0. */
  readonly alpha?: number | Schedule
  /** Added to the root, so that it is not zero. Default 1e-8. */
  readonly eps?: number
  /** Added under the root. Default 0. */
  readonly epsRoot?: number
}

/**
 * State of {@link scaleBySimplifiedAdemamix}.
 *
 * @category Building blocks
 */
export interface ScaleBySimplifiedAdemamixState {
  /** Updates made. */
  readonly count: number
  /** Decaying sum of the gradients, shaped like the parameters. */
  readonly m: Params
  /** Second moment, shaped like the parameters. */
  readonly n: Params
}

/**
 * Scales updates by the simplified AdEMAMix rule: one buffer for both averages.
 *
 * {@rule scaleBySimplifiedAdemamix()}
 *
 * The sum is not an average: for a constant gradient it grows to $1/(1 - \beta_1)$ times the gradient, so choose a
 * learning rate smaller by that factor.
 *
 * @category Building blocks
 * @see Morwani et al., Connections between Schedule-Free Optimizers, AdEMAMix, and Accelerated SGD Variants, 2025;
 * Optax, `contrib.scale_by_simplified_ademamix`
 * @example
 * ```ts
 * import { scaleBySimplifiedAdemamix } from 'gradpipe'
 *
 * const tx = scaleBySimplifiedAdemamix({ alpha: 2, eps: 0 })
 * assert.ok(Math.abs(tx.update(-5, tx.init(0))[0] + 3) < 1e-12)
 * ```
 */
export const scaleBySimplifiedAdemamix = (
  given?: ScaleBySimplifiedAdemamixOptions,
): GradientTransformation<ScaleBySimplifiedAdemamixState> => {
  const {
    b1,
    b2,
    alpha = 0,
    eps,
    epsRoot,
  } = hyperparameters(
    'scaleBySimplifiedAdemamix',
    { b1: 0.99, b2: 0.95, alpha: undefined, eps: 1e-8, epsRoot: 0 },
    given,
    { alpha: orSchedule(finite) },
  )
  return fromRule({
    call: ['scaleBySimplifiedAdemamix', given],
    slots: { m: zeros, n: zeros },
    scalars: ({ count, t }) => ({ b1, b2, alpha: valueAt(alpha, count), eps, epsRoot, t }),
    step: ({ g, ...old }, { b1, b2, alpha, eps, epsRoot, t }) => {
      const m = b1.mul(old.m).add(g)
      const n = mix(b2, old.n, g.square())
      return { update: m.add(alpha.mul(g)).div(debias(n, b2, t).add(epsRoot).sqrt().add(eps)), m, n }
    },
  })
}
