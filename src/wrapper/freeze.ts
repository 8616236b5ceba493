/** freeze: no updates for some of the leaves. */

import { setToZero } from '../block/setToZero.js'
import type { Mask } from '../declare/labelling.js'
import { inNameOf } from '../options.js'
import { masked } from '../transform/masked.js'
import type { MaskedState } from '../transform/maskedRules.js'
import type { EmptyState, GradientTransformation } from '../transform/transformation.js'

/**
 * Zeroes the updates of the leaves that the mask selects, so their parameters stay bit for bit. To save their state
 * as well, give them `setToZero()` in a `partition`.
 *
 * @category Wrappers
 * @see Optax, `freeze`
 * @example
 * ```ts
 * import { chain, freeze, sgd } from 'gradpipe'
 *
 * const tx = chain(sgd(0.1), freeze({ backbone: true, head: false }))
 * const params = { backbone: 1, head: 1 }
 * assert.deepEqual(tx.update({ backbone: 1, head: 1 }, tx.init(params))[0], { backbone: 0, head: -0.1 })
 * ```
 */
export const freeze = (mask: Mask): GradientTransformation<MaskedState<EmptyState>> =>
  inNameOf('freeze', [mask], () => masked(setToZero(), mask))
