/**
 * Newton–Schulz on tensors: makes the singular values of matrices nearly 1 by products of matrices alone.
 *
 * All matrices of one shape at once, each with no more rows than columns, so that the squares are small.
 */
import * as tf from '@tensorflow/tfjs-core'
import type { Coefficients, Orthogonalization, Preconditioning } from '../../rule/matrices.js'
import type { Stack } from '../../rule/stack.js'
import { flip, fromMatrices, toMatrices } from './matrices.js'
import { inRange, normsOf, timesPowers } from './norm.js'
import { cloneTensor } from './tensor.js'
import { tidied } from './tidy.js'

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

const newtonSchulz = (
  given: tf.Tensor3D,
  { coefficients, preconditioning }: Orthogonalization,
  eps: number,
): tf.Tensor => {
  const start = first[preconditioning](given, eps)
  return coefficients.reduce<tf.Tensor>((x, c, i) => iterate(x, i === 0 ? start.a : square(x), c), start.x)
}

/** The orthogonal factors of the matrices in tensors of one shape. */
export const orthogonalTensors = (
  tensors: readonly tf.Tensor[],
  stack: Stack,
  by: Orthogonalization,
  eps: number,
): readonly tf.Tensor[] =>
  tidied('orthogonalize', () => {
    const all = tensors.map((tensor) => toMatrices(tensor, stack))
    const [one] = all
    if (one === undefined || one.size === 0) return tensors.map(cloneTensor)
    const made = newtonSchulz(all.length === 1 ? one : tf.concat(all, 0), by, eps)
    const parts = all.length === 1 ? [made] : tf.split(made, all.length, 0)
    return tensors.map(({ shape }, i) => fromMatrices(parts[i] as tf.Tensor, stack, shape)) // as many as tensors
  })
