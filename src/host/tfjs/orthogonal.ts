/**
 * Newton–Schulz on tensors: makes the singular values of matrices nearly 1 by products of matrices alone.
 *
 * All matrices of one shape at once, each with no more rows than columns, so that the squares are small.
 */
import * as tf from '@tensorflow/tfjs-core'
import type { Coefficients, Orthogonalization, Preconditioning } from '../../rule/matrices.js'
import type { Stack } from '../../rule/stack.js'
import { flip } from './matrices.js'
import { inRange, normsOf, timesPowers } from './norm.js'
import { mapMatrices } from './stacks.js'
import { tidied } from './tidy.js'

const square = (x: tf.Tensor): tf.Tensor => tf.matMul(x, flip(x))

/** A multiple of the unit matrix, each made once. */
type Units = (factor: number) => tf.Tensor

const unitsOf = (size: number): Units => {
  const unit = tf.reshape(tf.eye(size), [1, size, size])
  const made = new Map<number, tf.Tensor>()
  return (factor) => {
    const known = made.get(factor) ?? tf.mul(unit, factor)
    made.set(factor, known)
    return known
  }
}

/**
 * One iteration; `a` is $XX^T$. What is added is a multiple of the unit matrix: on the smaller side, and once less. The
 * square of `a` is left out where its coefficient is zero.
 */
const iterate = (x: tf.Tensor, a: tf.Tensor, [c0, c1, c2]: Coefficients, units: Units): tf.Tensor => {
  const b = c2 === 0 ? tf.mul(a, c1) : tf.matMul(tf.add(tf.mul(a, c2), units(c1)), a)
  return tf.matMul(tf.add(b, units(c0)), x)
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
const newtonSchulz = (
  given: tf.Tensor,
  { coefficients, preconditioning }: Orthogonalization,
  eps: number,
  units: Units,
): tf.Tensor => {
  const start = first[preconditioning](given, eps)
  return coefficients.reduce<tf.Tensor>(
    (x, c, i) => iterate(x, i === 0 ? start.a : square(x), c, units),
    start.x,
  )
}

/** The orthogonal factors of the matrices in tensors of one shape. */
export const orthogonalTensors = (
  tensors: readonly tf.Tensor[],
  stack: Stack,
  by: Orthogonalization,
  eps: number,
): readonly tf.Tensor[] =>
  tidied('orthogonalize', () => {
    const [, rows] = stack.shape
    const units = unitsOf(rows)
    // multiples of the unit matrix outlive the first that uses them
    for (const [c0, c1] of by.coefficients) for (const c of [c0, c1]) units(c)
    return mapMatrices([tensors], stack, (x) => newtonSchulz(x, by, eps, units))
  })
