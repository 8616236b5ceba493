/** hingeLoss and perceptronLoss: linear in the margin by which an answer is wrong. */
import * as tf from '@tensorflow/tfjs-core'
import { checkShape, commonShape, numbers, type Operand } from './operand.js'
import { positivePart } from './pieces.js'

/**
 * The hinge loss of outputs $x$ and targets $y$ that are −1 or 1, element by element: $\max(0, 1 - x y)$.
 *
 * Outputs and targets broadcast. Throws `ShapeMismatch` if they do not. At the kink, the gradient is the mean of the
 * two sides, as in JAX.
 *
 * @category Losses
 * @see Vapnik, The Nature of Statistical Learning Theory, 1995; Optax, `hinge_loss`
 * @example
 * ```ts
 * import { losses } from 'gradpipe/tfjs'
 *
 * const loss = losses.hingeLoss([2, 0.5, -1], [1, 1, 1])
 * assert.deepEqual(loss.arraySync(), [0, 0.5, 2])
 * loss.dispose()
 * ```
 */
export const hingeLoss = (predictorOutputs: Operand, targets: Operand): tf.Tensor =>
  tf.tidy(() => {
    const x = numbers('hingeLoss.predictorOutputs', predictorOutputs)
    const y = numbers('hingeLoss.targets', targets)
    commonShape('hingeLoss.targets', x, y)
    return positivePart(tf.sub(1, tf.mul(x, y)))
  })

/**
 * The {@link hingeLoss} without a margin, for outputs $x$ and targets $y$ that are −1 or 1, element by element:
 * $\max(0, -x y)$.
 *
 * Throws `ShapeMismatch` unless outputs and targets have one shape. At the kink, the gradient is the mean of the two
 * sides, as in JAX.
 *
 * @category Losses
 * @see Rosenblatt, The Perceptron: A Probabilistic Model, 1958; Optax, `perceptron_loss`
 * @example
 * ```ts
 * import { losses } from 'gradpipe/tfjs'
 *
 * const loss = losses.perceptronLoss([2, 0.5, -1], [1, 1, 1])
 * assert.deepEqual(loss.arraySync(), [0, 0, 1])
 * loss.dispose()
 * ```
 */
export const perceptronLoss = (predictorOutputs: Operand, targets: Operand): tf.Tensor =>
  tf.tidy(() => {
    const x = numbers('perceptronLoss.predictorOutputs', predictorOutputs)
    const y = numbers('perceptronLoss.targets', targets)
    checkShape('perceptronLoss.targets', x.shape, y)
    return positivePart(tf.neg(tf.mul(x, y)))
  })
