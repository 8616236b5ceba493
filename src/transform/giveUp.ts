/** Checks what is given up to a step: a variable must not be, since its readers, such as a model, still need it. */
import { GradpipeError } from '../error.js'
import { variableName } from '../host/tfjs/tensor.js'
import { eachObject } from '../tree/each.js'
import { type Path, showPath } from '../tree/path.js'
import { isArray, isBranch, type Tree } from '../tree/tree.js'

/** Throws `InvalidLeaf` for a variable anywhere in a tree. */
export const expectNoVariable = (name: string, tree: unknown): void => {
  // every donating step runs this
  let seen = false
  // whatever is not a branch is a leaf, so anything is a tree
  eachObject(tree as Tree<unknown>, (leaf) => {
    if (variableName(leaf) !== undefined) seen = true
  })
  if (!seen) return
  const find = (node: Tree<unknown>): readonly [path: Path, variable: string] | undefined => {
    if (node === null || !isBranch(node)) {
      const found = variableName(node)
      return found === undefined ? undefined : [[], found]
    }
    for (const key in node) {
      // the keys of an array are indices, those of a record text
      const found = find((node as Readonly<Record<string, Tree<unknown>>>)[key] ?? null)
      if (found !== undefined) return [[isArray(node) ? Number(key) : key, ...found[0]], found[1]]
    }
    return undefined
  }
  const found = find(tree as Tree<unknown>) // as above
  if (found === undefined) return
  throw new GradpipeError(
    'InvalidLeaf',
    showPath([name, ...found[0]]),
    'a tensor that donate may consume: tf.clone makes one from a variable, modelToTree those of a model',
    `the variable ${found[1]}`,
  )
}
