/** sigmoidFocalLoss: the binary cross-entropy, with less weight for what is already right. */
import * as tf from '@tensorflow/tfjs-core'
import { indicator } from '../host/tfjs/gradient.js'
import { options } from '../options.js'
import { floats, numbers, type Operand, together } from './operand.js'
import { exp, logAddExp, logSigmoid } from './pieces.js'
import { checkRange } from './range.js'
import { binaryCrossEntropy } from './sigmoidBinaryCrossEntropy.js'

/**
 * Options of {@link sigmoidFocalLoss}.
 *
 * @category Losses
 */
export interface SigmoidFocalLossOptions {
  /** The weight of label 1, from 0 to 1; label 0 gets the rest. By default both weigh 1. */
  readonly alpha?: number
  /** How strongly right answers are discounted; not negative. Default 2; 0 does not discount. */
  readonly gamma?: number
}

const isBetween = indicator((y) => tf.logicalAnd(tf.greater(y, 0), tf.less(y, 1)))
const isPositive = indicator((y) => tf.greater(y, 0))

/** log((1 − y) σ(x) + y σ(−x)): of the probability that the answer is wrong. */
const logWrong = (x: tf.Tensor, y: tf.Tensor): tf.Tensor => {
  const [yes, no] = [logSigmoid(x), logSigmoid(tf.neg(x))]
  const between = tf.cast(isBetween(y), 'bool')
  // the logarithm of a zero weight is infinite: such a label has only one term
  const part = tf.where(between, y, tf.fill(y.shape, 0.5))
  const mixed = logAddExp(tf.add(yes, tf.log(tf.sub(1, part))), tf.add(no, tf.log(part)))
  return tf.where(between, mixed, tf.where(tf.cast(isPositive(y), 'bool'), no, yes))
}

/**
 * The {@link sigmoidBinaryCrossEntropy} with less weight for answers that are already right, element by element: it
 * is multiplied by $(1 - p_y)^\gamma$. Here $p_y = y \sigma(x) + (1 - y)(1 - \sigma(x))$ is the probability that
 * logits $x$ give to labels $y$ from 0 to 1. With `alpha`, it is also multiplied by $\alpha y + (1 - \alpha)(1 - y)$.
 *
 * Logits and labels broadcast. Throws `ShapeMismatch` if the shapes do not broadcast, and `InvalidArgument` for an
 * option out of its range.
 *
 * @category Losses
 * @see Lin et al., Focal Loss for Dense Object Detection, 2018; Optax, `sigmoid_focal_loss`
 * @example
 * ```ts
 * import { losses } from 'gradpipe/tfjs'
 *
 * const loss = losses.sigmoidFocalLoss([0, 2], [1, 1])
 * assert.deepEqual(Array.from(loss.dataSync(), (x) => x.toFixed(4)), ['0.1733', '0.0018'])
 * loss.dispose()
 * ```
 */
export const sigmoidFocalLoss = (
  logits: Operand,
  labels: Operand,
  given?: SigmoidFocalLossOptions,
): tf.Tensor => {
  const path = 'sigmoidFocalLoss'
  const { alpha, gamma } = options(path, { alpha: undefined, gamma: 2 }, given)
  if (alpha !== undefined) checkRange(`${path}.alpha`, 'from 0 to 1', alpha)
  checkRange(`${path}.gamma`, 'at least 0', gamma)
  return tf.tidy(() => {
    const [x, y] = together(
      `${path}.labels`,
      floats(`${path}.logits`, logits),
      numbers(`${path}.labels`, labels),
    )
    const loss = tf.mul(binaryCrossEntropy(x, y), exp(tf.mul(logWrong(x, y), gamma)))
    return alpha === undefined ? loss : tf.mul(tf.add(tf.mul(y, 2 * alpha - 1), 1 - alpha), loss)
  })
}
