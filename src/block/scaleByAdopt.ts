/** scaleByAdopt: momentum of gradients that were divided by the root of the mean square before them. */
import { hyperparameters } from '../declare/hyperparameters.js'
import { notNegative, scheduleOf } from '../range.js'
import { zeros } from '../rule/slot.js'
import { mix, select } from '../rule/term.js'
import type { Schedule } from '../schedule/schedule.js'
import { fromRule } from '../transform/fromRule.js'
import type { GradientTransformation } from '../transform/transformation.js'
import type { ScaleByAdamState } from './scaleByAdam.js'

/**
 * Options of {@link scaleByAdopt}.
 *
 * @category Building blocks
 */
export interface ScaleByAdoptOptions {
  /** Decay of the first moment, in [0, 1). Default 0.9. */
  readonly b1?: number
  /** Decay of the second moment, in [0, 1). Default 0.9999. */
  readonly b2?: number
  /** The least divisor. Default 1e-6. */
  readonly eps?: number
  /** Whether to look one step ahead. Default false. */
  readonly nesterov?: boolean
  /** Whether a divided gradient is clipped. Default true. */
  readonly useClipping?: boolean
  /** The bound, by the count. Default `count => count ** 0.25`. */
  readonly clipValueFn?: Schedule
}

/** What the authors recommend. */
export const fourthRoot: Schedule = (count) => count ** 0.25

/**
 * Scales updates by the ADOPT rule: Adam whose divisor does not see the gradient that it divides.
 *
 * {@rule scaleByAdopt()}
 *
 * The first step only fills $\nu$: its update is zero.
 *
 * Throws `InvalidArgument` for an unknown option, and for a bound that is not a function.
 *
 * @category Building blocks
 * @see Taniguchi et al., ADOPT: Modified Adam Can Converge with Any β2 with the Optimal Rate, 2024; Optax,
 * `contrib.scale_by_adopt`
 * @example
 * ```ts
 * import { scaleByAdopt } from 'gradpipe'
 *
 * const tx = scaleByAdopt({ b1: 0 })
 * const [first, state] = tx.update(4, tx.init(0))
 * // half of the first gradient's size
 * assert.deepEqual([first, tx.update(2, state)[0]], [0, 0.5])
 * ```
 */
export const scaleByAdopt = (given?: ScaleByAdoptOptions): GradientTransformation<ScaleByAdamState> => {
  const { b1, b2, eps, nesterov, useClipping, clipValueFn } = hyperparameters(
    'scaleByAdopt',
    { b1: 0.9, b2: 0.9999, eps: 1e-6, nesterov: false, useClipping: true, clipValueFn: fourthRoot },
    given,
    { clipValueFn: scheduleOf(notNegative) },
  )
  return fromRule({
    call: ['scaleByAdopt', given],
    slots: { mu: zeros, nu: zeros },
    scalars: ({ count }) => ({ b1, b2, eps, count, bound: useClipping ? clipValueFn(count) : 0 }),
    step: ({ g, ...old }, { b1, b2, eps, count, bound }) => {
      const first = count.eq(0)
      const nu = mix(select(first, 0, b2), old.nu, g.square())
      const scaled = g.div(old.nu.sqrt().max(eps))
      const clipped = useClipping ? scaled.max(bound.neg()).min(bound) : scaled
      // a choice and no weight of 0: a gradient over eps may be infinite
      const averaged = (m: typeof clipped) => select(first, m, mix(b1, m, clipped))
      const mu = averaged(old.mu)
      return { update: nesterov ? averaged(mu) : mu, mu, nu }
    },
  })
}
