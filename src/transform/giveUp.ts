/** What may be given up to a step: a variable may not, since whoever reads it, a model for instance, still needs it. */
import { GradpipeError } from '../error.js'
import { variableName } from '../host/tfjs/tensor.js'
import { eachObject } from '../tree/each.js'
import { showPath } from '../tree/path.js'
import { leaves, type Tree } from '../tree/tree.js'

/** Throws `InvalidLeaf` for a variable in a tree of anything. */
export const expectNoVariable = (name: string, tree: unknown): void => {
  // every donating step comes here
  let seen = false
  // whatever is not a branch is a leaf, so that anything is a tree
  eachObject(tree as Tree<unknown>, (leaf) => {
    if (variableName(leaf) !== undefined) seen = true
  })
  if (!seen) return
  // as above
  const [path, leaf] = leaves(tree as Tree<unknown>).find(([, each]) => variableName(each) !== undefined) ?? [
    [],
  ]
  throw new GradpipeError(
    'InvalidLeaf',
    showPath([name, ...path]),
    'a tensor that is given up with donate; tf.clone makes one of a variable, modelToTree those of a model',
    `the variable ${variableName(leaf)}`,
  )
}
