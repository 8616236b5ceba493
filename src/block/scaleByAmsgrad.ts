/** scaleByAmsgrad: Adam with a second moment that never shrinks. */
import { options } from '../options.js'
import type { Params } from '../rule/leaf.js'
import { zeros } from '../rule/slot.js'
import { mix } from '../rule/term.js'
import { fromRule } from '../transform/fromRule.js'
import type { GradientTransformation } from '../transform/transformation.js'
import { debias } from './debias.js'
import type { ScaleByAdamState } from './scaleByAdam.js'

/**
 * Options of {@link scaleByAmsgrad}.
 *
 * @category Building blocks
 */
export interface ScaleByAmsgradOptions {
  /** Decay of the first moment, in [0, 1). Default 0.9. */
  readonly b1?: number
  /** Decay of the second moment, in [0, 1). Default 0.999. */
  readonly b2?: number
  /** Added to the root, so that it is not zero. Default 1e-8. */
  readonly eps?: number
  /** Added under the root. Default 0. */
  readonly epsRoot?: number
  /** Whether the first moment is corrected for its start at zero. Default true. */
  readonly biasCorrectionMu?: boolean
  /** Whether the second moment is, before its maximum is taken. Default true. */
  readonly biasCorrectionNu?: boolean
}

/**
 * State of {@link scaleByAmsgrad}.
 *
 * @category Building blocks
 */
export interface ScaleByAmsgradState extends ScaleByAdamState {
  /** The greatest second moment so far, shaped like the parameters. */
  readonly nuMax: Params
}

/**
 * Scales updates by the AMSGrad rule.
 *
 * {@rule scaleByAmsgrad()}
 *
 * The maximum is that of the bias-corrected second moment, as in Optax; PyTorch takes the maximum first and
 * corrects it afterwards.
 *
 * @category Building blocks
 * @see Reddi, Kale and Kumar, On the Convergence of Adam and Beyond, 2018; Optax, `scale_by_amsgrad`
 * @example
 * ```ts
 * import { scaleByAmsgrad } from 'gradpipe'
 *
 * const tx = scaleByAmsgrad({ b1: 0, b2: 0, eps: 0 })
 * const [, state] = tx.update(4, tx.init(0))
 * // the root of the greatest square stays 4
 * assert.equal(tx.update(1, state)[0], 0.25)
 * ```
 */
export const scaleByAmsgrad = (
  given?: ScaleByAmsgradOptions,
): GradientTransformation<ScaleByAmsgradState> => {
  const { b1, b2, eps, epsRoot, biasCorrectionMu, biasCorrectionNu } = options(
    'scaleByAmsgrad',
    { b1: 0.9, b2: 0.999, eps: 1e-8, epsRoot: 0, biasCorrectionMu: true, biasCorrectionNu: true },
    given,
  )
  return fromRule({
    slots: { mu: zeros, nu: zeros, nuMax: zeros },
    scalars: ({ t }) => ({ b1, b2, eps, epsRoot, t }),
    step: ({ g, ...old }, { b1, b2, eps, epsRoot, t }) => {
      const mu = mix(b1, old.mu, g)
      const nu = mix(b2, old.nu, g.square())
      const muHat = biasCorrectionMu ? debias(mu, b1, t) : mu
      const nuMax = old.nuMax.max(biasCorrectionNu ? debias(nu, b2, t) : nu)
      return { update: muHat.div(nuMax.add(epsRoot).sqrt().add(eps)), mu, nu, nuMax }
    },
  })
}
