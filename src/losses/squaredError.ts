/** squaredError and l2Loss: the square of the difference. */
import * as tf from '@tensorflow/tfjs-core'
import { errorsOf } from './errors.js'
import type { Operand } from './operand.js'

/**
 * The squared error $(x - y)^2$, element by element.
 *
 * Predictions $x$ and targets $y$ have one shape, and so has the result. Without targets the predictions are the
 * errors. Throws `ShapeMismatch` if the shapes differ.
 *
 * @category Losses
 * @see Optax, `squared_error`
 * @example
 * ```ts
 * import { losses } from 'gradpipe/tfjs'
 *
 * const loss = losses.squaredError([3, 1], [1, 1])
 * assert.deepEqual(loss.arraySync(), [4, 0])
 * loss.dispose()
 * ```
 */
export const squaredError = (predictions: Operand, targets?: Operand): tf.Tensor =>
  tf.tidy(() => tf.square(errorsOf('squaredError', 'of one shape', predictions, targets)))

/**
 * Half the squared error, $\frac{1}{2}(x - y)^2$, element by element, so that the gradient is the error.
 *
 * Shapes and errors are those of {@link squaredError}.
 *
 * @category Losses
 * @see Bishop, Pattern Recognition and Machine Learning, 2006; Optax, `l2_loss`
 * @example
 * ```ts
 * import { losses } from 'gradpipe/tfjs'
 *
 * const loss = losses.l2Loss([3, 1], [1, 1])
 * assert.deepEqual(loss.arraySync(), [2, 0])
 * loss.dispose()
 * ```
 */
export const l2Loss = (predictions: Operand, targets?: Operand): tf.Tensor =>
  tf.tidy(() => tf.mul(tf.square(errorsOf('l2Loss', 'of one shape', predictions, targets)), 0.5))
