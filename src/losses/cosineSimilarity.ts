/** cosineSimilarity and cosineDistance: the cosine of the angle between two vectors, and 1 minus it. */
import * as tf from '@tensorflow/tfjs-core'
import { indicator } from '../host/tfjs/gradient.js'
import { inRange } from '../host/tfjs/norm.js'
import { options } from '../options.js'
import { type AxisOptions, axesOf, maskOf, sumAlong } from './axes.js'
import { floats, type Operand, together } from './operand.js'
import { atLeast, atMost } from './pieces.js'
import { checkRange } from './range.js'

/**
 * Options of {@link cosineSimilarity} and {@link cosineDistance}.
 *
 * @category Losses
 */
export interface CosineOptions extends AxisOptions {
  /** A lower bound of the squared norms; not negative. Default 0. */
  readonly epsilon?: number
}

const isPositive = indicator((x) => tf.greater(x, 0))

/** Vectors along axes, divided by their norms; a vector of zeros stays zero. */
export const unit = (
  given: tf.Tensor,
  axes: readonly number[],
  epsilon: number,
  mask?: tf.Tensor,
): tf.Tensor => {
  const { x, squares, least } = inRange(given, (y) => sumAlong(tf.square(y), axes, mask, true), epsilon)
  const squared = tf.maximum(squares, least)
  const some = isPositive(squared)
  // the root of zero has an infinite slope: zeros are replaced before the root, and their factor after it
  const factor = tf.mul(tf.rsqrt(tf.add(squared, tf.sub(1, some))), some)
  return tf.mul(x, factor)
}

const atLeastOpposite = atLeast(-1)
const atMostParallel = atMost(1)

const similarity = (
  name: string,
  predictions: Operand,
  targets: Operand,
  given: CosineOptions | undefined,
): tf.Tensor => {
  const { epsilon, axis, where } = options(name, { epsilon: 0, axis: undefined, where: undefined }, given)
  checkRange(`${name}.epsilon`, 'at least 0', epsilon)
  const [x, y] = together(
    `${name}.targets`,
    floats(`${name}.predictions`, predictions),
    floats(`${name}.targets`, targets),
  )
  const axes = axesOf(`${name}.axis`, axis, x.rank)
  const mask = maskOf(`${name}.where`, where, x)
  const cosine = sumAlong(tf.mul(unit(x, axes, epsilon, mask), unit(y, axes, epsilon, mask)), axes, mask)
  return atLeastOpposite(atMostParallel(cosine))
}

/**
 * The cosine of the angle between vectors along an axis: $\frac{\langle x, y \rangle}{\|x\| \, \|y\|}$, from −1 to 1.
 * The squared norms are taken as at least $\epsilon$.
 *
 * Predictions $x$ and targets $y$ broadcast; the result lacks the axes. A vector of zeros has similarity 0 to all
 * others, and no gradient; with `epsilon` 0, Optax's is NaN. Throws `ShapeMismatch` if the shapes do not broadcast,
 * and `InvalidArgument` for an axis that is not there or a negative `epsilon`.
 *
 * @category Losses
 * @see Optax, `cosine_similarity`
 * @example
 * ```ts
 * import { losses } from 'gradpipe/tfjs'
 *
 * const similarity = losses.cosineSimilarity([[2, 0], [1, 0]], [[5, 0], [0, 3]])
 * assert.deepEqual(similarity.arraySync(), [1, 0])
 * similarity.dispose()
 * ```
 */
export const cosineSimilarity = (predictions: Operand, targets: Operand, given?: CosineOptions): tf.Tensor =>
  tf.tidy(() => similarity('cosineSimilarity', predictions, targets, given))

/**
 * The cosine distance, 1 minus the {@link cosineSimilarity}: $1 - \frac{\langle x, y \rangle}{\|x\| \, \|y\|}$, from
 * 0 to 2.
 *
 * @category Losses
 * @see Optax, `cosine_distance`
 * @example
 * ```ts
 * import { losses } from 'gradpipe/tfjs'
 *
 * const distance = losses.cosineDistance([[2, 0], [1, 0]], [[5, 0], [0, 3]])
 * assert.deepEqual(distance.arraySync(), [0, 1])
 * distance.dispose()
 * ```
 */
export const cosineDistance = (predictions: Operand, targets: Operand, given?: CosineOptions): tf.Tensor =>
  tf.tidy(() => tf.sub(1, similarity('cosineDistance', predictions, targets, given)))
