/** flatten and unflatten: a tree as the list of its leaves, and back. */
import { GradpipeError } from '../error.js'
import { formOf } from './align.js'
import { buildForm, type Form } from './form.js'
import type { Tree } from './tree.js'

/**
 * The structure of a tree, without its leaves.
 *
 * @category Trees
 */
export interface TreeDef {
  /** How many leaves a tree of this structure has. */
  readonly numLeaves: number
  /** @internal */
  readonly form: Form
}

/**
 * The leaves of a tree, in the canonical order (keys alphabetically), and its structure.
 *
 * `null` is part of the structure, and not a leaf. Throws like `leaves` for something that is not a tree.
 *
 * Law: `unflatten(treedef, leaves)` gives the tree back, with the order of its keys.
 *
 * @category Trees
 * @see JAX, `tree.flatten`
 * @example
 * ```ts
 * import { tree } from 'gradpipe'
 *
 * const [leaves, treedef] = tree.flatten({ w: 1, b: [2, null] })
 * assert.deepEqual(leaves, [2, 1])
 * assert.equal(treedef.numLeaves, 2)
 * assert.deepEqual(tree.unflatten(treedef, ['two', 'one']), { w: 'one', b: ['two', null] })
 * ```
 */
export const flatten = <A>(tree: Tree<A>): readonly [leaves: readonly A[], treedef: TreeDef] => {
  const { form, leaves } = formOf('', tree)
  return [leaves.map(({ leaf }) => leaf), { numLeaves: leaves.length, form }]
}

/**
 * The structure of a tree, without its leaves.
 *
 * @category Trees
 * @see JAX, `tree.structure`
 * @example
 * ```ts
 * import { tree } from 'gradpipe'
 *
 * assert.equal(tree.structure({ w: 1, b: [2, null] }).numLeaves, 2)
 * ```
 */
export const structure = (tree: Tree<unknown>): TreeDef => flatten(tree)[1]

/**
 * Builds the tree of a structure from its leaves, in the canonical order (keys alphabetically).
 *
 * Throws `InvalidArgument` if there are more or fewer leaves than the structure has.
 *
 * @category Trees
 * @see JAX, `tree.unflatten`
 * @example
 * ```ts
 * import { tree } from 'gradpipe'
 *
 * const treedef = tree.structure({ w: 1, b: [2, 3] })
 * assert.deepEqual(tree.unflatten(treedef, [10, 20, 30]), { w: 30, b: [10, 20] })
 * ```
 */
export const unflatten = <A>(treedef: TreeDef, leaves: readonly A[]): Tree<A> => {
  const { form, numLeaves } = treedef
  if (leaves.length !== numLeaves)
    throw new GradpipeError(
      'InvalidArgument',
      'tree.unflatten.leaves',
      `${numLeaves} leaves`,
      String(leaves.length),
    )
  return buildForm(form, leaves)
}
