/** selectiveTransform: a transformation of the leaves that are not frozen. */

import { setToZero } from '../block/setToZero.js'
import { labelOf, type Mask } from '../declare/labelling.js'
import { called } from '../options.js'
import { checkRanges, transformation } from '../range.js'
import type { EmptyState, GradientTransformation, NoExtraArgs } from '../transform/transformation.js'
import { type PartitionState, partition } from './partition.js'

/**
 * State of {@link selectiveTransform}.
 *
 * @category Wrappers
 */
export type SelectiveTransformState<S> = PartitionState<{
  /** Of the leaves that are not frozen. */
  readonly train: S
  /** None. */
  readonly freeze: EmptyState
}>

/**
 * Transforms the leaves that are not frozen. The others get zero updates, so their parameters stay bit for bit, and
 * they have no state.
 *
 * `freeze` comes after an optimizer, which then keeps state for every leaf; this goes around the optimizer.
 *
 * Throws `TreeMismatch` where a tree of booleans has nothing for a leaf.
 *
 * @category Wrappers
 * @see Optax, `selective_transform`
 * @example
 * ```ts
 * import { selectiveTransform, trace } from 'gradpipe'
 *
 * const tx = selectiveTransform(trace(0.9), { backbone: true, head: false })
 * const state = tx.init({ backbone: 1, head: 1 })
 * assert.deepEqual(tx.update({ backbone: 3, head: 3 }, state)[0], { backbone: 0, head: 3 })
 * assert.deepEqual(state.innerStates.train.innerState, { trace: { backbone: null, head: 0 } })
 * ```
 */
export const selectiveTransform = <S, X = NoExtraArgs>(
  optimizer: GradientTransformation<S, X>,
  freezeMask: Mask,
): GradientTransformation<SelectiveTransformState<S>, X> => {
  checkRanges('selectiveTransform', { optimizer }, { optimizer: transformation })
  const frozen = labelOf({ of: 'selectiveTransform', option: 'freezeMask', kind: 'boolean' }, freezeMask)
  const tx: unknown = partition({ train: optimizer, freeze: setToZero() }, (leaf) =>
    frozen(leaf) ? 'freeze' : 'train',
  )
  // the state and the extra arguments that partition's mapped types come to
  return called(
    ['selectiveTransform', optimizer, freezeMask],
    tx as GradientTransformation<SelectiveTransformState<S>, X>,
  )
}
