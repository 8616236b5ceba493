/** sigmoidBinaryCrossEntropy: the log loss of independent yes-or-no answers. */
import * as tf from '@tensorflow/tfjs-core'
import { floats, numbers, type Operand, together } from './operand.js'
import { logSigmoid, weighted } from './pieces.js'

/** Of tensors of one shape. */
export const binaryCrossEntropy = (logits: tf.Tensor, labels: tf.Tensor): tf.Tensor =>
  tf.neg(
    tf.add(weighted(labels, logSigmoid(logits)), weighted(tf.sub(1, labels), logSigmoid(tf.neg(logits)))),
  )

/**
 * The log loss of independent yes-or-no answers, for logits $x$ and labels $y$ from 0 to 1, element by element:
 * $-y \log \sigma(x) - (1 - y) \log(1 - \sigma(x))$.
 *
 * Logits and labels broadcast. Infinite logits with the right sign cost nothing. Throws `ShapeMismatch` if the shapes
 * do not broadcast.
 *
 * @category Losses
 * @see Goodfellow, Bengio and Courville, Deep Learning, 2016; Optax, `sigmoid_binary_cross_entropy`
 * @example
 * ```ts
 * import { losses } from 'gradpipe/tfjs'
 *
 * const loss = losses.sigmoidBinaryCrossEntropy([0, 200, -200], [1, 1, 1])
 * assert.deepEqual(Array.from(loss.dataSync(), (x) => x.toFixed(3)), ['0.693', '0.000', '200.000'])
 * loss.dispose()
 * ```
 */
export const sigmoidBinaryCrossEntropy = (logits: Operand, labels: Operand): tf.Tensor =>
  tf.tidy(() => {
    const path = 'sigmoidBinaryCrossEntropy'
    return binaryCrossEntropy(
      ...together(`${path}.labels`, floats(`${path}.logits`, logits), numbers(`${path}.labels`, labels)),
    )
  })
