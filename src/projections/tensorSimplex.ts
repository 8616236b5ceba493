/** The projection onto a simplex on tensors, by sorting. */
import type * as tf from '@tensorflow/tfjs-core'
import { indicator, withGradient } from '../host/tfjs/gradient.js'
import { tfjs } from '../host/tfjs/library.js'

const isPositive = indicator((x) => tfjs.greater(x, 0))

const along = (x: tf.Tensor, total: number): tf.Tensor => {
  const axis = x.rank - 1
  const length = x.shape[axis] ?? 0
  // minus the greatest element, which does not change the projection: sums near zero are more exact
  const below = tfjs.sub(x, tfjs.max(x, axis, true))
  const sorted = tfjs.topk(below, length).values
  const ranks = tfjs.range(1, length + 1)
  const stays = tfjs.greater(tfjs.add(tfjs.mul(ranks, sorted), total), tfjs.cumsum(sorted, axis))
  const sum = tfjs.sum(tfjs.where(stays, sorted, tfjs.zerosLike(sorted)), axis, true)
  const count = tfjs.sum(tfjs.cast(stays, 'float32'), axis, true)
  return tfjs.relu(tfjs.sub(below, tfjs.div(tfjs.sub(sum, total), count)))
}

/**
 * The nearest rows, along the last axis, with no negative element and the sum `total`, which is positive. The
 * gradient is that of the elements above zero, minus its mean over them.
 */
export const simplexAlong = (x: tf.Tensor, total: number): tf.Tensor =>
  withGradient<readonly [tf.Tensor]>(
    (given) => along(given, total),
    (dy, y) => {
      const above = isPositive(y)
      const shown = tfjs.mul(dy, above)
      const mean = tfjs.div(tfjs.sum(shown, -1, true), tfjs.sum(above, -1, true))
      return [tfjs.sub(shown, tfjs.mul(above, mean))]
    },
  )(x)
