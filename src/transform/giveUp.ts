/** Checks what is given up to a step: a variable must not be, since its readers, such as a model, still need it. */
import { GradpipeError } from '../error.js'
import { variableName } from '../host/tfjs/tensor.js'
import { eachObject } from '../tree/each.js'
import { showPath } from '../tree/path.js'
import { leaves, type Tree } from '../tree/tree.js'

/** Throws `InvalidLeaf` for a variable anywhere in a tree. */
export const expectNoVariable = (name: string, tree: unknown): void => {
  // every donating step runs this
  let seen = false
  // whatever is not a branch is a leaf, so anything is a tree
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
    'a tensor that donate may consume: tf.clone makes one from a variable, modelToTree those of a model',
    `the variable ${variableName(leaf)}`,
  )
}
