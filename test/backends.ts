/** The TensorFlow.js backends that tests of tensors run on, and the count of what a call leaves behind. */
import * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-backend-cpu'
import '@tensorflow/tfjs-backend-wasm'
import { NdArray } from '../src/index.js'

/** Backends that run in Node without a device. */
export const backends = ['cpu', 'wasm'] as const

/** Activates a backend. */
export const useBackend = async (name: (typeof backends)[number]): Promise<void> => {
  await tf.setBackend(name)
  await tf.ready()
}

/** How many tensors a call leaves behind. */
export const tensorsLeft = (call: () => void): number => {
  const before = tf.memory().numTensors
  call()
  return tf.memory().numTensors - before
}

/** The numbers of a tensor, an array or a number. */
export const numbers = (leaf: unknown): readonly number[] =>
  leaf instanceof tf.Tensor
    ? [...leaf.dataSync()]
    : typeof leaf === 'number'
      ? [leaf]
      : leaf instanceof Float32Array || leaf instanceof Float64Array
        ? [...leaf]
        : leaf instanceof NdArray
          ? [...leaf.data]
          : []

/** All tensors of a tree of anything. */
export const tensorsIn = (node: unknown): readonly tf.Tensor[] =>
  node instanceof tf.Tensor
    ? [node]
    : typeof node === 'object' && node !== null
      ? Object.values(node).flatMap(tensorsIn)
      : []
