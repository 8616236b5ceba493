/** scaleBySign: the signs of updates. */
import { fromRule } from '../transform/fromRule.js'
import type { EmptyState, GradientTransformation } from '../transform/transformation.js'

/**
 * Replaces updates by their signs: −1, 0 or 1.
 *
 * {@rule scaleBySign()}
 *
 * @category Building blocks
 * @see Bernstein et al., signSGD: Compressed Optimisation for Non-Convex Problems, 2018; Optax, `scale_by_sign`
 * @example
 * ```ts
 * import { scaleBySign } from 'gradpipe'
 *
 * const tx = scaleBySign()
 * assert.deepEqual(tx.update([1e-9, 0, -7], tx.init([0, 0, 0]))[0], [1, 0, -1])
 * ```
 */
export const scaleBySign = (): GradientTransformation<EmptyState> =>
  fromRule({ call: ['scaleBySign'], slots: {}, scalars: {}, step: ({ g }) => ({ update: g.sign() }) })
