/** scaleByYogi: Adam whose second moment moves by steps of the squared gradient. */
import { hyperparameters } from '../declare/hyperparameters.js'
import { notNegative } from '../range.js'
import { slot } from '../rule/slot.js'
import { constant, mix } from '../rule/term.js'
import { fromRule } from '../transform/fromRule.js'
import type { GradientTransformation } from '../transform/transformation.js'
import { debias } from './debias.js'
import type { ScaleByAdamState } from './scaleByAdam.js'

/**
 * Options of {@link scaleByYogi}.
 *
 * @category Building blocks
 */
export interface ScaleByYogiOptions {
  /** Decay of the first moment, in [0, 1). Default 0.9. */
  readonly b1?: number
  /** One minus the second moment's step, in [0, 1). Default 0.999. */
  readonly b2?: number
  /** Added to the root. Default 1e-3. */
  readonly eps?: number
  /** Added under the root. Default 0. */
  readonly epsRoot?: number
  /** First value of both moments. Default 1e-6. */
  readonly initialAccumulatorValue?: number
}

/**
 * Scales updates by the Yogi rule: Adam whose second moment follows the squared gradient additively, so that a
 * quiet while does not let the step size explode.
 *
 * {@rule scaleByYogi()}
 *
 * The moments are corrected for their start, as in Optax; the paper corrects nothing, which makes the first step of a
 * large gradient 3.16 times as long.
 *
 * @category Building blocks
 * @see Zaheer et al., Adaptive Methods for Nonconvex Optimization, 2018, algorithm 2; Optax, `scale_by_yogi`
 * @example
 * ```ts
 * import { scaleByYogi } from 'gradpipe'
 *
 * // from zero, the first step is the gradient's sign
 * const tx = scaleByYogi({ eps: 0, initialAccumulatorValue: 0 })
 * assert.ok(Math.abs(tx.update(-5, tx.init(0))[0] + 1) < 1e-12)
 * ```
 */
export const scaleByYogi = (given?: ScaleByYogiOptions): GradientTransformation<ScaleByAdamState> => {
  const { b1, b2, eps, epsRoot, initialAccumulatorValue } = hyperparameters(
    'scaleByYogi',
    { b1: 0.9, b2: 0.999, eps: 1e-3, epsRoot: 0, initialAccumulatorValue: 1e-6 },
    given,
    { initialAccumulatorValue: notNegative },
  )
  const start = slot('element', initialAccumulatorValue)
  return fromRule({
    call: ['scaleByYogi', given],
    slots: { mu: start, nu: start },
    scalars: ({ t }) => ({ b1, b2, eps, epsRoot, t }),
    step: ({ g, ...old }, { b1, b2, eps, epsRoot, t }) => {
      const square = g.square()
      const mu = mix(b1, old.mu, g)
      const nu = old.nu.sub(constant(1).sub(b2).mul(old.nu.sub(square).sign()).mul(square))
      return { update: debias(mu, b1, t).div(debias(nu, b2, t).add(epsRoot).sqrt().add(eps)), mu, nu }
    },
  })
}
