/** logCosh: quadratic near zero, linear far from it, and smooth everywhere. */
import * as tf from '@tensorflow/tfjs-core'
import { withSlope } from '../host/tfjs/gradient.js'
import { errorsOf } from './errors.js'
import type { Operand } from './operand.js'

const logCoshOf = withSlope((e) => {
  const size = tf.abs(e)
  // near zero the difference of the logarithms would cancel
  const small = tf.mul(tf.log1p(tf.neg(tf.square(tf.tanh(tf.minimum(size, 1))))), -0.5)
  const large = tf.sub(tf.add(size, tf.log1p(tf.exp(tf.mul(size, -2)))), Math.LN2)
  return tf.where(tf.less(size, 1), small, large)
}, tf.tanh)

/**
 * The log-cosh loss, quadratic near zero and linear far from it, element by element: $\log \cosh(x - y)$. It is about
 * half the square of a small error, and the absolute value of a large one minus $\log 2$. The gradient is $\tanh$ of
 * the error.
 *
 * Predictions and targets broadcast. Without targets the predictions are the errors. Throws `ShapeMismatch` if they
 * do not broadcast. It is accurate even for the smallest errors, where Optax's formula gives zero.
 *
 * @category Losses
 * @see Chen et al., Log Hyperbolic Cosine Loss Improves Variational Auto-Encoder, 2019; Optax, `log_cosh`
 * @example
 * ```ts
 * import { losses } from 'gradpipe/tfjs'
 *
 * const loss = losses.logCosh([1, 100], [1, 0])
 * assert.deepEqual(Array.from(loss.dataSync(), (x) => x.toFixed(3)), ['0.000', '99.307'])
 * loss.dispose()
 * ```
 */
export const logCosh = (predictions: Operand, targets?: Operand): tf.Tensor =>
  tf.tidy(() => logCoshOf(errorsOf('logCosh', 'that broadcast', predictions, targets)))
