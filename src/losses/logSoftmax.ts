/** log-softmax and log-sum-exp along axes, over the elements that a mask selects. */
import * as tf from '@tensorflow/tfjs-core'
import { none, withGradient } from '../host/tfjs/gradient.js'
import { among } from './axes.js'
import { exp } from './pieces.js'

/** The greatest element, to subtract, and the sum of the exponentials of the differences. */
const shifted = (
  x: tf.Tensor,
  axes: readonly number[],
  mask: tf.Tensor | undefined,
): { readonly top: tf.Tensor; readonly total: tf.Tensor } => {
  const greatest = tf.max(among(mask, x, Number.NEGATIVE_INFINITY), [...axes], true)
  // the greatest of no elements is −∞, and x minus that is NaN
  const top =
    mask === undefined ? greatest : tf.where(tf.isFinite(greatest), greatest, tf.zerosLike(greatest))
  return { top, total: tf.sum(among(mask, tf.exp(tf.sub(x, top)), 0), [...axes], true) }
}

/** With the mask, if there is one, as an input beside x. */
const masked = (
  x: tf.Tensor,
  mask: tf.Tensor | undefined,
  value: (x: tf.Tensor, mask?: tf.Tensor) => tf.Tensor,
  gradient: (dy: tf.Tensor, y: tf.Tensor, x: tf.Tensor, mask?: tf.Tensor) => tf.Tensor,
): tf.Tensor =>
  mask === undefined
    ? withGradient<readonly [tf.Tensor]>(value, (dy, y, given) => [gradient(dy, y, given)])(x)
    : withGradient<readonly [tf.Tensor, tf.Tensor]>(value, (dy, y, given, shown) => [
        gradient(dy, y, given, shown),
        none(shown),
      ])(x, mask)

/**
 * x − log Σ eˣ along axes, with the sum over the elements that take part. Every element has a value, also those that
 * do not take part. If none takes part, it is x itself.
 */
export const logSoftmax = (x: tf.Tensor, axes: readonly number[], mask?: tf.Tensor): tf.Tensor =>
  masked(
    x,
    mask,
    (given, shown) => {
      const { top, total } = shifted(given, axes, shown)
      const log = tf.log(total)
      const known = shown === undefined ? log : tf.where(tf.equal(total, 0), tf.zerosLike(log), log)
      // in this order the two large numbers cancel before the small one is subtracted
      return tf.sub(tf.sub(given, top), known)
    },
    (dy, y, _, shown) => tf.sub(dy, tf.mul(among(shown, tf.exp(y), 0), tf.sum(dy, [...axes], true))),
  )

/** eˣ / Σ eˣ along axes; 0 for the elements that do not take part. */
export const softmax = (x: tf.Tensor, axes: readonly number[], mask?: tf.Tensor): tf.Tensor =>
  // the others are replaced before the exponential, which may overflow for them
  exp(among(mask, logSoftmax(x, axes, mask), Number.NEGATIVE_INFINITY))

/** log Σ eˣ along axes, which stay with length one; −∞ if no element takes part. */
export const logSumExp = (x: tf.Tensor, axes: readonly number[], mask?: tf.Tensor): tf.Tensor =>
  masked(
    x,
    mask,
    (given, shown) => {
      const { top, total } = shifted(given, axes, shown)
      return tf.add(top, tf.log(total))
    },
    (dy, y, given, shown) => tf.mul(dy, among(shown, tf.exp(tf.sub(given, y)), 0)),
  )
