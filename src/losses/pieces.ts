/** Functions that several losses share. Each has a finite gradient, which is shared evenly at a tie. */
import * as tf from '@tensorflow/tfjs-core'
import { comparison, indicator, withGradient, withSlope } from '../host/tfjs/gradient.js'

const isPositive = indicator((x) => tf.greater(x, 0))
const isNegative = indicator((x) => tf.less(x, 0))
const equal = comparison(tf.equal)

/** max(x, 0), with the slope ½ at 0, between those of the two sides. */
export const positivePart: (x: tf.Tensor) => tf.Tensor = withSlope(tf.relu, (x) =>
  tf.mul(tf.add(isPositive(x), tf.sub(1, isNegative(x))), 0.5),
)

/**
 * Replaces x by a bound that it can exceed only by rounding. The gradient is that of x: a rounding has no slope of
 * its own. NaN stays.
 */
const heldBy = (
  isBeyond: (x: tf.Tensor, bound: number) => tf.Tensor,
  bound: number,
): ((x: tf.Tensor) => tf.Tensor) =>
  withGradient<readonly [tf.Tensor]>(
    (x) => tf.where(isBeyond(x, bound), tf.fill(x.shape, bound), x),
    (dy) => [dy],
  )

/** x that is at least some number, up to rounding. */
export const atLeast = (bound: number): ((x: tf.Tensor) => tf.Tensor) => heldBy(tf.less, bound)

/** x that is at most some number, up to rounding. */
export const atMost = (bound: number): ((x: tf.Tensor) => tf.Tensor) => heldBy(tf.greater, bound)

/** eˣ; TensorFlow.js's own loses the second derivative. */
export const exp: (x: tf.Tensor) => tf.Tensor = withGradient<readonly [tf.Tensor]>(tf.exp, (dy, y) => [
  tf.mul(dy, y),
])

/** 1 / (1 + e⁻ˣ); TensorFlow.js's own loses the second derivative. */
export const sigmoid: (x: tf.Tensor) => tf.Tensor = withGradient<readonly [tf.Tensor]>(
  tf.sigmoid,
  (dy, y) => [tf.mul(dy, tf.mul(y, tf.sub(1, y)))],
)

/** log(1 / (1 + e⁻ˣ)), without overflow on either side. */
export const logSigmoid: (x: tf.Tensor) => tf.Tensor = withSlope(
  (x) => tf.sub(tf.minimum(x, 0), tf.log1p(tf.exp(tf.neg(tf.abs(x))))),
  (x) => tf.sigmoid(tf.neg(x)),
)

/** w·x, and 0 where w is 0, whatever x is there: log 0 does not count where its weight is zero. */
export const weighted: (w: tf.Tensor, x: tf.Tensor) => tf.Tensor = withGradient<
  readonly [tf.Tensor, tf.Tensor]
>(
  (w, x) => tf.where(tf.equal(w, 0), tf.zerosLike(w), tf.mul(w, x)),
  (dy, _, w, x) => [tf.mul(dy, x), tf.mul(dy, w)],
)

/** a − b, and 0 where they are equal: two infinities of one sign have no difference. */
const apart = (a: tf.Tensor, b: tf.Tensor): tf.Tensor => {
  const difference = tf.sub(a, b)
  return tf.where(tf.cast(equal(a, b), 'bool'), tf.zerosLike(difference), difference)
}

/** log(eᵃ + eᵇ) of two tensors of one shape. */
export const logAddExp: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor = withGradient<
  readonly [tf.Tensor, tf.Tensor]
>(
  (a, b) => tf.add(tf.where(tf.greaterEqual(a, b), a, b), tf.log1p(tf.exp(tf.neg(tf.abs(apart(a, b)))))),
  (dy, _, a, b) => {
    const first = tf.sigmoid(apart(a, b))
    return [tf.mul(dy, first), tf.mul(dy, tf.sub(1, first))]
  },
)

/** The greatest element along the last axis; equal ones share its gradient evenly. */
export const greatest: (x: tf.Tensor) => tf.Tensor = withGradient<readonly [tf.Tensor]>(
  (x) => tf.max(x, -1),
  (dy, y, x) => {
    const is = tf.cast(equal(x, tf.expandDims(y, -1)), 'float32')
    return [tf.mul(tf.expandDims(dy, -1), tf.div(is, tf.sum(is, -1, true)))]
  },
)

/** The sum of products along the last axis. */
export const dot = (x: tf.Tensor, y: tf.Tensor): tf.Tensor => tf.sum(tf.mul(x, y), -1)
