/**
 * softmaxCrossEntropy, safeSoftmaxCrossEntropy and polyLossCrossEntropy: logits against a distribution over classes.
 */
import * as tf from '@tensorflow/tfjs-core'
import { options } from '../options.js'
import { type AxisOptions, axesOf, maskAlong, sumAlong } from './axes.js'
import { logSoftmax, softmax } from './logSoftmax.js'
import { checkRank, floats, numbers, type Operand, together } from './operand.js'
import { atLeast, weighted } from './pieces.js'
import { checkRange } from './range.js'

interface Classes {
  readonly x: tf.Tensor
  readonly y: tf.Tensor
  readonly axes: readonly number[]
  readonly mask: tf.Tensor | undefined
}

const classesOf = (
  name: string,
  logits: Operand,
  labels: Operand,
  { axis, where }: { readonly axis: AxisOptions['axis'] | undefined; readonly where: Operand | undefined },
): Classes => {
  const given = floats(`${name}.logits`, logits)
  checkRank(`${name}.logits`, 'at least 1', given)
  const [x, y] = together(`${name}.labels`, given, numbers(`${name}.labels`, labels))
  const axes = axesOf(`${name}.axis`, axis, x.rank)
  return { x, y, axes, mask: maskAlong(`${name}.where`, where, x, axes) }
}

const atLeastZero = atLeast(0)

const crossEntropy = ({ x, y, axes, mask }: Classes): tf.Tensor =>
  tf.neg(sumAlong(weighted(y, logSoftmax(x, axes, mask)), axes, mask))

/**
 * The cross-entropy of logits $x$ and labels $y$ along an axis: $-\sum_k y_k \log \mathrm{softmax}(x)_k$. Labels are
 * a distribution over the classes, or weights.
 *
 * Logits `[..., classes]` and labels broadcast; the result lacks the axes. `where` may lack them too, and then holds
 * for all classes; if no class takes part, the loss is 0. A class with the label 0 may have the logit −∞, where Optax
 * gives NaN. Throws `ShapeMismatch` if the shapes do not broadcast, `DtypeMismatch` for logits that are integers, and
 * `InvalidArgument` for an axis that is not there.
 *
 * @category Losses
 * @see Goodfellow, Bengio and Courville, Deep Learning, 2016; Optax, `softmax_cross_entropy`
 * @example
 * ```ts
 * import { losses } from 'gradpipe/tfjs'
 *
 * const loss = losses.softmaxCrossEntropy([[1, 1], [0, 100]], [[1, 0], [0.5, 0.5]])
 * assert.deepEqual(Array.from(loss.dataSync(), (x) => x.toFixed(3)), ['0.693', '50.000'])
 * loss.dispose()
 * ```
 */
export const softmaxCrossEntropy = (logits: Operand, labels: Operand, given?: AxisOptions): tf.Tensor => {
  const name = 'softmaxCrossEntropy'
  const chosen = options(name, { axis: undefined, where: undefined }, given)
  return tf.tidy(() => crossEntropy(classesOf(name, logits, labels, chosen)))
}

/**
 * The {@link softmaxCrossEntropy} along the last axis, by Optax's name for a loss that is safe with infinite logits:
 * a logit of −∞ with the label 0 adds nothing to the loss or to the gradient. Here, {@link softmaxCrossEntropy} is as
 * safe.
 *
 * @category Losses
 * @see Optax, `safe_softmax_cross_entropy`
 * @example
 * ```ts
 * import { losses } from 'gradpipe/tfjs'
 *
 * const loss = losses.safeSoftmaxCrossEntropy([1, 1, -Infinity], [1, 0, 0])
 * assert.deepEqual(Array.from(loss.dataSync(), (x) => x.toFixed(3)), ['0.693'])
 * loss.dispose()
 * ```
 */
export const safeSoftmaxCrossEntropy = (logits: Operand, labels: Operand): tf.Tensor =>
  tf.tidy(() =>
    crossEntropy(classesOf('safeSoftmaxCrossEntropy', logits, labels, { axis: undefined, where: undefined })),
  )

/**
 * Options of {@link polyLossCrossEntropy}.
 *
 * @category Losses
 */
export interface PolyLossOptions extends AxisOptions {
  /** The weight $\epsilon$ of the added term. Default 2; 0 gives the cross-entropy. */
  readonly epsilon?: number
}

/**
 * The {@link softmaxCrossEntropy} with another weight for the first term of its expansion in $1 - p$:
 * $-\sum_k y_k \log p_k + \epsilon \sum_k y_k (1 - p_k)$ with $p = \mathrm{softmax}(x)$.
 *
 * Shapes, options and errors are those of {@link softmaxCrossEntropy}.
 *
 * @category Losses
 * @see Leng et al., PolyLoss: A Polynomial Expansion Perspective of Classification Loss Functions, 2022; Optax,
 * `poly_loss_cross_entropy`
 * @example
 * ```ts
 * import { losses } from 'gradpipe/tfjs'
 *
 * const loss = losses.polyLossCrossEntropy([1, 1], [1, 0], { epsilon: 1 })
 * assert.deepEqual(Array.from(loss.dataSync(), (x) => x.toFixed(3)), ['1.193'])
 * loss.dispose()
 * ```
 */
export const polyLossCrossEntropy = (
  logits: Operand,
  labels: Operand,
  given?: PolyLossOptions,
): tf.Tensor => {
  const name = 'polyLossCrossEntropy'
  const { epsilon, ...chosen } = options(name, { epsilon: 2, axis: undefined, where: undefined }, given)
  checkRange(`${name}.epsilon`, 'a number', epsilon)
  return tf.tidy(() => {
    const { x, y, axes, mask } = classesOf(name, logits, labels, chosen)
    const missed = tf.mul(tf.sub(1, softmax(x, axes, mask)), epsilon)
    const term = tf.sub(missed, logSoftmax(x, axes, mask))
    // −log p is at least 1 − p
    return sumAlong(weighted(y, epsilon >= -1 ? atLeastZero(term) : term), axes, mask)
  })
}
