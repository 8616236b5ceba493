/** scaleByAmsgrad: Adam with a second moment that never shrinks. */
import { hyperparameters } from '../declare/hyperparameters.js'
import { oneOf } from '../range.js'
import type { Params } from '../rule/leaf.js'
import { zeros } from '../rule/slot.js'
import { mix, type Term } from '../rule/term.js'
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
  /** Whether the second moment is: before its maximum is taken, or in the variant `paper` after it. Default true. */
  readonly biasCorrectionNu?: boolean
  /** `paper` takes the maximum of the second moment as it is, `optax` of the corrected one. Default `optax`. */
  readonly variant?: 'optax' | 'paper'
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
 * As in Optax, the maximum is that of the bias-corrected second moment, so a large first gradient counts in full. The
 * paper, PyTorch and Keras take the maximum of the second moment itself; so does `variant: 'paper'`, which corrects
 * the bias afterwards, as PyTorch does. After one gradient of 10 and a hundred gradients of 1, the update is 0.10 in
 * Optax and 0.72 in PyTorch. The paper corrects no bias: with `biasCorrectionMu` and `biasCorrectionNu` off, both
 * variants give its numbers.
 *
 * @category Building blocks
 * @see Reddi, Kale and Kumar, On the Convergence of Adam and Beyond, 2018, algorithm 2; Optax,
 * `scale_by_amsgrad`; PyTorch, `Adam(amsgrad=True)`
 * @example
 * ```ts
 * import { scaleByAmsgrad } from 'gradpipe'
 *
 * const tx = scaleByAmsgrad({ b1: 0, b2: 0, eps: 0 })
 * const [, state] = tx.update(4, tx.init(0))
 * // the root of the greatest square stays 4
 * assert.equal(tx.update(1, state)[0], 0.25)
 * ```
 * @example
 * ```ts
 * import { scaleByAmsgrad } from 'gradpipe'
 *
 * const hundredth = (variant: 'optax' | 'paper') => {
 *   const tx = scaleByAmsgrad({ variant })
 *   let [update, state] = tx.update(10, tx.init(0))
 *   for (let i = 1; i < 100; i++) [update, state] = tx.update(1, state)
 *   return update.toFixed(2)
 * }
 * assert.deepEqual([hundredth('optax'), hundredth('paper')], ['0.10', '0.72'])
 * ```
 */
export const scaleByAmsgrad = (
  given?: ScaleByAmsgradOptions,
): GradientTransformation<ScaleByAmsgradState> => {
  const { b1, b2, eps, epsRoot, biasCorrectionMu, biasCorrectionNu, variant } = hyperparameters(
    'scaleByAmsgrad',
    {
      ...{ b1: 0.9, b2: 0.999, eps: 1e-8, epsRoot: 0 },
      ...{ biasCorrectionMu: true, biasCorrectionNu: true, variant: 'optax' },
    },
    given,
    { variant: oneOf('optax', 'paper') },
  )
  const raw = variant === 'paper'
  return fromRule({
    call: ['scaleByAmsgrad', given],
    slots: { mu: zeros, nu: zeros, nuMax: zeros },
    scalars: ({ t }) => ({ b1, b2, eps, epsRoot, t }),
    step: ({ g, ...old }, { b1, b2, eps, epsRoot, t }) => {
      const mu = mix(b1, old.mu, g)
      const nu = mix(b2, old.nu, g.square())
      const muHat = biasCorrectionMu ? debias(mu, b1, t) : mu
      const corrected = (moment: Term<'element'>): Term<'element'> =>
        biasCorrectionNu ? debias(moment, b2, t) : moment
      const nuMax = old.nuMax.max(raw ? nu : corrected(nu))
      const nuHat = raw ? corrected(nuMax) : nuMax
      return { update: muHat.div(nuHat.add(epsRoot).sqrt().add(eps)), mu, nu, nuMax }
    },
  })
}
