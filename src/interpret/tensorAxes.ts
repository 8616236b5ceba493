/** What some optimizers do along the axes of a tensor. Intermediate tensors are the caller's to tidy. */
import * as tf from '@tensorflow/tfjs-core'

/** The axes of a shape. */
const axesOf = (shape: readonly number[]): readonly number[] => shape.map((_, axis) => axis)

/** A tensor without its mean over all axes but the first. */
export const subtractRowMeans = (x: tf.Tensor): tf.Tensor =>
  tf.sub(x, tf.mean(x, axesOf(x.shape).slice(1), true))

const normAlong = (x: tf.Tensor, axes: readonly number[]): tf.Tensor =>
  tf.sqrt(tf.sum(tf.square(x), [...axes], true))

/** Updates whose norm along some axes is at most `clipping` times the parameter's, or times `eps`. */
export const clipUnits = (
  g: tf.Tensor,
  p: tf.Tensor,
  axes: readonly number[],
  { clipping, eps }: { readonly clipping: number; readonly eps: number },
): tf.Tensor => {
  const norm = normAlong(g, axes)
  const bound = tf.mul(tf.maximum(normAlong(p, axes), eps), clipping)
  // a factor for each unit, and one pass over the elements
  const factor = tf.where(tf.less(norm, bound), tf.onesLike(norm), tf.div(bound, tf.maximum(norm, 1e-6)))
  return tf.mul(g, factor)
}

// Adafactor

const mix = (decay: number, m: tf.Tensor, x: tf.Tensor): tf.Tensor =>
  tf.add(tf.mul(m, decay), tf.mul(x, 1 - decay))

/** The axes of which Adafactor keeps the means. */
export interface FactoredAxes {
  /** The axis that the rows' means are taken over: the largest. */
  readonly largest: number
  /** The axis that the columns' means are taken over: the second largest. */
  readonly second: number
}

/** Adafactor's update from the means of the squared gradient over either axis, and these means' next values. */
export const factoredRms = (
  { g, vRow, vCol }: { readonly g: tf.Tensor; readonly vRow: tf.Tensor; readonly vCol: tf.Tensor },
  { largest, second }: FactoredAxes,
  { decay, epsilon }: { readonly decay: number; readonly epsilon: number },
): { readonly update: tf.Tensor; readonly vRow: tf.Tensor; readonly vCol: tf.Tensor } => {
  const square = tf.square(g)
  const rows = mix(decay, vRow, tf.add(tf.mean(square, largest), epsilon))
  const columns = mix(decay, vCol, tf.add(tf.mean(square, second), epsilon))
  const mean = tf.mean(rows, second > largest ? second - 1 : second, true)
  const byRow = tf.expandDims(tf.rsqrt(tf.div(rows, mean)), largest)
  const byColumn = tf.expandDims(tf.rsqrt(columns), second)
  return { update: tf.mul(tf.mul(g, byRow), byColumn), vRow: rows, vCol: columns }
}

// SM3

/** SM3's scaled gradient from an accumulator per index of every axis, and their next values. */
export const scaleByCover = (
  g: tf.Tensor,
  mu: readonly tf.Tensor[],
  { gain, b2, eps }: { readonly gain: number; readonly b2: number; readonly eps: number },
): { readonly update: tf.Tensor; readonly mu: readonly tf.Tensor[] } => {
  const { shape } = g
  const least = mu
    .map((along, axis) =>
      tf.reshape(
        along,
        shape.map((n, i) => (i === axis ? n : 1)),
      ),
    )
    .reduce((a, b) => tf.minimum(a, b))
  const accumulated = tf.add(tf.mul(tf.square(g), gain), tf.mul(least, b2))
  const scaled = tf.mul(g, tf.rsqrt(tf.add(accumulated, eps)))
  return {
    update: tf.where(tf.greater(accumulated, 0), scaled, tf.zerosLike(g)),
    mu: shape.map((_, axis) =>
      tf.max(
        accumulated,
        axesOf(shape).filter((other) => other !== axis),
      ),
    ),
  }
}
