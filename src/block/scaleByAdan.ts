/** scaleByAdan: Adam with Nesterov momentum from the differences of gradients. */
import { hyperparameters } from '../declare/hyperparameters.js'
import { oneOf } from '../range.js'
import type { Params } from '../rule/leaf.js'
import { zeros } from '../rule/slot.js'
import { constant, mix, select } from '../rule/term.js'
import { fromRule } from '../transform/fromRule.js'
import type { GradientTransformation } from '../transform/transformation.js'
import { debias } from './debias.js'

/**
 * Options of {@link scaleByAdan}.
 *
 * @category Building blocks
 */
export interface ScaleByAdanOptions {
  /** Decay of the mean of the gradients, in [0, 1). Default 0.98. */
  readonly b1?: number
  /** Decay of the mean of their differences, in [0, 1). Default 0.92. */
  readonly b2?: number
  /** Decay of the second moment, in [0, 1). Default 0.99. */
  readonly b3?: number
  /** Added to the root, so that it is not zero. Default 1e-8. */
  readonly eps?: number
  /** Added under the root. Default 0. */
  readonly epsRoot?: number
  /** `paper` looks ahead by `b2` times the difference, `optax` by `1 - b2` times. Default `optax`. */
  readonly variant?: 'optax' | 'paper'
}

/**
 * State of {@link scaleByAdan}.
 *
 * @category Building blocks
 */
export interface ScaleByAdanState {
  /** Updates made. */
  readonly count: number
  /** Mean of the gradients, shaped like the parameters. */
  readonly m: Params
  /** Mean of the differences from one gradient to the next, shaped like the parameters. */
  readonly v: Params
  /** Mean square of the gradients that look ahead, shaped like the parameters. */
  readonly n: Params
  /** The last gradient, shaped like the parameters. */
  readonly previousGradient: Params
}

/**
 * Scales updates by the Adan rule.
 *
 * {@rule scaleByAdan()}
 *
 * The first step has no difference to look ahead by. The decays are one minus the paper's betas, as in Optax and in
 * the authors' code. The paper and the authors' code look ahead by `b2` (0.92) times the difference; Optax, and so
 * this by default, by `1 - b2` (0.08). `variant: 'paper'` has the authors' numbers. For gradients that alternate
 * between 1 and 3, the sixth update is 0.88 in Optax and 0.67 in the paper.
 *
 * @category Building blocks
 * @see Xie et al., Adan: Adaptive Nesterov Momentum Algorithm for Faster Optimizing Deep Models, 2023, algorithm 1;
 * Optax, `scale_by_adan`
 * @example
 * ```ts
 * import { scaleByAdan } from 'gradpipe'
 *
 * // the first step is the gradient's sign, whatever its size
 * const tx = scaleByAdan({ eps: 0 })
 * assert.deepEqual(tx.update([1e-3, -1e3], tx.init([0, 0]))[0].map(Math.round), [1, -1])
 * ```
 * @example
 * ```ts
 * import { scaleByAdan } from 'gradpipe'
 *
 * const sixth = (variant: 'optax' | 'paper') => {
 *   const tx = scaleByAdan({ variant })
 *   let [update, state] = tx.update(1, tx.init(0))
 *   for (const g of [3, 1, 3, 1, 3]) [update, state] = tx.update(g, state)
 *   return update.toFixed(2)
 * }
 * assert.deepEqual([sixth('optax'), sixth('paper')], ['0.88', '0.67'])
 * ```
 */
export const scaleByAdan = (given?: ScaleByAdanOptions): GradientTransformation<ScaleByAdanState> => {
  const { b1, b2, b3, eps, epsRoot, variant } = hyperparameters(
    'scaleByAdan',
    { b1: 0.98, b2: 0.92, b3: 0.99, eps: 1e-8, epsRoot: 0, variant: 'optax' },
    given,
    { variant: oneOf('optax', 'paper') },
  )
  return fromRule({
    call: ['scaleByAdan', given],
    slots: { m: zeros, v: zeros, n: zeros, previousGradient: zeros },
    scalars: ({ t }) => ({ b1, b2, b3, eps, epsRoot, t }),
    step: ({ g, previousGradient, ...old }, { b1, b2, b3, eps, epsRoot, t }) => {
      const ahead = variant === 'paper' ? b2 : constant(1).sub(b2)
      const difference = select(t.eq(1), 0, g.sub(previousGradient))
      const m = mix(b1, old.m, g)
      const v = mix(b2, old.v, difference)
      const n = mix(b3, old.n, g.add(ahead.mul(difference)).square())
      const direction = debias(m, b1, t).add(ahead.mul(debias(v, b2, t)))
      const update = direction.div(debias(n, b3, t).add(epsRoot).sqrt().add(eps))
      return { update, m, v, n, previousGradient: g }
    },
  })
}
