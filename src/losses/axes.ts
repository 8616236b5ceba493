/** The options `axis` and `where`: along which axes a loss reduces, and which elements take part. */
import * as tf from '@tensorflow/tfjs-core'
import { GradpipeError } from '../error.js'
import { commonShape, numbers, type Operand, stretch } from './operand.js'

/**
 * Options of losses that reduce along axes.
 *
 * @category Losses
 */
export interface AxisOptions {
  /** The axis or axes to sum over; negative ones count from the last; `null` means all. Default −1. */
  readonly axis?: number | readonly number[] | null
  /** Booleans that broadcast to the predictions: which elements take part. By default all do. */
  readonly where?: Operand
}

/** The axes as indices from 0, in the order in which they are given; all of them for `null`. */
export const axesInOrder = (path: string, axis: AxisOptions['axis'], rank: number): readonly number[] => {
  const given: readonly unknown[] =
    axis === null ? Array.from({ length: rank }, (_, i) => i) : typeof axis === 'object' ? axis : [axis ?? -1]
  const axes = given.map((i) => {
    if (typeof i === 'number' && Number.isInteger(i) && i >= -rank && i < rank) return i < 0 ? i + rank : i
    throw new GradpipeError('InvalidArgument', path, `integers from ${-rank} to ${rank - 1}`, String(i))
  })
  if (new Set(axes).size < axes.length)
    throw new GradpipeError('InvalidArgument', path, 'distinct axes', axes.join(', '))
  return axes
}

/** The axes as ascending indices from 0. */
export const axesOf = (path: string, axis: AxisOptions['axis'], rank: number): readonly number[] =>
  [...axesInOrder(path, axis, rank)].sort((a, b) => a - b)

/** The mask in the shape of the elements; `undefined` where there is none. */
export const maskOf = (path: string, where: Operand | undefined, x: tf.Tensor): tf.Tensor | undefined => {
  if (where === undefined) return undefined
  const mask = tf.cast(numbers(path, where), 'bool')
  const shape = commonShape(path, x, mask)
  if (tf.util.arraysEqual([...shape], x.shape)) return stretch(mask, shape)
  throw new GradpipeError(
    'ShapeMismatch',
    path,
    `a shape that broadcasts to [${x.shape.join(', ')}]`,
    `[${mask.shape.join(', ')}]`,
  )
}

/** {@link maskOf} for a mask that may lack the reduced axes: it then holds for all elements along them. */
export const maskAlong = (
  path: string,
  where: Operand | undefined,
  x: tf.Tensor,
  axes: readonly number[],
): tf.Tensor | undefined => {
  if (where === undefined) return undefined
  const mask = numbers(path, where)
  if (mask.rank !== x.rank - axes.length) return maskOf(path, mask, x)
  return maskOf(
    path,
    axes.reduce((m, axis) => tf.expandDims(m, axis), mask),
    x,
  )
}

/** The elements that take part, and another value in place of the others. */
export const among = (mask: tf.Tensor | undefined, x: tf.Tensor, otherwise: number): tf.Tensor =>
  mask === undefined ? x : tf.where(mask, x, tf.fill(x.shape, otherwise))

/** The sum along axes of the elements that take part. */
export const sumAlong = (
  x: tf.Tensor,
  axes: readonly number[],
  mask?: tf.Tensor,
  keepDims = false,
): tf.Tensor => tf.sum(among(mask, x, 0), [...axes], keepDims)
