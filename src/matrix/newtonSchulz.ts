/**
 * Newton–Schulz: makes the singular values of matrices nearly 1 by products of matrices alone.
 *
 * All matrices of a stack at once, each with no more rows than columns, so that the squares are small. Intermediate
 * tensors are the caller's to tidy.
 */
import type * as tf from '@tensorflow/tfjs-core'
import { tfjs } from '../host/tfjs/library.js'
import { inRange, normsOf, timesPowers } from '../host/tfjs/norm.js'
import type { Coefficients, Preconditioning } from './iteration.js'
import { flip } from './products.js'

const square = (x: tf.Tensor): tf.Tensor => tfjs.matMul(x, flip(x))

/** One iteration; `a` is $XX^T$. */
const iterate = (x: tf.Tensor, a: tf.Tensor, [c0, c1, c2]: Coefficients): tf.Tensor => {
  const b = tfjs.add(tfjs.mul(a, c1), tfjs.mul(tfjs.matMul(a, a), c2))
  return tfjs.add(tfjs.mul(x, c0), tfjs.matMul(b, x))
}

const squaresOf = (x: tf.Tensor): tf.Tensor => tfjs.sum(tfjs.square(x), [1, 2], true)

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
  const unit = (power: tf.Tensor): tf.Tensor => tfjs.divNoNan(power, frobenius(power))
  let power = unit(a)
  for (let k = 0; k < squarings; k++) power = unit(tfjs.matMul(power, power))
  return tfjs.sqrt(tfjs.sum(tfjs.mul(power, tfjs.matMul(a, power)), [1, 2], true))
}

/** Where an iteration starts from: matrices made smaller, and their squares. */
type First = (x: tf.Tensor, eps: number) => { readonly x: tf.Tensor; readonly a: tf.Tensor }

const dividedBy = (x: tf.Tensor, length: tf.Tensor): ReturnType<First> => {
  const unit = tfjs.div(x, length)
  return { x: unit, a: square(unit) }
}

const first: Readonly<Record<Preconditioning, First>> = {
  frobenius: (x, eps) => dividedBy(x, tfjs.add(frobenius(x), eps)),
  spectral: (given, eps) => {
    const { x, powers } = inRange(given, squaresOf, eps)
    return dividedBy(x, tfjs.add(spectral(x), timesPowers(tfjs.scalar(eps), powers)))
  },
  // every row by the sum of its products with all rows
  aol: (given, eps) => {
    const { x, least } = inRange(given, squaresOf, eps)
    const a = square(x)
    const s = tfjs.rsqrt(tfjs.maximum(tfjs.sum(tfjs.abs(a), 2, true), least))
    return { x: tfjs.mul(x, s), a: tfjs.mul(tfjs.mul(a, s), flip(s)) }
  },
  schatten: (given, eps) => {
    const { x, least } = inRange(given, squaresOf, eps)
    const a = square(x)
    const s = tfjs.rsqrt(tfjs.maximum(frobenius(a), least))
    return { x: tfjs.mul(x, s), a: tfjs.mul(a, tfjs.square(s)) }
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
export const dualScaled = (x: tf.Tensor, y: tf.Tensor): tf.Tensor => tfjs.mul(y, tfjs.sum(tfjs.mul(x, y)))
