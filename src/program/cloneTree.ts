/** cloneTree: new handles for all tensors of a tree. */
import { clone } from '../host/hosts.js'
import type { Leaf } from '../rule/leaf.js'
import { map, type Tree } from '../tree/tree.js'

/** Copies a tree of parameters, gradients or state into memory of its own. */
export const cloneTree = <T>(tree: T): T => {
  // what is not a leaf, such as a name or a flag in a state, passes through
  const cloned: unknown = map(clone)(tree as Tree<Leaf>)
  return cloned as T
}
