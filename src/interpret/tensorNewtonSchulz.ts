/**
 * Newton–Schulz: makes the singular values of matrices nearly 1 by products of matrices alone.
 *
 * All matrices of a stack at once, each with no more rows than columns, so that the squares are small. Intermediate
 * tensors are the caller's to tidy.
 */
import * as tf from '@tensorflow/tfjs-core'
import { flip } from './tensorMatrix.js'

/** The coefficients $c_0, c_1, c_2$ of $c_0 X + c_1 (XX^T) X + c_2 (XX^T)^2 X$. */
export type Coefficients = readonly [c0: number, c1: number, c2: number]

/** What brings the singular values below 1 to begin with. */
export type Preconditioning = 'frobenius' | 'spectral' | 'aol' | 'schatten'

const square = (x: tf.Tensor): tf.Tensor => tf.matMul(x, flip(x))

/** One iteration; `a` is $XX^T$. */
const iterate = (x: tf.Tensor, a: tf.Tensor, [c0, c1, c2]: Coefficients): tf.Tensor => {
  const b = tf.add(tf.mul(a, c1), tf.mul(tf.matMul(a, a), c2))
  return tf.add(tf.mul(x, c0), tf.matMul(b, x))
}

/** The Frobenius norm of every matrix. */
const frobenius = (x: tf.Tensor): tf.Tensor => tf.sqrt(tf.sum(tf.square(x), [1, 2], true))

/** How often the spectral norm's matrix is squared: its error is half the logarithm of the rows over 2 to this. */
const squarings = 22

/**
 * The greatest singular value of every matrix, from $\|A^{2^k}\|^{2^{-k}}$ with $A = XX^T$: nothing is read back, and
 * close singular values do no harm.
 */
const spectral = (x: tf.Tensor): tf.Tensor => {
  let power = square(x)
  let norm = frobenius(power)
  let logarithm = tf.log(norm)
  for (let k = 1; k <= squarings; k++) {
    power = tf.divNoNan(power, norm)
    power = tf.matMul(power, power)
    norm = frobenius(power)
    logarithm = tf.add(logarithm, tf.mul(tf.log(norm), 2 ** -k))
  }
  return tf.exp(tf.mul(logarithm, 0.5))
}

type First = (x: tf.Tensor, eps: number) => { readonly x: tf.Tensor; readonly a: tf.Tensor }

const dividedBy =
  (norm: (x: tf.Tensor) => tf.Tensor): First =>
  (given, eps) => {
    const x = tf.div(given, tf.add(norm(given), eps))
    return { x, a: square(x) }
  }

/** What the first iteration starts from: the matrix made smaller, and its square. */
const first: Readonly<Record<Preconditioning, First>> = {
  frobenius: dividedBy(frobenius),
  spectral: dividedBy(spectral),
  // every row by the sum of its products with all rows
  aol: (given, eps) => {
    const a = square(given)
    const s = tf.rsqrt(tf.maximum(tf.sum(tf.abs(a), 2, true), eps))
    return { x: tf.mul(given, s), a: tf.mul(tf.mul(a, s), flip(s)) }
  },
  schatten: (given, eps) => {
    const a = square(given)
    const s = tf.rsqrt(tf.maximum(frobenius(a), eps))
    return { x: tf.mul(given, s), a: tf.mul(a, tf.square(s)) }
  },
}

/** Matrices with the singular vectors of the given ones, and singular values near 1. */
export const newtonSchulz = (
  given: tf.Tensor3D,
  coefficients: readonly Coefficients[],
  preconditioning: Preconditioning,
  eps: number,
): tf.Tensor => {
  const start = first[preconditioning](given, eps)
  return coefficients.reduce<tf.Tensor>((x, c, i) => iterate(x, i === 0 ? start.a : square(x), c), start.x)
}

/** $\langle x, y \rangle\, y$, over all elements. */
export const dualScaled = (x: tf.Tensor, y: tf.Tensor): tf.Tensor => tf.mul(y, tf.sum(tf.mul(x, y)))
