/** zeroNans: zeros where updates are not numbers. */
import { max } from '../declare/reduction.js'
import type { Params } from '../rule/leaf.js'
import { slot } from '../rule/slot.js'
import { select } from '../rule/term.js'
import { fromRule } from '../transform/fromRule.js'
import type { GradientTransformation } from '../transform/transformation.js'

/**
 * State of {@link zeroNans}.
 *
 * @category Building blocks
 */
export interface ZeroNansState {
  /** Whether the last update had a NaN: 1 or 0 per leaf. */
  readonly foundNan: Params
}

/**
 * Replaces NaN by zero; infinities stay.
 *
 * {@rule zeroNans()}
 *
 * The state tells of each leaf whether its last update had a NaN.
 *
 * @category Building blocks
 * @see Optax, `zero_nans`
 * @example
 * ```ts
 * import { zeroNans } from 'gradpipe'
 *
 * const tx = zeroNans()
 * const [updates, { foundNan }] = tx.update([Number.NaN, 2], tx.init([0, 0]))
 * assert.deepEqual(updates, [0, 2])
 * assert.deepEqual(foundNan, [1, 0])
 * ```
 */
export const zeroNans = (): GradientTransformation<ZeroNansState> =>
  fromRule({
    call: ['zeroNans'],
    slots: { foundNan: slot('leaf', 0) },
    scalars: {},
    step: ({ g }) => {
      const isNan = g.ne(g)
      // of an empty leaf, the greatest element is −∞
      return { update: select(isNan, 0, g), foundNan: max(select(isNan, 1, 0), 'leaf').max(0) }
    },
  })
