/** The one door of the laws to TensorFlow.js: making tensors, reading them, counting them, freeing them. */
import * as tf from '@tensorflow/tfjs-core'

/** A float32 tensor of the numbers, in memory of its own. */
export const makeTensor = (data: Float64Array, shape: readonly number[]): tf.Tensor =>
  tf.tensor(Float32Array.from(data), [...shape], 'float32')

/** The numbers of a tensor; `undefined` of anything else. */
export const readTensor = (leaf: unknown): Float64Array | undefined =>
  leaf instanceof tf.Tensor ? Float64Array.from(leaf.dataSync()) : undefined

/** Whether a leaf is a tensor that was given back. */
export const isDisposed = (leaf: unknown): boolean => leaf instanceof tf.Tensor && leaf.isDisposed

/** Another tensor on the same memory; `undefined` of anything else. */
export const shareTensor = (leaf: unknown): tf.Tensor | undefined =>
  // not clone, which copies on some backends
  leaf instanceof tf.Tensor ? tf.reshape(leaf, leaf.shape) : undefined

/** How many tensors are alive. `tf.memory()` says the same, and wants a backend, which laws of numbers need not have. */
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
