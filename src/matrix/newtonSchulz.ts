/**
 * Newton–Schulz: makes the singular values of matrices nearly 1 by products of matrices alone.
 *
 * All matrices of a stack at once, each with no more rows than columns, so that the squares are small. Intermediate
 * tensors are the caller's to tidy.
 */
import * as tf from '@tensorflow/tfjs-core'
import { inRange, normsOf, timesPowers } from '../host/tfjs/norm.js'
import { flip } from './products.js'

/** The coefficients $c_0, c_1, c_2$ of $c_0 X + c_1 (XX^T) X + c_2 (XX^T)^2 X$. */
export type Coefficients = readonly [c0: number, c1: number, c2: number]

/**
 * What brings a matrix's singular values below 1, before {@link scaleByMuon} iterates.
 *
 * @category Building blocks
 */
export type Preconditioning = 'frobenius' | 'spectral' | 'aol' | 'schatten'

const square = (x: tf.Tensor): tf.Tensor => tf.matMul(x, flip(x))

/** One iteration; `a` is $XX^T$. */
const iterate = (x: tf.Tensor, a: tf.Tensor, [c0, c1, c2]: Coefficients): tf.Tensor => {
  const b = tf.add(tf.mul(a, c1), tf.mul(tf.matMul(a, a), c2))
  return tf.add(tf.mul(x, c0), tf.matMul(b, x))
}

const squaresOf = (x: tf.Tensor): tf.Tensor => tf.sum(tf.square(x), [1, 2], true)

/** The Frobenius norm of every matrix. */
const frobenius = (x: tf.Tensor): tf.Tensor => normsOf((powers) => squaresOf(timesPowers(x, powers)))

/** How often a square is squared for its greatest eigenvalue, which is then off by less than 2 to minus this. */
const squarings = 12

/**
 * The greatest singular value of every matrix, from the Rayleigh quotient of $A = XX^\top$ with a high power of it:
 * nothing is read back, and close singular values do little harm.
 */
const spectral = (x: tf.Tensor): tf.Tensor => {
  const a = square(x)
  const unit = (power: tf.Tensor): tf.Tensor => tf.divNoNan(power, frobenius(power))
  let power = unit(a)
  for (let k = 0; k < squarings; k++) power = unit(tf.matMul(power, power))
  return tf.sqrt(tf.sum(tf.mul(power, tf.matMul(a, power)), [1, 2], true))
}

/** Where an iteration starts from: matrices made smaller, and their squares. */
type First = (x: tf.Tensor, eps: number) => { readonly x: tf.Tensor; readonly a: tf.Tensor }

const dividedBy = (x: tf.Tensor, length: tf.Tensor): ReturnType<First> => {
  const unit = tf.div(x, length)
  return { x: unit, a: square(unit) }
}

const first: Readonly<Record<Preconditioning, First>> = {
  frobenius: (x, eps) => dividedBy(x, tf.add(frobenius(x), eps)),
  spectral: (given, eps) => {
    const { x, powers } = inRange(given, squaresOf, eps)
    return dividedBy(x, tf.add(spectral(x), timesPowers(tf.scalar(eps), powers)))
  },
  // every row by the sum of its products with all rows
  aol: (given, eps) => {
    const { x, least } = inRange(given, squaresOf, eps)
    const a = square(x)
    const s = tf.rsqrt(tf.maximum(tf.sum(tf.abs(a), 2, true), least))
    return { x: tf.mul(x, s), a: tf.mul(tf.mul(a, s), flip(s)) }
  },
  schatten: (given, eps) => {
    const { x, least } = inRange(given, squaresOf, eps)
    const a = square(x)
    const s = tf.rsqrt(tf.maximum(frobenius(a), least))
    return { x: tf.mul(x, s), a: tf.mul(a, tf.square(s)) }
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
