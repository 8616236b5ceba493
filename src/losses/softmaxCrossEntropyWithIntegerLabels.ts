/** softmaxCrossEntropyWithIntegerLabels: logits against one class per example. */
import * as tf from '@tensorflow/tfjs-core'
import { GradpipeError } from '../error.js'
import { options } from '../options.js'
import { type AxisOptions, axesInOrder, maskAlong } from './axes.js'
import { logSoftmax } from './logSoftmax.js'
import { oneHot } from './oneHot.js'
import { checkRank, checkShape, floats, integers, type Operand } from './operand.js'
import { weighted } from './pieces.js'

/**
 * The cross-entropy of logits $x$ and the indices $y$ of the right classes, from 0, along an axis:
 * $-\log \mathrm{softmax}(x)_y$.
 *
 * Logits `[..., classes]` and labels `[...]`, integers; the result has the shape of the labels. Several axes count
 * the classes together, row by row, in the order in which they are given. `where` may lack the axes, and then holds
 * for all classes; if no class takes part, the loss is 0. Throws `ShapeMismatch` if the labels do not have the shape
 * of the logits without their classes, `DtypeMismatch` for labels that are not integers, and `InvalidArgument` for an
 * axis that is not there, for `null` (which leaves no axis for examples), and for a label in an array that is not a
 * class; in a tensor, such a label makes NaN.
 *
 * @category Losses
 * @see Goodfellow, Bengio and Courville, Deep Learning, 2016; Optax, `softmax_cross_entropy_with_integer_labels`
 * @example
 * ```ts
 * import { losses } from 'gradpipe/tfjs'
 *
 * const loss = losses.softmaxCrossEntropyWithIntegerLabels([[1, 1], [0, 100]], [0, 0])
 * assert.deepEqual(Array.from(loss.dataSync(), (x) => x.toFixed(3)), ['0.693', '100.000'])
 * loss.dispose()
 * ```
 */
export const softmaxCrossEntropyWithIntegerLabels = (
  logits: Operand,
  labels: Operand,
  given?: AxisOptions,
): tf.Tensor => {
  const name = 'softmaxCrossEntropyWithIntegerLabels'
  const { axis, where } = options(name, { axis: undefined, where: undefined }, given)
  if (axis === null) throw new GradpipeError('InvalidArgument', `${name}.axis`, 'an axis or axes', 'null')
  return tf.tidy(() => {
    const x = floats(`${name}.logits`, logits)
    checkRank(`${name}.logits`, 'at least 1', x)
    const axes = axesInOrder(`${name}.axis`, axis, x.rank)
    const examples = x.shape.map((_, i) => i).filter((i) => !axes.includes(i))
    const shape = examples.map((i) => x.shape[i] ?? 1)
    const classes = axes.reduce((product, i) => product * (x.shape[i] ?? 1), 1)
    const last = (t: tf.Tensor): tf.Tensor =>
      tf.reshape(tf.transpose(t, [...examples, ...axes]), [...shape, classes])

    checkShape(`${name}.labels`, shape, integers(`${name}.labels`, labels))
    const mask = maskAlong(`${name}.where`, where, x, axes)
    const shown = mask && last(mask)
    const right = oneHot(`${name}.labels`, labels, classes)
    const loss = tf.neg(tf.sum(weighted(right, logSoftmax(last(x), [shape.length], shown)), -1))
    return shown === undefined ? loss : tf.where(tf.any(shown, -1), loss, tf.zerosLike(loss))
  })
}
