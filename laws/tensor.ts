/** The only file of the laws that uses TensorFlow.js: it makes, reads, counts and frees tensors. */
import * as tf from '@tensorflow/tfjs-core'

/** A float32 tensor of the numbers, in memory of its own. */
export const makeTensor = (data: Float64Array, shape: readonly number[]): tf.Tensor =>
  tf.tensor(Float32Array.from(data), [...shape], 'float32')

/** The numbers of a tensor; `undefined` for anything else. */
export const readTensor = (leaf: unknown): Float64Array | undefined =>
  leaf instanceof tf.Tensor ? Float64Array.from(leaf.dataSync()) : undefined

/** Whether a leaf is a disposed tensor. */
export const isDisposed = (leaf: unknown): boolean => leaf instanceof tf.Tensor && leaf.isDisposed

/** Another tensor on the same memory; `undefined` for anything else. */
export const shareTensor = (leaf: unknown): tf.Tensor | undefined =>
  // not clone, which copies on some backends
  leaf instanceof tf.Tensor ? tf.reshape(leaf, leaf.shape) : undefined

/** How many tensors are alive. `tf.memory()` says the same, but needs a backend, which laws of numbers do without. */
export const liveTensors = (): number => tf.engine().state.numTensors

/** Frees every tensor that `run` has made. */
export const tidily = <A>(run: () => A): A => {
  tf.engine().startScope()
  try {
    return run()
  } finally {
    tf.engine().endScope()
  }
}
