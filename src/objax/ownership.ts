/**
 * Who frees a tensor: a variable holds its value, a running call may hold it too, and the last holder to let go
 * disposes it.
 *
 * A handle belongs to at most one variable. One that is already held is cloned, which makes a new handle on the same
 * data. So `a.assign(t); b.assign(t)` is as safe as with immutable arrays, and gradients tell two variables apart.
 */

import * as tf from '@tensorflow/tfjs-core'

const holders = new WeakMap<tf.Tensor, number>()

/** Counts one more holder; the tensor survives the `tf.tidy` around it. */
export const hold = (tensor: tf.Tensor): tf.Tensor => {
  holders.set(tensor, (holders.get(tensor) ?? 0) + 1)
  return tf.keep(tensor)
}

/** Counts one holder less; the last one disposes the tensor. */
export const release = (tensor: tf.Tensor): void => {
  const others = (holders.get(tensor) ?? 1) - 1
  if (others > 0) {
    holders.set(tensor, others)
  } else {
    holders.delete(tensor)
    tensor.dispose()
  }
}

/** Hands a tensor back to the caller and the `tf.tidy` around: nobody here frees it any more. */
export const handBack = (tensor: tf.Tensor): void => {
  holders.delete(tensor)
  tensor.kept = false
}

/** The tensor as a variable keeps it: itself, or a clone if another variable holds it already. */
export const own = (tensor: tf.Tensor): tf.Tensor => hold(holders.has(tensor) ? tensor.clone() : tensor)
