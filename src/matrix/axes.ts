/** What some optimizers do along the axes of a tensor. Intermediate tensors are the caller's to tidy. */
import type * as tf from '@tensorflow/tfjs-core'
import { tfjs } from '../host/tfjs/library.js'
import { normsOf, timesPowers } from '../host/tfjs/norm.js'
import { sizeOf } from '../rule/leaf.js'

/** The axes of a shape. */
const axesOf = (shape: readonly number[]): readonly number[] => shape.map((_, axis) => axis)

/** A tensor without its mean over all axes but the first. */
export const subtractRowMeans = (x: tf.Tensor): tf.Tensor =>
  tfjs.sub(x, tfjs.mean(x, axesOf(x.shape).slice(1), true))

/**
 * The sum over neighbouring axes, which stay with length 1. Where they are not the last, this is a product with ones:
 * on the WASM backend `tf.sum` turns the whole tensor over for that, which costs a hundred times as much.
 */
const sumAlong = (x: tf.Tensor, axes: readonly number[]): tf.Tensor => {
  const [first = 0] = axes
  const { shape } = x
  const areNeighbours = axes.every((axis, i) => axis === first + i)
  if (!areNeighbours || axes.at(-1) === shape.length - 1) return tfjs.sum(x, [...axes], true)
  const [before, along, after] = [
    sizeOf(shape.slice(0, first)),
    sizeOf(axes.map((axis) => shape[axis] ?? 1)),
    sizeOf(shape.slice(first + axes.length)),
  ]
  const sums = tfjs.matMul(tfjs.ones([before, 1, along]), tfjs.reshape(x, [before, along, after]))
  return tfjs.reshape(
    sums,
    shape.map((n, axis) => (axes.includes(axis) ? 1 : n)),
  )
}

const normAlong = (x: tf.Tensor, axes: readonly number[]): tf.Tensor =>
  normsOf((powers) => sumAlong(tfjs.square(timesPowers(x, powers)), axes))

/** The mean over an axis, which stays with length 1. */
const meanAlong = (x: tf.Tensor, axis: number): tf.Tensor => tfjs.div(sumAlong(x, [axis]), x.shape[axis] ?? 1)

/** Updates whose norm along some axes is at most `clipping` times the parameter's, or times `eps`. */
export const clipUnits = (
  g: tf.Tensor,
  p: tf.Tensor,
  axes: readonly number[],
  { clipping, eps }: { readonly clipping: number; readonly eps: number },
): tf.Tensor => {
  const norm = normAlong(g, axes)
  const bound = tfjs.mul(tfjs.maximum(normAlong(p, axes), eps), clipping)
  // a factor for each unit, and one pass over the elements
  const factor = tfjs.where(
    tfjs.less(norm, bound),
    tfjs.onesLike(norm),
    tfjs.div(bound, tfjs.maximum(norm, 1e-6)),
  )
  return tfjs.mul(g, factor)
}

// Adafactor

const mix = (decay: number, m: tf.Tensor, x: tf.Tensor): tf.Tensor =>
  tfjs.add(tfjs.mul(m, decay), tfjs.mul(x, 1 - decay))

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
  const square = tfjs.square(g)
  const averaged = (v: tf.Tensor, axis: number): tf.Tensor =>
    mix(decay, tfjs.expandDims(v, axis), tfjs.add(meanAlong(square, axis), epsilon))
  const [rows, columns] = [averaged(vRow, largest), averaged(vCol, second)]
  const byRow = tfjs.rsqrt(tfjs.div(rows, meanAlong(rows, second)))
  return {
    update: tfjs.mul(tfjs.mul(g, byRow), tfjs.rsqrt(columns)),
    vRow: tfjs.squeeze(rows, [largest]),
    vCol: tfjs.squeeze(columns, [second]),
  }
}

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
