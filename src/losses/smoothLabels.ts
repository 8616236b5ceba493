/** smoothLabels: labels that are less sure. */
import * as tf from '@tensorflow/tfjs-core'
import { options } from '../options.js'
import { type AxisOptions, axesOf, maskOf } from './axes.js'
import { floats, type Operand } from './operand.js'
import { checkRange } from './range.js'

/**
 * Smoothed labels, $(1 - \alpha) y + \frac{\alpha}{K}$: one-hot labels $y$, mixed with the uniform distribution over
 * the $K$ classes along an axis. `where` can select some of the classes.
 *
 * Labels `[..., classes]` and $\alpha$ from 0 to 1; the result has the shape of the labels. If no class takes part,
 * nothing is mixed in; Optax divides by zero. Throws `DtypeMismatch` for a tensor of integers, and `InvalidArgument`
 * for an $\alpha$ out of its range or an axis that is not there.
 *
 * @category Losses
 * @see Müller, Kornblith and Hinton, When Does Label Smoothing Help?, 2019; Optax, `smooth_labels`
 * @example
 * ```ts
 * import { losses } from 'gradpipe/tfjs'
 *
 * const labels = losses.smoothLabels([1, 0, 0, 0], 0.5)
 * assert.deepEqual(labels.arraySync(), [0.625, 0.125, 0.125, 0.125])
 * labels.dispose()
 * ```
 */
export const smoothLabels = (labels: Operand, alpha: number, given?: AxisOptions): tf.Tensor => {
  const { axis, where } = options('smoothLabels', { axis: undefined, where: undefined }, given)
  checkRange('smoothLabels.alpha', 'from 0 to 1', alpha)
  return tf.tidy(() => {
    const y = floats('smoothLabels.labels', labels)
    const axes = axesOf('smoothLabels.axis', axis, y.rank)
    const mask = maskOf('smoothLabels.where', where, y)
    const kept = tf.mul(y, 1 - alpha)
    if (mask === undefined)
      return tf.add(kept, alpha / axes.reduce((product, i) => product * (y.shape[i] ?? 1), 1))
    const classes = tf.sum(tf.cast(mask, 'float32'), [...axes], true)
    return tf.add(kept, tf.divNoNan(tf.fill(classes.shape, alpha), classes))
  })
}
