/** centralize: updates without their mean. */
import { clone } from '../interpret/memory.js'
import { isTensor, subtractRowMeans } from '../interpret/tensor.js'
import { type Leaf, leafSpec, type Params } from '../rule/leaf.js'
import { leaves, map } from '../tree/tree.js'
import { disposingOnError } from './dispose.js'
import type { EmptyState, GradientTransformation } from './transformation.js'

/**
 * Subtracts from each update of rank 2 or more its mean over all axes but the first; others stay.
 *
 * $$u_{ij\ldots} = g_{ij\ldots} - \operatorname{mean}_{j\ldots}\, g_{ij\ldots}$$
 *
 * Not a rule, since it reduces along axes: it interrupts a fused chain. Numbers and typed arrays have no second
 * axis and stay as they are.
 *
 * @category Building blocks
 * @see Yong et al., Gradient Centralization, 2020; Optax, `centralize`
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs-core'
 * import { centralize } from 'gradpipe'
 *
 * const tx = centralize()
 * const g = tf.tensor2d([[1, 3], [10, 20]])
 * const [u] = tx.update(g, tx.init(g))
 * assert.deepEqual(u.arraySync(), [[-1, 1], [-5, 5]])
 * tf.dispose([g, u])
 * ```
 */
export const centralize = (): GradientTransformation<EmptyState> => ({
  init: () => ({}),
  update: <P extends Params>(grads: P) => {
    for (const [path, leaf] of leaves<Leaf>(grads)) leafSpec(['grads', ...path], leaf)
    const centred = disposingOnError((made) =>
      map((leaf: Leaf) => made(isTensor(leaf) && leaf.rank > 1 ? subtractRowMeans(leaf) : clone(leaf)))(
        grads,
      ),
    )
    // the same structure and kinds of leaves
    return [centred as P, {}] as const
  },
})
