/** setToZero: no update at all. */
import { constant } from '../rule/term.js'
import { fromRule } from '../transform/fromRule.js'
import type { EmptyState, GradientTransformation } from '../transform/transformation.js'

/**
 * Replaces every update by zero. A parameter that it steps stays bit for bit as it is.
 *
 * {@rule setToZero()}
 *
 * @category Building blocks
 * @see Optax, `set_to_zero`
 * @example
 * ```ts
 * import { setToZero } from 'gradpipe'
 *
 * const tx = setToZero()
 * assert.deepEqual(tx.update({ w: [3, 4] }, tx.init({ w: [0, 0] }))[0], { w: [0, 0] })
 * ```
 */
export const setToZero = (): GradientTransformation<EmptyState> =>
  fromRule({ call: ['setToZero'], slots: {}, scalars: {}, step: () => ({ update: constant(0) }) })
