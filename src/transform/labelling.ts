/** Labelling: a value per leaf, given as a tree or as a function of what is known of the leaf. */
import { GradpipeError } from '../error.js'
import type { LeafSpec } from '../rule/leaf.js'
import { showPath } from '../tree/path.js'
import { children, describeNode, isBranch, type Tree } from '../tree/tree.js'

/**
 * A value for every leaf: a tree like the parameters, whose leaf may stand for a whole branch of theirs, or a
 * function of a leaf's path, shape and dtype. A function is asked once for trees of one structure, not in every step.
 *
 * @category Wrappers
 */
export type Labelling<L extends boolean | string> = Tree<L> | ((leaf: LeafSpec) => L)

/**
 * Which leaves a transformation is for.
 *
 * @category Wrappers
 */
export type Mask = Labelling<boolean>

/** The label of a leaf. Throws `TreeMismatch`, under `name`, for a leaf that a tree of labels has no label for. */
export const labelOf = <L extends boolean | string>(
  name: string,
  labels: Labelling<L>,
): ((leaf: LeafSpec) => L) => {
  if (typeof labels === 'function') return labels
  return ({ path }) => {
    let node: Tree<L> | undefined = labels
    for (const key of path) {
      if (node === undefined || node === null || !isBranch<L>(node)) break
      node = new Map(children(node)).get(key)
    }
    if (node === undefined || node === null || isBranch<L>(node))
      throw new GradpipeError(
        'TreeMismatch',
        showPath([name, ...path]),
        'a label',
        node === undefined ? 'nothing' : describeNode(node),
      )
    return node
  }
}
