/**
 * The choice of interpreter: numbers and typed arrays are computed here, tensors by TensorFlow.js.
 *
 * A tree may hold both, as long as nothing is reduced over all of it.
 */
import { GradpipeError } from '../error.js'
import { isTensorLike, type Leaf } from '../rule/leaf.js'
import { showPath } from '../tree/path.js'
import { type NumberValue, numberInterpreter } from './number.js'
import { isTensor, tensorInterpreter } from './tensor.js'
import type { Done, LeafWork, Values, Work } from './work.js'

const isNumber = (leaf: Leaf): leaf is NumberValue => !isTensorLike(leaf)

/** A leaf's work with all its values of one kind; `null` if it has another kind. */
const narrow = <V extends Leaf>(leaf: LeafWork, is: (value: Leaf) => value is V): LeafWork<V> | null => {
  const { gradient, parameter } = leaf
  const slots: Record<string, V> = {}
  for (const [name, value] of Object.entries(leaf.slots)) {
    if (!is(value)) return null
    slots[name] = value
  }
  if (gradient !== null && !is(gradient)) return null
  if (parameter !== null && !is(parameter)) return null
  return { ...leaf, gradient, parameter, slots }
}

/**
 * Computes a step, each kind of leaf by its interpreter.
 *
 * Throws `DtypeMismatch`, before anything is computed, for a tree that holds both numbers and tensors where a
 * rule reduces over the tree.
 */
export const interpret = (work: Work): Done => {
  const numbers = work.leaves.map((leaf) => narrow(leaf, isNumber))
  const tensors = work.leaves.map((leaf, i) => (numbers[i] === null ? narrow(leaf, isTensor) : null))
  const odd = work.leaves.find((leaf, i) =>
    numbers[i] === null
      ? tensors[i] === null || (leaf.plan.shares && numbers.some((n) => n?.plan.shares))
      : false,
  )
  if (odd !== undefined)
    throw new GradpipeError(
      'DtypeMismatch',
      showPath(odd.spec.path),
      'leaves of one kind, tensors or numbers',
      'a tensor beside numbers',
    )
  const present = <V>(all: readonly (LeafWork<V> | null)[]): readonly LeafWork<V>[] =>
    all.filter((leaf) => leaf !== null)
  const byNumber = numberInterpreter({ ...work, leaves: present(numbers) })
  const byTensor = tensorInterpreter({ ...work, leaves: present(tensors) })
  const results: [Iterator<Values>, Iterator<Values>] = [byNumber.leaves.values(), byTensor.leaves.values()]
  return {
    leaves: numbers.map((leaf) => results[leaf === null ? 1 : 0].next().value ?? {}),
    tree: { ...byNumber.tree, ...byTensor.tree },
  }
}
