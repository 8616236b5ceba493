/** The projection onto a simplex on tensors, by sorting. */
import * as tf from '@tensorflow/tfjs-core'
import { indicator, withGradient } from '../host/tfjs/gradient.js'

const isPositive = indicator((x) => tf.greater(x, 0))

const along = (x: tf.Tensor, total: number): tf.Tensor => {
  const axis = x.rank - 1
  const length = x.shape[axis] ?? 0
  // less the greatest, which changes nothing: sums of what is near zero are exact
  const below = tf.sub(x, tf.max(x, axis, true))
  const sorted = tf.topk(below, length).values
  const ranks = tf.range(1, length + 1)
  const stays = tf.greater(tf.add(tf.mul(ranks, sorted), total), tf.cumsum(sorted, axis))
  const sum = tf.sum(tf.where(stays, sorted, tf.zerosLike(sorted)), axis, true)
  const count = tf.sum(tf.cast(stays, 'float32'), axis, true)
  return tf.relu(tf.sub(below, tf.div(tf.sub(sum, total), count)))
}

/**
 * The nearest rows, along the last axis, that have no negative element and the sum `total`, which is positive. The
 * gradient is that of the elements above zero, less its mean over them.
 */
export const simplexAlong = (x: tf.Tensor, total: number): tf.Tensor =>
  withGradient<readonly [tf.Tensor]>(
    (given) => along(given, total),
    (dy, y) => {
      const above = isPositive(y)
      const shown = tf.mul(dy, above)
      const mean = tf.div(tf.sum(shown, -1, true), tf.sum(above, -1, true))
      return [tf.sub(shown, tf.mul(above, mean))]
    },
  )(x)
