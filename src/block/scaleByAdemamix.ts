/** scaleByAdemamix: Adam with a second, slow average of the gradients beside the fast one. */
import { hyperparameters } from '../declare/hyperparameters.js'
import { decay, finite, orSchedule } from '../range.js'
import type { Params } from '../rule/leaf.js'
import { zeros } from '../rule/slot.js'
import { mix } from '../rule/term.js'
import type { Schedule } from '../schedule/schedule.js'
import { valueAt } from '../schedule/valueAt.js'
import { fromRule } from '../transform/fromRule.js'
import type { GradientTransformation } from '../transform/transformation.js'
import { debias } from './debias.js'

/**
 * Options of {@link scaleByAdemamix}.
 *
 * @category Building blocks
 */
export interface ScaleByAdemamixOptions {
  /** Decay of the fast average, in [0, 1). Default 0.9. */
  readonly b1?: number
  /** Decay of the second moment, in [0, 1). Default 0.999. */
  readonly b2?: number
  /** Decay of the slow average, in [0, 1); or a schedule. Default 0.9999. */
  readonly b3?: number | Schedule
  /** Weight of the slow average beside the fast one; or a schedule. Default 6. */
  readonly alpha?: number | Schedule
  /** Added to the root, so that it is not zero. Default 1e-8. */
  readonly eps?: number
  /** Added under the root. Default 0. */
  readonly epsRoot?: number
}

/**
 * State of {@link scaleByAdemamix}.
 *
 * @category Building blocks
 */
export interface ScaleByAdemamixState {
  /** Updates made. */
  readonly count: number
  /** Fast average of the gradients, shaped like the parameters. */
  readonly m1: Params
  /** Slow average of the gradients, shaped like the parameters. */
  readonly m2: Params
  /** Second moment, shaped like the parameters. */
  readonly nu: Params
}

/**
 * Scales updates by the AdEMAMix rule.
 *
 * {@rule scaleByAdemamix()}
 *
 * The slow average is not corrected for its start at zero, so that it comes in slowly. The paper lets `b3` and
 * `alpha` grow over the first steps: use schedules for that.
 *
 * @category Building blocks
 * @see Pagliardini et al., The AdEMAMix Optimizer: Better, Faster, Older, 2024; Optax, `contrib.scale_by_ademamix`
 * @example
 * ```ts
 * import { scaleByAdemamix } from 'gradpipe'
 *
 * // without the slow average it is Adam
 * const tx = scaleByAdemamix({ alpha: 0, eps: 0 })
 * assert.ok(Math.abs(tx.update(-5, tx.init(0))[0] + 1) < 1e-12)
 * ```
 */
export const scaleByAdemamix = (
  given?: ScaleByAdemamixOptions,
): GradientTransformation<ScaleByAdemamixState> => {
  const {
    b1,
    b2,
    b3 = 0.9999,
    alpha = 6,
    eps,
    epsRoot,
  } = hyperparameters(
    'scaleByAdemamix',
    { b1: 0.9, b2: 0.999, b3: undefined, alpha: undefined, eps: 1e-8, epsRoot: 0 },
    given,
    { b3: orSchedule(decay), alpha: orSchedule(finite) },
  )
  return fromRule({
    call: ['scaleByAdemamix', given],
    slots: { m1: zeros, m2: zeros, nu: zeros },
    scalars: ({ count, t }) => ({
      b1,
      b2,
      b3: valueAt(b3, count),
      alpha: valueAt(alpha, count),
      eps,
      epsRoot,
      t,
    }),
    step: ({ g, ...old }, { b1, b2, b3, alpha, eps, epsRoot, t }) => {
      const m1 = mix(b1, old.m1, g)
      const m2 = mix(b3, old.m2, g)
      const nu = mix(b2, old.nu, g.square())
      const mixed = debias(m1, b1, t).add(alpha.mul(m2))
      return { update: mixed.div(debias(nu, b2, t).add(epsRoot).sqrt().add(eps)), m1, m2, nu }
    },
  })
}
