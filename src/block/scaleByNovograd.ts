/** scaleByNovograd: momentum of gradients over the norms of their leaves. */
import { hyperparameters } from '../declare/hyperparameters.js'
import { sum } from '../declare/reduction.js'
import type { Params } from '../rule/leaf.js'
import { slot, zeros } from '../rule/slot.js'
import { mix, select } from '../rule/term.js'
import type { Schedule } from '../schedule/schedule.js'
import { valueAt } from '../schedule/valueAt.js'
import { fromRule } from '../transform/fromRule.js'
import type { GradientTransformation } from '../transform/transformation.js'

/**
 * Options of {@link scaleByNovograd}.
 *
 * @category Building blocks
 */
export interface ScaleByNovogradOptions {
  /** Decay of the momentum, in [0, 1). Default 0.9. */
  readonly b1?: number
  /** Decay of the squared norms, in [0, 1). Default 0.25. */
  readonly b2?: number
  /** Added to the root. Default 1e-8. */
  readonly eps?: number
  /** Added under the root. Default 0. */
  readonly epsRoot?: number
  /** Share of the parameters that is added before the momentum; or a schedule. Default 0. */
  readonly weightDecay?: number | Schedule
}

/**
 * State of {@link scaleByNovograd}.
 *
 * @category Building blocks
 */
export interface ScaleByNovogradState {
  /** Updates made. */
  readonly count: number
  /** Momentum, shaped like the parameters. */
  readonly mu: Params
  /** Mean squared norm of the gradient: one number per leaf. */
  readonly nu: Params
}

/**
 * Scales updates by the NovoGrad rule: a second moment per leaf, not per element.
 *
 * {@rule scaleByNovograd()}
 *
 * The mean squared norm starts with the first gradient's. A constant weight decay of zero reads no parameters; otherwise
 * they are needed.
 *
 * @category Building blocks
 * @see Ginsburg et al., Stochastic Gradient Methods with Layer-wise Adaptive Moments for Training of Deep Networks,
 * 2019, algorithm 1; Optax, `scale_by_novograd`
 * @example
 * ```ts
 * import { scaleByNovograd } from 'gradpipe'
 *
 * const tx = scaleByNovograd({ eps: 0 })
 * const p = new Float64Array(2)
 * assert.deepEqual([...tx.update(Float64Array.of(3, 4), tx.init(p))[0]], [0.6, 0.8])
 * ```
 */
export const scaleByNovograd = (
  given?: ScaleByNovogradOptions,
): GradientTransformation<ScaleByNovogradState> => {
  const { weightDecay = 0, ...constants } = hyperparameters(
    'scaleByNovograd',
    { b1: 0.9, b2: 0.25, eps: 1e-8, epsRoot: 0, weightDecay: undefined },
    given,
  )
  return fromRule({
    call: ['scaleByNovograd', given],
    slots: { mu: zeros, nu: slot('leaf', 0) },
    scalars: ({ count, t }) => ({ ...constants, weightDecay: valueAt(weightDecay, count), t }),
    step: ({ g, p, ...old }, { b1, b2, eps, epsRoot, weightDecay: decay, t }) => {
      const square = sum(g.square(), 'leaf')
      const nu = select(t.eq(1), square, mix(b2, old.nu, square))
      const unit = g.div(nu.add(epsRoot).sqrt().add(eps))
      const decayed = weightDecay === 0 ? unit : unit.add(decay.mul(p))
      const mu = b1.mul(old.mu).add(decayed)
      return { update: mu, mu, nu }
    },
  })
}
