/**
 * Reductions along some axes of a leaf. What differs along some of them has the leaf's rank, with axes of length 1 where it
 * is the same; what is the same for the whole leaf has no axes.
 */
import * as tf from '@tensorflow/tfjs-core'
import type { ReduceKind } from '../../rule/expr.js'
import { sizeOf, sizeOfAxes } from '../../rule/leaf.js'
import { differs, type Extent } from '../../rule/scope.js'
import { stretch } from './functions.js'

/** The shape of a value of an extent beside its leaf: of length 1 along the axes where it is the same. */
export const besideLeaf = (extent: Extent, shape: readonly number[]): readonly number[] => {
  const own = differs(extent, shape.length)
  return shape.map((n, axis) => (own[axis] ? n : 1))
}

/**
 * The sum over axes, which stay with length 1. Where they are neighbours, but not the last, this is a product with ones:
 * on the WASM backend `tf.sum` turns the whole tensor over for that, which costs a hundred times as much.
 */
const sumAlong = (x: tf.Tensor, axes: readonly number[]): tf.Tensor => {
  const { shape } = x
  const [first = 0] = axes
  const areNeighbours = axes.every((axis, i) => axis === first + i)
  if (!areNeighbours || first + axes.length === shape.length) return tf.sum(x, [...axes], true)
  const [before, along, after] = [
    sizeOf(shape.slice(0, first)),
    sizeOfAxes(shape, axes),
    sizeOf(shape.slice(first + axes.length)),
  ]
  const sums = tf.matMul(tf.ones([before, 1, along]), tf.reshape(x, [before, along, after]))
  return tf.reshape(
    sums,
    shape.map((n, axis) => (axes.includes(axis) ? 1 : n)),
  )
}

/**
 * The sum or maximum of what differs along some axes, one for each index of those that an extent has: each number counts
 * once for every element that has it.
 */
export const reduceAlong = (
  kind: ReduceKind,
  x: tf.Tensor,
  over: Extent,
  shape: readonly number[],
): tf.Tensor => {
  const left = differs(over, shape.length)
  // along what is left it differs, or is made to
  const own = x.rank === 0 ? shape.map(() => 1) : x.shape
  const start = stretch(
    x.rank === 0 ? tf.reshape(x, own) : x,
    own.map((n, axis) => (left[axis] ? (shape[axis] ?? 1) : n)),
  )
  const axes = shape.flatMap((_, axis) => (left[axis] ? [] : [axis]))
  const each = sizeOf(axes.map((axis) => (own[axis] === 1 ? (shape[axis] ?? 1) : 1)))
  const within = axes.filter((axis) => (own[axis] ?? 1) !== 1)
  const isSingle = over === 'leaf' || over === 'tree'
  // of no elements, or none
  if (sizeOf(shape) === 0)
    return tf.fill(
      isSingle ? [] : [...besideLeaf(over, shape)],
      kind === 'max' ? Number.NEGATIVE_INFINITY : 0,
    )
  const whole =
    within.length === 0 ? start : kind === 'max' ? tf.max(start, [...within], true) : sumAlong(start, within)
  // plus zero: a sum of negative zeros alone is 0
  const result = kind === 'max' ? whole : tf.add(each === 1 ? whole : tf.mul(whole, each), 0)
  return isSingle ? tf.reshape(result, []) : result
}
