/** What some optimizers do along the axes of a tensor. Intermediate tensors are the caller's to tidy. */
import type * as tf from '@tensorflow/tfjs-core'
import { tfjs } from '../host/tfjs/library.js'

/** The axes of a shape. */
const axesOf = (shape: readonly number[]): readonly number[] => shape.map((_, axis) => axis)

// SM3

/** SM3's scaled gradient from an accumulator per index of every axis, and their next values. */
export const scaleByCover = (
  g: tf.Tensor,
  mu: readonly tf.Tensor[],
  { gain, b2, eps }: { readonly gain: number; readonly b2: number; readonly eps: number },
): { readonly update: tf.Tensor; readonly mu: readonly tf.Tensor[] } => {
  const { shape } = g
  // stretched by a sum, which is fast on every backend, where a broadcast minimum is not
  const zeros = tfjs.zerosLike(g)
  const least = mu
    .map((along, axis) => {
      const beside = tfjs.reshape(
        along,
        shape.map((n, i) => (i === axis ? n : 1)),
      )
      return tfjs.add(beside, zeros)
    })
    .reduce((a, b) => tfjs.minimum(a, b))
  const accumulated = tfjs.add(tfjs.mul(tfjs.square(g), gain), tfjs.mul(least, b2))
  const scaled = tfjs.mul(g, tfjs.rsqrt(tfjs.add(accumulated, eps)))
  return {
    update: tfjs.where(tfjs.greater(accumulated, 0), scaled, zeros),
    mu: shape.map((_, axis) =>
      tfjs.max(
        accumulated,
        axesOf(shape).filter((other) => other !== axis),
      ),
    ),
  }
}
