/** ntxent: embeddings with the same label near each other, others far apart. */
import * as tf from '@tensorflow/tfjs-core'
import { GradpipeError } from '../error.js'
import { options } from '../options.js'
import { unit } from './cosineSimilarity.js'
import { logSumExp } from './logSoftmax.js'
import { checkRank, checkShape, floats, integers, type Operand } from './operand.js'
import { logSigmoid } from './pieces.js'
import { checkRange } from './range.js'

/**
 * Options of {@link ntxent}.
 *
 * @category Losses
 */
export interface NtxentOptions {
  /** What similarities are divided by; greater than 0. Default 0.07. */
  readonly temperature?: number
}

/** The distance from 1 to the next number in float32: a lower bound of the squared norm of an embedding. */
const float32Epsilon = 2 ** -23

/**
 * The normalized temperature-scaled cross-entropy, which wants embeddings with the same label near each other and
 * others far apart. It is the mean of $-\log \frac{e^{s_{ij}}}{e^{s_{ij}} + \sum_k e^{s_{ik}}}$ over all pairs
 * $(i, j)$ of different embeddings with the same label. $s$ is the cosine similarity divided by the temperature; $k$
 * runs over the embeddings with another label than $i$.
 *
 * Embeddings `[n, size]` and labels `[n]`, integers; the result is a scalar. If no label occurs twice the loss is 0;
 * Optax divides by the number of pairs, which is zero then. Throws `ShapeMismatch` for other shapes, and
 * `InvalidArgument` for a temperature that is not positive.
 *
 * @category Losses
 * @see Chen et al., A Simple Framework for Contrastive Learning of Visual Representations, 2020; Optax, `ntxent`
 * @example
 * ```ts
 * import { losses } from 'gradpipe/tfjs'
 *
 * const loss = losses.ntxent([[1, 0], [2, 0], [0, 1]], [0, 0, 1], { temperature: 1 })
 * assert.deepEqual(Array.from(loss.dataSync(), (x) => x.toFixed(3)), ['0.313'])
 * loss.dispose()
 * ```
 */
export const ntxent = (embeddings: Operand, labels: Operand, given?: NtxentOptions): tf.Tensor => {
  const { temperature } = options('ntxent', { temperature: 0.07 }, given)
  checkRange('ntxent.temperature', 'greater than 0', temperature)
  return tf.tidy(() => {
    const x = floats('ntxent.embeddings', embeddings)
    checkRank('ntxent.embeddings', 2, x)
    const n = x.shape[0] ?? 0
    if (n === 0) throw new GradpipeError('ShapeMismatch', 'ntxent.embeddings', 'an embedding', 'none')
    const y = integers('ntxent.labels', labels)
    checkShape('ntxent.labels', [n], y)
    const u = unit(x, [1], float32Epsilon)
    const s = tf.mul(tf.matMul(u, u, false, true), 1 / temperature)
    const same = tf.equal(tf.expandDims(y, 1), tf.expandDims(y, 0))
    const pairs = tf.logicalAnd(same, tf.equal(tf.eye(n), 0))
    const rivals = logSumExp(s, [1], tf.logicalNot(same))
    const loss = tf.neg(logSigmoid(tf.sub(s, rivals)))
    const count = tf.sum(tf.cast(pairs, 'float32'))
    return tf.div(tf.sum(tf.where(pairs, loss, tf.zerosLike(loss))), tf.maximum(count, 1))
  })
}
