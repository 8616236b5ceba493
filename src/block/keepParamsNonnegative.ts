/** keepParamsNonnegative: updates that do not lead below zero. */
import { select } from '../rule/term.js'
import { fromRule } from '../transform/fromRule.js'
import type { EmptyState, GradientTransformation } from '../transform/transformation.js'

/**
 * Limits updates so that no parameter becomes negative: one that would becomes zero.
 *
 * {@rule keepParamsNonnegative()}
 *
 * Use it as the last member of a chain: anything after it could make parameters negative again. Needs the parameters,
 * which should start at zero or above.
 *
 * @category Building blocks
 * @see Optax, `keep_params_nonnegative`
 * @example
 * ```ts
 * import { keepParamsNonnegative } from 'gradpipe'
 *
 * const tx = keepParamsNonnegative()
 * assert.deepEqual(tx.update([-3, -1], tx.init([2, 2]), [2, 2])[0], [-2, -1])
 * ```
 */
export const keepParamsNonnegative = (): GradientTransformation<EmptyState> =>
  fromRule({
    call: ['keepParamsNonnegative'],
    slots: {},
    scalars: {},
    step: ({ g, p }) => ({ update: select(p.add(g).lt(0), p.neg(), g) }),
  })
