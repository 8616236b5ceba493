/** Frees the memory of trees that nobody needs any more, such as the results that a failed call has made. */
import { brought, type Disposing, type Made } from '../host/brought.js'
import { disposeLeaf } from '../host/hosts.js'
import { isTensorLike } from '../rule/leaf.js'
import { eachObject } from '../tree/each.js'
import type { Tree } from '../tree/tree.js'

/**
 * Frees every tensor in some trees of any kind: parameters, states, gradients. Freeing a tensor twice does no harm.
 *
 * `tf.dispose` does the same, but its type does not accept readonly trees.
 *
 * @category Transformations
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs-core'
 * import { adam, dispose } from 'gradpipe'
 * import 'gradpipe/tfjs'
 *
 * const params = { w: tf.ones([3]) }
 * const state = adam(0.1).init(params)
 * dispose(params, state)
 * assert.ok(params.w.isDisposed)
 * ```
 */
export const dispose = (...trees: readonly unknown[]): void => {
  // whatever is not a branch is a leaf, so anything is a tree
  eachObject(trees as Tree<unknown>, disposeTensor)
}

const disposeTensor = (leaf: unknown): void => {
  if (isTensorLike(leaf)) disposeLeaf(leaf)
}

/**
 * Runs a computation that announces what it makes; if it throws, its results are freed first. Where no tensors are leaves,
 * there is nothing to free.
 */
export const disposingOnError: Disposing = (compute) =>
  brought.disposing === undefined ? compute(same) : brought.disposing(compute)

const same: Made = (value) => value

/** Brought by those that make tensors leaves. */
export const disposing: Disposing = (compute) => {
  const all: unknown[] = []
  try {
    return compute((value) => {
      all.push(value)
      return value
    })
  } catch (error) {
    dispose(all)
    throw error
  }
}
