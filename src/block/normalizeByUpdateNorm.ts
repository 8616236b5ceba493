/** normalizeByUpdateNorm: updates of a given norm. */
import { hyperparameters } from '../declare/hyperparameters.js'
import { norm } from '../declare/reduction.js'
import { lengthened } from '../rule/ratio.js'
import { fromRule } from '../transform/fromRule.js'
import type { EmptyState, GradientTransformation } from '../transform/transformation.js'

/**
 * Options of {@link normalizeByUpdateNorm}.
 *
 * @category Building blocks
 */
export interface NormalizeByUpdateNormOptions {
  /** The norm after scaling. Default 1. */
  readonly scaleFactor?: number
  /** Added to the norm. Default 1e-6. */
  readonly eps?: number
}

/**
 * Scales all updates to a given norm over the whole tree.
 *
 * {@rule normalizeByUpdateNorm()}
 *
 * @category Building blocks
 * @see Optax, `normalize_by_update_norm`
 * @example
 * ```ts
 * import { normalizeByUpdateNorm } from 'gradpipe'
 *
 * const tx = normalizeByUpdateNorm({ scaleFactor: 10, eps: 0 })
 * assert.deepEqual(tx.update([3, 4], tx.init([0, 0]))[0], [6, 8])
 * ```
 */
export const normalizeByUpdateNorm = (
  given?: NormalizeByUpdateNormOptions,
): GradientTransformation<EmptyState> => {
  const scalars = hyperparameters('normalizeByUpdateNorm', { scaleFactor: 1, eps: 1e-6 }, given)
  return fromRule({
    call: ['normalizeByUpdateNorm', given],
    slots: {},
    scalars,
    step: ({ g }, { scaleFactor, eps }) => ({ update: lengthened(g, norm(g, 'tree').add(eps), scaleFactor) }),
  })
}
