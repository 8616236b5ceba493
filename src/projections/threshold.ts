/** The number to subtract from the elements of a tensor, so that those which stay positive add up to a given sum. */
import * as tf from '@tensorflow/tfjs-core'

/** The thresholds along the last axis, which stays with length one. */
const along = (x: tf.Tensor, total: number): tf.Tensor => {
  const length = x.shape.at(-1) ?? 0
  const top = tf.max(x, -1, true)
  // less the greatest, which moves the threshold alone: sums of what is near zero are exact
  const sorted = tf.topk(tf.sub(x, top), length).values
  const ranks = tf.range(1, length + 1)
  const stays = tf.greater(tf.add(tf.mul(ranks, sorted), total), tf.cumsum(sorted, x.rank - 1))
  const sum = tf.sum(tf.where(stays, sorted, tf.zerosLike(sorted)), -1, true)
  const count = tf.sum(tf.cast(stays, 'float32'), -1, true)
  return tf.add(top, tf.div(tf.sub(sum, total), count))
}

/**
 * The thresholds τ along the last axis, which stays with length one: $\sum_k \max(x_k - \tau, 0)$ is `total`, which
 * is positive. Their gradient is shared by the elements above them.
 */
export const threshold = (x: tf.Tensor, total: number): tf.Tensor =>
  tf.customGrad((...given) => {
    // customGrad hands on the input, and the function that keeps tensors
    const [values, save] = given as [tf.Tensor, tf.GradSaveFunc]
    const tau = along(values, total)
    save([values, tau])
    return {
      value: tau,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [kept, level] = saved as [tf.Tensor, tf.Tensor] // what was given to save
        const above = tf.cast(tf.greater(kept, level), 'float32')
        return tf.mul(dy, tf.div(above, tf.sum(above, -1, true)))
      },
    }
  })(x)
