/** huberLoss: quadratic for small errors, linear for large ones. */
import * as tf from '@tensorflow/tfjs-core'
import { withSlope } from '../host/tfjs/gradient.js'
import { options } from '../options.js'
import { errorsOf } from './errors.js'
import type { Operand } from './operand.js'
import { checkRange } from './range.js'

/**
 * Options of {@link huberLoss}.
 *
 * @category Losses
 */
export interface HuberLossOptions {
  /** The size of the error above which the loss is linear; not negative. Default 1. */
  readonly delta?: number
}

/**
 * The Huber loss, quadratic for small errors and linear for large ones: $\frac{1}{2} e^2$ where $|e| \le \delta$, and
 * $\delta |e| - \frac{1}{2} \delta^2$ beyond, with the error $e = x - y$. The gradient is the error, clipped to
 * $[-\delta, \delta]$.
 *
 * Predictions and targets broadcast. Without targets the predictions are the errors. Throws `ShapeMismatch` if they
 * do not broadcast, and `InvalidArgument` for a negative `delta`.
 *
 * @category Losses
 * @see Huber, Robust Estimation of a Location Parameter, 1964; Optax, `huber_loss`
 * @example
 * ```ts
 * import { losses } from 'gradpipe/tfjs'
 *
 * const loss = losses.huberLoss([1.5, 5], [1, 1], { delta: 2 })
 * assert.deepEqual(loss.arraySync(), [0.125, 6])
 * loss.dispose()
 * ```
 */
export const huberLoss = (predictions: Operand, targets?: Operand, given?: HuberLossOptions): tf.Tensor => {
  const { delta } = options('huberLoss', { delta: 1 }, given)
  checkRange('huberLoss.delta', 'at least 0', delta)
  const huber = withSlope(
    (e) => {
      const size = tf.abs(e)
      const quadratic = tf.minimum(size, delta)
      return tf.add(tf.mul(tf.square(quadratic), 0.5), tf.mul(tf.sub(size, quadratic), delta))
    },
    (e) => tf.clipByValue(e, -delta, delta),
  )
  return tf.tidy(() => huber(errorsOf('huberLoss', 'that broadcast', predictions, targets)))
}
