/**
 * Newton–Schulz in the WASM backend's memory: no tensors for products, a work area for all matrices of one shape, and
 * symmetric products by halves.
 */
import type { Orthogonalization, Preconditioning } from '../../../rule/matrices.js'
import { load, type Source, sumOfSquares } from './matrixLayout.js'
import type { Area, Matrix, Multiply } from './panels.js'

/** Columns of a panel. */
const wide = 8

// numbers of matrices

const sumOf = (
  { views: { f32 }, height }: Area,
  { at, columns }: Matrix,
  of: (x: number) => number,
): number => {
  const [first, size] = [at >>> 2, height * columns]
  let sum = 0
  for (let i = first; i < first + size; i++) sum += of(f32[i] as number)
  return sum
}

const squared = (x: number): number => x * x
const one = (): number => 1

/** Multiplies every row, and every column too, by a factor of its own. */
const scaleBy = (
  { views: { f32 }, height }: Area,
  { at, columns }: Matrix,
  ofRow: (i: number) => number,
  ofColumn: (j: number) => number,
): void => {
  let place = at >>> 2
  for (let j = 0; j < columns; j += wide)
    for (let i = 0; i < height; i++)
      for (let k = 0; k < wide; k++, place++) f32[place] = (f32[place] as number) * ofRow(i) * ofColumn(j + k)
}

// before the iterations

/** How often a square is squared for its greatest eigenvalue, which is then off by less than 2 to minus this. */
const squarings = 12

/** The greatest singular value, from the Rayleigh quotient of $A = XX^\top$ with a high power of it. */
const spectral = (area: Area, a: Matrix, first: Matrix, second: Matrix): (() => number) => {
  const square = (power: Matrix, into: Matrix): Multiply =>
    area.product({ left: power, right: power, into, plus: null, isSymmetric: true })
  const squares = [square(first, second), square(second, first)] as const
  // of an even number of squarings
  const last = area.product({ left: a, right: first, into: second, plus: null, isSymmetric: false })
  const unit = (power: Matrix): void => {
    const norm = Math.sqrt(sumOf(area, power, squared))
    if (norm !== 0) scaleBy(area, power, () => 1 / norm, one)
  }
  const { f32 } = area.views
  const size = area.height ** 2
  return () => {
    f32.copyWithin(first.at >>> 2, a.at >>> 2, (a.at >>> 2) + size)
    unit(first)
    for (let k = 0; k < squarings; k += 2) {
      squares[0](1, 0)
      unit(second)
      squares[1](1, 0)
      unit(first)
    }
    last(1, 0)
    let quotient = 0
    for (let i = 0; i < size; i++)
      quotient += (f32[(first.at >>> 2) + i] as number) * (f32[(second.at >>> 2) + i] as number)
    return Math.sqrt(quotient)
  }
}

/** What every row is multiplied by before the iterations; `power` is what the matrix has been multiplied by already. */
type Factors = (eps: number, power: number) => (i: number) => number

/** These, from the square of the matrix, with room for two more squares. */
const factorsOf: Readonly<
  Record<
    Exclude<Preconditioning, 'frobenius'>,
    (area: Area, a: Matrix, first: Matrix, second: Matrix) => Factors
  >
> = {
  spectral: (area, a, first, second) => {
    const greatest = spectral(area, a, first, second)
    return (eps, power) => {
      const length = greatest() + eps * power
      return () => 1 / length
    }
  },
  // every row by the sum of its products with all rows
  aol:
    ({ views: { f32 }, height, rows }, { at, columns }) =>
    (eps, power) => {
      const sums = new Float64Array(height)
      for (let j = 0, place = at >>> 2; j < columns; j += wide)
        for (let i = 0; i < height; i++)
          for (let k = 0; k < wide; k++) sums[i] = (sums[i] as number) + Math.abs(f32[place++] as number)
      const least = eps * power ** 2
      // the zeros beside the matrix stay
      return (i) => (i < rows ? 1 / Math.sqrt(Math.max(sums[i] as number, least)) : 1)
    },
  schatten: (area, a) => (eps, power) => {
    const factor = 1 / Math.sqrt(Math.max(Math.sqrt(sumOf(area, a, squared)), eps * power ** 2))
    return () => factor
  },
}

// the iterations

/** Makes one matrix orthogonal; answers where the factor is. */
export const orthogonal = (
  area: Area,
  { coefficients, preconditioning }: Orthogonalization,
): ((source: Source, eps: number) => Matrix) => {
  const [a, b] = area.squares
  const [x, y] = area.wides
  const aa = area.product({ left: a, right: a, into: b, plus: a, isSymmetric: true })
  const hasCubic = coefficients.some(([, , c2]) => c2 === 0)
  // X goes from the one to the other and back
  const ways = (
    [
      [x, y],
      [y, x],
    ] as const
  ).map(([from, to]) => {
    const times = (left: Matrix): Multiply =>
      area.product({ left, right: from, into: to, plus: from, isSymmetric: false })
    return {
      square: area.square(from, to, a),
      times: times(b),
      // where the square of the square has no part, X is multiplied by the square alone
      timesSquare: hasCubic ? times(a) : null,
    }
  })
  const factors =
    preconditioning === 'frobenius'
      ? null
      : factorsOf[preconditioning](area, a, b, { ...y, columns: area.height })
  return (source, eps) => {
    const length = Math.sqrt(sumOfSquares(area.views.f32, source))
    const power = factors !== null && length === 0 ? 1 : 1 / (length + (factors === null ? eps : 0))
    load(area, source, x, power)
    if (factors !== null) {
      ways[0]?.square()
      const factor = factors(eps, power)
      scaleBy(area, x, factor, one)
      scaleBy(area, a, factor, factor)
    }
    for (const [i, [c0, c1, c2]] of coefficients.entries()) {
      const way = ways[i % 2]
      if (i > 0 || factors === null) way?.square()
      if (c2 === 0) way?.timesSquare?.(c1, c0)
      else {
        aa(c2, c1)
        way?.times(1, c0)
      }
    }
    return coefficients.length % 2 === 0 ? x : y
  }
}
