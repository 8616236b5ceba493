/** Gradients per example: tensors whose first axis counts the examples of a batch, clipped and summed over it. */
import type * as tf from '@tensorflow/tfjs-core'
import { tfjs } from '../host/tfjs/library.js'
import { normsOf, timesPowers } from '../host/tfjs/norm.js'
import { type ScalarTensor, sizeOf } from '../rule/leaf.js'

/** Sums over the examples, and how many of these were clipped. */
export interface ClippedSums {
  /** Beside the tensors, without their first axis. */
  readonly sums: readonly tf.Tensor[]
  /** An integer. */
  readonly clipped: ScalarTensor
}

/** One row per example. */
const rows = (tensor: tf.Tensor, examples: number): tf.Tensor2D =>
  tfjs.reshape(tensor, [examples, sizeOf(tensor.shape) / examples])

/**
 * Scales each example's part of all tensors so that its norm over all of them is at most `bound`, and sums over the
 * examples. A part that is within the bound, or whose norm is NaN, stays as it is.
 *
 * All tensors have as many examples, at least one.
 */
export const sumClippedExamples = (tensors: readonly tf.Tensor[], bound: number): ClippedSums =>
  tfjs.tidy(() => {
    const examples = tensors[0]?.shape[0] ?? 0
    if (examples === 0) return { sums: [], clipped: tfjs.scalar(0, 'int32') }
    const all = tensors.map((tensor) => rows(tensor, examples))
    const norms = normsOf((powers) => {
      const column = powers && tfjs.reshape(powers, [examples, 1])
      return tfjs.addN(all.map((each) => tfjs.sum(tfjs.square(timesPowers(each, column)), 1)))
    })
    const factors = tfjs.where(tfjs.greater(norms, bound), tfjs.div(bound, norms), tfjs.onesLike(norms))
    return {
      // a product of matrices: nothing of the size of the gradients is made on the way
      sums: all.map((each, i) => {
        const shape = tensors[i]?.shape.slice(1) ?? []
        return sizeOf(shape) === 0
          ? tfjs.zeros(shape)
          : tfjs.reshape(tfjs.matMul(tfjs.reshape(factors, [1, examples]), each), shape)
      }),
      clipped: tfjs.sum<tf.Scalar>(tfjs.cast(tfjs.less(factors, 1), 'int32')),
    }
  })
