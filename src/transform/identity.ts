/** identity: leaves the gradient as it is. */
import { fromRule } from './fromRule.js'
import type { EmptyState, GradientTransformation } from './transformation.js'

/**
 * Returns the updates as they are.
 *
 * {@rule identity()}
 *
 * @category Building blocks
 * @see Optax, `identity`
 * @example
 * ```ts
 * import { identity } from 'gradpipe'
 *
 * const tx = identity()
 * assert.deepEqual(tx.update({ w: 3 }, tx.init({ w: 0 })), [{ w: 3 }, {}])
 * ```
 */
export const identity = (): GradientTransformation<EmptyState> =>
  fromRule({ call: ['identity'], slots: {}, scalars: {}, step: ({ g }) => ({ update: g }) })
