/** multiclassHingeLoss, multiclassPerceptronLoss and multiclassSparsemaxLoss: by how much a wrong class leads. */
import * as tf from '@tensorflow/tfjs-core'
import { withGradient } from '../host/tfjs/gradient.js'
import { simplexAlong } from '../projections/tensorSimplex.js'
import { oneHot } from './oneHot.js'
import { checkRank, checkShape, floats, integers, type Operand } from './operand.js'
import { dot, greatest } from './pieces.js'

const scored = (
  name: string,
  scores: Operand,
  labels: Operand,
  loss: (scores: tf.Tensor, right: tf.Tensor) => tf.Tensor,
): tf.Tensor =>
  tf.tidy(() => {
    const x = floats(`${name}.scores`, scores)
    checkRank(`${name}.scores`, 'at least 1', x)
    checkShape(`${name}.labels`, x.shape.slice(0, -1), integers(`${name}.labels`, labels))
    return loss(x, oneHot(`${name}.labels`, labels, x.shape.at(-1) ?? 0))
  })

/**
 * The multiclass hinge loss of scores $x$ and the indices $y$ of the right classes, from 0:
 * $\max_k (x_k + [k \ne y]) - x_y$. It is zero where the right class leads by at least 1.
 *
 * Scores `[..., classes]` and labels `[...]`, integers; the result has the shape of the labels. Classes that lead
 * together share the gradient. Throws `ShapeMismatch` for labels of another shape, `DtypeMismatch` for labels that
 * are not integers, and `InvalidArgument` for a label in an array that is not a class; in a tensor, such a label
 * makes NaN.
 *
 * @category Losses
 * @see Crammer and Singer, On the Algorithmic Implementation of Multiclass Kernel-based Vector Machines, 2001; Optax,
 * `multiclass_hinge_loss`
 * @example
 * ```ts
 * import { losses } from 'gradpipe/tfjs'
 *
 * const loss = losses.multiclassHingeLoss([[3, 1, 0], [3, 1, 0]], [0, 1])
 * assert.deepEqual(loss.arraySync(), [0, 3])
 * loss.dispose()
 * ```
 */
export const multiclassHingeLoss = (scores: Operand, labels: Operand): tf.Tensor =>
  scored('multiclassHingeLoss', scores, labels, (x, right) =>
    tf.sub(greatest(tf.add(x, tf.sub(1, right))), dot(x, right)),
  )

/**
 * The {@link multiclassHingeLoss} without a margin, of scores $x$ and the indices $y$ of the right classes, from 0:
 * $\max_k x_k - x_y$. Shapes and errors are the same.
 *
 * @category Losses
 * @see Collins, Discriminative Training Methods for Hidden Markov Models, 2002; Optax, `multiclass_perceptron_loss`
 * @example
 * ```ts
 * import { losses } from 'gradpipe/tfjs'
 *
 * const loss = losses.multiclassPerceptronLoss([[3, 1, 0], [3, 1, 0]], [0, 1])
 * assert.deepEqual(loss.arraySync(), [0, 2])
 * loss.dispose()
 * ```
 */
export const multiclassPerceptronLoss = (scores: Operand, labels: Operand): tf.Tensor =>
  scored('multiclassPerceptronLoss', scores, labels, (x, right) => tf.sub(greatest(x), dot(x, right)))

const sparsemaxLossOf = withGradient<readonly [tf.Tensor, tf.Tensor]>(
  (x, right) => {
    const p = simplexAlong(x, 1)
    const missed = tf.sub(right, p)
    // how far the right class is from having a share: two parts that are not negative, so nothing cancels
    const ahead = tf.max(tf.sub(x, tf.expandDims(dot(x, right), -1)), -1)
    return tf.add(tf.mul(dot(missed, missed), 0.5), tf.relu(tf.sub(ahead, tf.max(p, -1))))
  },
  // p is the derivative of the maximum: how p itself moves with the scores does not count
  (dy, _, x, right) => [
    tf.mul(tf.expandDims(dy, -1), tf.sub(simplexAlong(x, 1), right)),
    tf.zerosLike(right),
  ],
)

/**
 * The multiclass loss of sparsemax, for scores $x$ and the indices $y$ of the right classes, from 0:
 * $\langle p, x \rangle - x_y + \frac{1}{2} (1 - \|p\|^2)$. $p$ is the sparsemax of the scores, the distribution
 * nearest to them. The loss is zero where the right class leads by at least 1; the gradient is $p$ minus the one-hot
 * vector of the right class.
 *
 * Scores `[..., classes]` and labels `[...]`, integers; the result has the shape of the labels. Errors are those of
 * {@link multiclassHingeLoss}.
 *
 * @category Losses
 * @see Martins and Astudillo, From Softmax to Sparsemax, 2016; Optax, `multiclass_sparsemax_loss`
 * @example
 * ```ts
 * import { losses } from 'gradpipe/tfjs'
 *
 * const loss = losses.multiclassSparsemaxLoss([[3, 1, 0], [0, 0, -1]], [0, 1])
 * assert.deepEqual(loss.arraySync(), [0, 0.25])
 * loss.dispose()
 * ```
 */
export const multiclassSparsemaxLoss = (scores: Operand, labels: Operand): tf.Tensor =>
  scored('multiclassSparsemaxLoss', scores, labels, sparsemaxLossOf)
