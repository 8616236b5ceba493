/** Tensors as stacks of matrices, and how these are multiplied. Intermediate tensors are the caller's to tidy. */
import type * as tf from '@tensorflow/tfjs-core'
import type { Stack } from '../../rule/stack.js'
import { tfjs } from './library.js'

const isIdentity = (order: readonly number[]): boolean => order.every((axis, i) => axis === i)

/** The axes in another order; a new handle where the order is their own. */
const permute = (x: tf.Tensor, order: readonly number[]): tf.Tensor =>
  isIdentity(order) ? x : tfjs.transpose(x, [...order])

/** The matrices of a tensor. */
export const toMatrices = (x: tf.Tensor, { order, shape }: Stack): tf.Tensor3D =>
  tfjs.reshape(permute(x, order), [...shape])

/** The one matrix of a tensor. */
export const toMatrix = (x: tf.Tensor, { order, shape: [, rows, columns] }: Stack): tf.Tensor2D =>
  tfjs.reshape(permute(x, order), [rows, columns])

/** The tensor of the given shape of which these are the matrices. */
export const fromMatrices = (matrices: tf.Tensor, { order }: Stack, shape: readonly number[]): tf.Tensor => {
  const lengths = order.map((axis) => shape[axis] ?? 1)
  return permute(
    tfjs.reshape(matrices, lengths),
    order.map((_, axis) => order.indexOf(axis)),
  )
}

/** Every matrix turned over. Before a product this costs a tenth of what `transposeA` does on some backends. */
export const flip = (x: tf.Tensor): tf.Tensor => tfjs.transpose(x, [0, 2, 1])
