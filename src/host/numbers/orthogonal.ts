/**
 * Newton–Schulz in float64: makes the singular values of matrices nearly 1 by products of matrices alone. Each lies on the
 * side that makes no more rows than columns. The reference for tensors; of float32 the results are rounded once.
 */
import { float64Squares, powerFor } from '../../compile/squares.js'
import type { Coefficients, Orthogonalization, Preconditioning } from '../../rule/matrices.js'
import { each, type Matrix, times, timesTransposed } from './matrices.js'

const sumOfSquares = ({ data }: Matrix, power = 1): number => {
  let sum = 0
  for (let i = 0; i < data.length; i++) sum += ((data[i] as number) * power) ** 2
  return sum
}

/** The Frobenius norm, where its square overflows or vanishes too. */
const frobenius = (x: Matrix): number => {
  const squares = sumOfSquares(x)
  const power = powerFor(squares, float64Squares)
  return power === 1 ? Math.sqrt(squares) : Math.sqrt(sumOfSquares(x, power)) / power
}

const square = (x: Matrix): Matrix => timesTransposed(x, x)

/** The sum of a square and its own square, times their coefficients. One that is zero asks for no product. */
const combined = (a: Matrix, [, c1, c2]: Coefficients): Matrix => {
  if (c2 === 0) return each(a, (y) => c1 * y)
  const aa = times(a, a)
  return each(a, (y, i) => c1 * y + c2 * (aa.data[i] as number))
}

/** One iteration; `a` is $XX^T$. */
const iterate = (x: Matrix, a: Matrix, coefficients: Coefficients): Matrix => {
  const [c0] = coefficients
  const bx = times(combined(a, coefficients), x)
  return each(x, (y, i) => c0 * y + (bx.data[i] as number))
}

/** After so many squarings a Rayleigh quotient is off by less than a rounding. */
const squarings = 52

/** The greatest singular value, from the Rayleigh quotient of $A = XX^\top$ with a high power of it. */
const spectral = (x: Matrix): number => {
  const a = square(x)
  const unit = (power: Matrix): Matrix => {
    const norm = frobenius(power)
    return norm === 0 ? power : each(power, (y) => y / norm)
  }
  const quotient = (power: Matrix): number => {
    const product = times(a, power)
    return product.data.reduce((sum, y, i) => sum + y * (power.data[i] as number), 0)
  }
  let power = unit(a)
  for (let k = 0; k < squarings; k++) {
    const next = unit(times(power, power))
    const moved = next.data.some((y, i) => Math.abs(y - (power.data[i] as number)) > Number.EPSILON)
    power = next
    if (!moved) break
  }
  return Math.sqrt(quotient(power))
}

/** Where an iteration starts from: a matrix made smaller. */
type First = (x: Matrix, eps: number) => Matrix

/** A matrix whose squares are numbers, and the least that their sums are, or what is added to them. */
const inRange = (
  x: Matrix,
  eps: number,
): { readonly x: Matrix; readonly least: number; readonly power: number } => {
  const chosen = powerFor(sumOfSquares(x), float64Squares)
  const power = eps > 0 ? Math.min(chosen, 1) : chosen
  return { x: power === 1 ? x : each(x, (y) => y * power), least: eps * power * power, power }
}

const first: Readonly<Record<Preconditioning, First>> = {
  frobenius: (x, eps) => {
    const length = frobenius(x) + eps
    return each(x, (y) => y / length)
  },
  spectral: (given, eps) => {
    const { x, power } = inRange(given, eps)
    const length = spectral(x) + eps * power
    return each(x, (y) => y / length)
  },
  // every row by the sum of its products with all rows
  aol: (given, eps) => {
    const { x, least } = inRange(given, eps)
    const { rows, columns, data } = square(x)
    const factors = Array.from({ length: rows }, (_, i) => {
      let sum = 0
      for (let j = 0; j < columns; j++) sum += Math.abs(data[i * columns + j] as number)
      return 1 / Math.sqrt(Math.max(sum, least))
    })
    return each(x, (y, at) => y * (factors[Math.floor(at / x.columns)] as number))
  },
  schatten: (given, eps) => {
    const { x, least } = inRange(given, eps)
    const factor = 1 / Math.sqrt(Math.max(frobenius(square(x)), least))
    return each(x, (y) => y * factor)
  },
}

/** The orthogonal factor of a matrix, or nearly so. */
export const orthogonal = (
  given: Matrix,
  { coefficients, preconditioning }: Orthogonalization,
  eps: number,
): Matrix =>
  coefficients.reduce<Matrix>((x, c) => iterate(x, square(x), c), first[preconditioning](given, eps))
