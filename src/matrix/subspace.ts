/** Gradients in a subspace, and updates back from it. */
import type * as tf from '@tensorflow/tfjs-core'
import { tfjs } from '../host/tfjs/library.js'
import { fromMatrices, toMatrix } from '../host/tfjs/matrices.js'
import type { Stack } from '../rule/stack.js'
import { leadingSingularVectors } from './singularVectors.js'

/** A tensor as one matrix, and how many directions of its longer side are kept. */
export interface Projection {
  /** The tensor's own shape. */
  readonly shape: readonly number[]
  readonly stack: Stack
  readonly rank: number
}

const isTall = ({ stack: { shape } }: Projection): boolean => shape[1] >= shape[2]

/** The shape of a projector: its columns are the directions. */
export const projectorShape = ({ stack: { shape }, rank }: Projection): readonly number[] => [
  Math.max(shape[1], shape[2]),
  rank,
]

/** The shape of what is projected. */
export const projectedShape = (of: Projection): readonly number[] => {
  const [, rows, columns] = of.stack.shape
  return isTall(of) ? [of.rank, columns] : [rows, of.rank]
}

/** The projector of the directions in which a tensor is greatest, once its numbers have come from the device. */
export const projectorOf = (
  tensor: tf.Tensor,
  of: Projection,
): { readonly now: () => tf.Tensor; readonly later: () => Promise<tf.Tensor> } => {
  const [, rows, columns] = of.stack.shape
  const matrix = (): tf.Tensor => tfjs.tidy(() => toMatrix(tensor, of.stack))
  const directions = (numbers: ArrayLike<number>): tf.Tensor =>
    tfjs.tensor(leadingSingularVectors(numbers, rows, columns, of.rank), [...projectorShape(of)])
  return {
    now: () => tfjs.tidy(() => directions(matrix().dataSync())),
    later: async () => {
      const read = matrix()
      try {
        return directions(await read.data())
      } finally {
        read.dispose()
      }
    },
  }
}

/** The tensor's matrix in the directions of the projector. */
export const project = (tensor: tf.Tensor, projector: tf.Tensor, of: Projection): tf.Tensor =>
  tfjs.tidy(() => {
    const matrix = toMatrix(tensor, of.stack)
    return isTall(of) ? tfjs.matMul(tfjs.transpose(projector), matrix) : tfjs.matMul(matrix, projector)
  })

/** `scale` times the tensor of which this is the projection. */
export const unproject = (
  projected: tf.Tensor,
  projector: tf.Tensor,
  of: Projection,
  scale: number,
): tf.Tensor =>
  tfjs.tidy(() => {
    const scaled = tfjs.mul(projected, scale)
    const matrix = isTall(of)
      ? tfjs.matMul(projector, scaled)
      : tfjs.matMul(scaled, tfjs.transpose(projector))
    return fromMatrices(matrix, of.stack, of.shape)
  })
