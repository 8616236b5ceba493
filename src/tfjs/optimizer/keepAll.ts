/** Keeps the tensors of a state. */
import * as tf from '@tensorflow/tfjs-core'
import { isTensor } from '../../host/tfjs/tensor.js'
import { isBranch, type Tree } from '../../tree/tree.js'

const keep = (node: Tree<unknown>): void => {
  // every step runs this: no paths
  if (node !== null && isBranch(node))
    for (const key in node) keep((node as Readonly<Record<string, Tree<unknown>>>)[key] ?? null)
  else if (isTensor(node)) tf.keep(node)
}

/** Lets the tensors of a state outlive the `tf.tidy` around a step. Whatever is not a branch is a leaf. */
export const keepAll = (state: unknown): void => keep(state as Tree<unknown>)
