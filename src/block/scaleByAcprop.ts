/** scaleByAcprop: gradients over how far those before them strayed from their average. */
import { hyperparameters } from '../declare/hyperparameters.js'
import type { Params } from '../rule/leaf.js'
import { zeros } from '../rule/slot.js'
import { mix, select } from '../rule/term.js'
import { fromRule } from '../transform/fromRule.js'
import type { GradientTransformation } from '../transform/transformation.js'
import { debias } from './debias.js'

/**
 * Options of {@link scaleByAcprop}.
 *
 * @category Building blocks
 */
export interface ScaleByAcpropOptions {
  /** Decay of the first moment, in [0, 1). Default 0.9. */
  readonly b1?: number
  /** Decay of the second central moment, in [0, 1). Default 0.999. */
  readonly b2?: number
  /** Added to the root. Default 1e-16. */
  readonly eps?: number
  /** Added to the second central moment at every step, and kept in it. Default 1e-16. */
  readonly epsRoot?: number
}

/**
 * State of {@link scaleByAcprop}.
 *
 * @category Building blocks
 */
export interface ScaleByAcpropState {
  /** Updates made. */
  readonly count: number
  /** First moment, shaped like the parameters. */
  readonly mu: Params
  /** Second central moment, shaped like the parameters. */
  readonly nu: Params
}

/**
 * Scales updates by the ACProp rule. The divisor comes from the steps before, so a gradient is never divided by its
 * own square.
 *
 * {@rule scaleByAcprop()}
 *
 * The first step has no divisor yet and uses 1: its update is the gradient itself. The average $\mu$ only centres the
 * second moment.
 *
 * @category Building blocks
 * @see Zhuang et al., Momentum Centering and Asynchronous Update for Adaptive Gradient Methods, 2021; Optax,
 * `contrib.scale_by_acprop`
 * @example
 * ```ts
 * import { scaleByAcprop } from 'gradpipe'
 *
 * const tx = scaleByAcprop()
 * const [first, state] = tx.update(4, tx.init(0))
 * // the second step is in units of the first gradient
 * assert.equal(first, 4)
 * assert.ok(Math.abs(tx.update(2, state)[0] - 0.5) < 1e-12)
 * ```
 */
export const scaleByAcprop = (given?: ScaleByAcpropOptions): GradientTransformation<ScaleByAcpropState> => {
  const { b1, b2, eps, epsRoot } = hyperparameters(
    'scaleByAcprop',
    { b1: 0.9, b2: 0.999, eps: 1e-16, epsRoot: 1e-16 },
    given,
  )
  return fromRule({
    call: ['scaleByAcprop', given],
    slots: { mu: zeros, nu: zeros },
    scalars: ({ count }) => ({ b1, b2, eps, epsRoot, count }),
    step: ({ g, ...old }, { b1, b2, eps, epsRoot, count }) => {
      const mu = mix(b1, old.mu, g)
      const nu = mix(b2, old.nu, g.sub(old.mu).square()).add(epsRoot)
      // at count 0 there is nothing to correct; max keeps 1/0 out of the branch that is not taken
      const nuHat = select(count.eq(0), 1, debias(old.nu, b2, count.max(1)))
      return { update: g.div(nuHat.sqrt().add(eps)), mu, nu }
    },
  })
}
