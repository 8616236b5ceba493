/** centralize: updates without their mean. */

import { mean } from '../declare/reduction.js'
import { otherAxes } from '../rule/leaf.js'
import { fromRule } from '../transform/fromAnyRule.js'
import type { EmptyState, GradientTransformation } from '../transform/transformation.js'

/**
 * Subtracts from each update of rank 2 or more its mean over all axes but the first; others stay.
 *
 * $$u_{ij\ldots} = g_{ij\ldots} - \operatorname{mean}_{j\ldots}\, g_{ij\ldots}$$
 *
 * Numbers and typed arrays have no second axis and stay as they are.
 *
 * @category Building blocks
 * @see Yong et al., Gradient Centralization, 2020; Optax, `centralize`
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs-core'
 * import { centralize } from 'gradpipe'
 * import 'gradpipe/tfjs'
 *
 * const tx = centralize()
 * const g = tf.tensor2d([[1, 3], [10, 20]])
 * const [u] = tx.update(g, tx.init(g))
 * assert.deepEqual(u.arraySync(), [[-1, 1], [-5, 5]])
 * tf.dispose([g, u])
 * ```
 */
export const centralize = (): GradientTransformation<EmptyState> =>
  fromRule({
    call: ['centralize'],
    axes: (leaf) => (leaf.shape.length > 1 ? { rows: 0, columns: otherAxes(leaf.shape, [0]) } : null),
    slots: {},
    scalars: {},
    step: ({ g }) => ({ update: g.sub(mean(g, 'row')) }),
  })
