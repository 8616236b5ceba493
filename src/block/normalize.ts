/** normalize: updates of norm one. */
import { norm } from '../declare/reduction.js'
import { lengthened } from '../rule/ratio.js'
import { fromRule } from '../transform/fromRule.js'
import type { EmptyState, GradientTransformation } from '../transform/transformation.js'

/**
 * Divides updates by their norm over the whole tree.
 *
 * {@rule normalize()}
 *
 * Updates whose norm is zero become zeros, where Optax divides zero by zero. `normalizeByUpdateNorm` adds an
 * epsilon to the norm instead.
 *
 * @category Building blocks
 * @see Optax, `contrib.normalize`
 * @example
 * ```ts
 * import { normalize } from 'gradpipe'
 *
 * const tx = normalize()
 * assert.deepEqual(tx.update([3, 4], tx.init([0, 0]))[0].map((u) => u.toFixed(3)), ['0.600', '0.800'])
 * assert.deepEqual(tx.update([0, 0], tx.init([0, 0]))[0], [0, 0])
 * ```
 */
export const normalize = (): GradientTransformation<EmptyState> =>
  fromRule({
    call: ['normalize'],
    slots: {},
    scalars: {},
    step: ({ g }) => {
      const length = norm(g, 'tree')
      return { update: lengthened(g, length, 1, [length.eq(0), 0]) }
    },
  })
