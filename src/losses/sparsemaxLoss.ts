/** sparsemaxLoss: the binary loss of sparsemax, exactly zero beyond a margin. */
import * as tf from '@tensorflow/tfjs-core'
import { indicator, withSlope } from '../host/tfjs/gradient.js'
import { commonShape, numbers, type Operand, stretch } from './operand.js'

/** 0 up to −1, x from 1 on, and a parabola between. */
const sparsePlus = withSlope(
  (x) => {
    const between = tf.square(tf.mul(tf.add(x, 1), 0.5))
    return tf.where(tf.greaterEqual(x, 1), x, tf.where(tf.lessEqual(x, -1), tf.zerosLike(x), between))
  },
  (x) => tf.clipByValue(tf.mul(tf.add(x, 1), 0.5), 0, 1),
)

const isSet = indicator((y) => tf.notEqual(y, 0))

/**
 * The binary loss of sparsemax, exactly zero beyond a margin, element by element: $s(-x)$ where the label is 1 and
 * $s(x)$ where it is 0. $s$ is 0 up to −1, $(x + 1)^2 / 4$ from there to 1, and $x$ beyond.
 *
 * Logits and labels (0 and 1, or booleans) broadcast. Throws `ShapeMismatch` if they do not.
 *
 * @category Losses
 * @see Blondel, Martins and Niculae, Learning with Fenchel-Young Losses, 2020; Optax, `sparsemax_loss`
 * @example
 * ```ts
 * import { losses } from 'gradpipe/tfjs'
 *
 * const loss = losses.sparsemaxLoss([3, 0, -3], [1, 1, 1])
 * assert.deepEqual(loss.arraySync(), [0, 0.25, 3])
 * loss.dispose()
 * ```
 */
export const sparsemaxLoss = (logits: Operand, labels: Operand): tf.Tensor =>
  tf.tidy(() => {
    const x = numbers('sparsemaxLoss.logits', logits)
    const y = numbers('sparsemaxLoss.labels', labels)
    const shape = commonShape('sparsemaxLoss.labels', x, y)
    const sign = tf.sub(1, tf.mul(isSet(y), 2))
    return sparsePlus(stretch(tf.mul(x, sign), shape))
  })
