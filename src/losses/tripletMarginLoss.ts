/** tripletMarginLoss: an anchor nearer to a positive than to a negative, by a margin. */
import * as tf from '@tensorflow/tfjs-core'
import { inRange, rootOf } from '../host/tfjs/norm.js'
import { options } from '../options.js'
import { axesOf } from './axes.js'
import { commonShape, floats, type Operand } from './operand.js'
import { positivePart } from './pieces.js'
import { checkRange } from './range.js'

/**
 * Options of {@link tripletMarginLoss}.
 *
 * @category Losses
 */
export interface TripletMarginLossOptions {
  /** The axis of the embeddings. Default −1. */
  readonly axis?: number
  /** The power $q$ of the distance; greater than 0. Default 2. */
  readonly normDegree?: number
  /** The margin $m$: by how much the negative should be farther away. Default 1. */
  readonly margin?: number
  /**
   * Is added to the sum of powers, so that the root has a finite slope where the sum is zero; not negative. Default
   * 1e-6.
   */
  readonly eps?: number
}

const power = (x: tf.Tensor, degree: number): tf.Tensor => (degree === 1 ? x : tf.pow(x, degree))

const root = (x: tf.Tensor, degree: number): tf.Tensor => (degree === 1 ? x : tf.pow(x, 1 / degree))

/**
 * The triplet loss, which wants each anchor $a$ nearer to its positive $p$ than to its negative $n$, by a margin $m$:
 * $\max(d(a, p) - d(a, n) + m, 0)$ with the distance $d(x, y) = (\sum_k (x_k - y_k)^q + \epsilon)^{1/q}$ along an
 * axis.
 *
 * All three broadcast; the result lacks the axis. As in Optax, the powers are those of the differences, not of their
 * absolute values: only an even degree gives a norm, and with any other degree than 1 a negative sum gives NaN.
 * Throws `ShapeMismatch` if the shapes do not broadcast, and `InvalidArgument` for an option out of its range.
 *
 * @category Losses
 * @see Schroff, Kalenichenko and Philbin, FaceNet, 2015; Optax, `triplet_margin_loss`
 * @example
 * ```ts
 * import { losses } from 'gradpipe/tfjs'
 *
 * const loss = losses.tripletMarginLoss([[0, 0]], [[0, 3]], [[0, 2]], { eps: 0 })
 * assert.deepEqual(loss.arraySync(), [2])
 * loss.dispose()
 * ```
 */
export const tripletMarginLoss = (
  anchors: Operand,
  positives: Operand,
  negatives: Operand,
  given?: TripletMarginLossOptions,
): tf.Tensor => {
  const name = 'tripletMarginLoss'
  const defaults = { axis: -1, normDegree: 2, margin: 1, eps: 1e-6 }
  const { axis, normDegree, margin, eps } = options(name, defaults, given)
  checkRange(`${name}.normDegree`, 'greater than 0', normDegree)
  checkRange(`${name}.margin`, 'a number', margin)
  checkRange(`${name}.eps`, 'at least 0', eps)
  return tf.tidy(() => {
    const a = floats(`${name}.anchors`, anchors)
    const [p, n] = [floats(`${name}.positives`, positives), floats(`${name}.negatives`, negatives)]
    commonShape(`${name}.positives`, a, p)
    commonShape(`${name}.negatives`, a, n)
    commonShape(`${name}.negatives`, p, n)
    const distance = (x: tf.Tensor): tf.Tensor => {
      const apart = tf.sub(a, x)
      const axes = axesOf(`${name}.axis`, axis, apart.rank)
      if (normDegree === 2) {
        const { squares, powers, least } = inRange(apart, (y) => tf.sum(tf.square(y), [...axes], true), eps)
        return tf.squeeze(rootOf(tf.add(squares, least), powers), [...axes])
      }
      return root(tf.add(tf.sum(power(apart, normDegree), [...axes]), eps), normDegree)
    }
    return positivePart(tf.add(tf.sub(distance(p), distance(n)), margin))
  })
}
