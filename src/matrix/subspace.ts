/** Gradients in a subspace, and updates back from it. Intermediate tensors are the caller's to tidy. */
import type * as tf from '@tensorflow/tfjs-core'
import { tfjs } from '../host/tfjs/library.js'
import { leadingSingularVectors } from './singularVectors.js'

/** A matrix, and how many directions of its longer side are kept. */
export interface Projection {
  readonly rows: number
  readonly columns: number
  readonly rank: number
}

const isTall = ({ rows, columns }: Projection): boolean => rows >= columns

/** The shape of a projector: its columns are the directions. */
export const projectorShape = ({ rows, columns, rank }: Projection): readonly number[] => [
  Math.max(rows, columns),
  rank,
]

/** The shape of what is projected. */
export const projectedShape = (of: Projection): readonly number[] =>
  isTall(of) ? [of.rank, of.columns] : [of.rows, of.rank]

/** A matrix's numbers, row by row, from the device. */
export const numbersOf = (
  matrix: tf.Tensor,
): { readonly now: () => ArrayLike<number>; readonly later: () => Promise<ArrayLike<number>> } => ({
  now: () => matrix.dataSync(),
  later: () => matrix.data(),
})

/** The directions in which a matrix is greatest, from its numbers. */
export const projectorOf = (numbers: ArrayLike<number>, { rows, columns, rank }: Projection): tf.Tensor =>
  tfjs.tensor(leadingSingularVectors(numbers, rows, columns, rank), [Math.max(rows, columns), rank])

/** The matrix in the directions of the projector. */
export const project = (matrix: tf.Tensor, projector: tf.Tensor, of: Projection): tf.Tensor =>
  isTall(of) ? tfjs.matMul(tfjs.transpose(projector), matrix) : tfjs.matMul(matrix, projector)

/** `scale` times the matrix of which this is the projection. */
export const unproject = (
  projected: tf.Tensor,
  projector: tf.Tensor,
  of: Projection,
  scale: number,
): tf.Tensor => {
  const scaled = tfjs.mul(projected, scale)
  return isTall(of) ? tfjs.matMul(projector, scaled) : tfjs.matMul(scaled, tfjs.transpose(projector))
}
