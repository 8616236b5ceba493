/** Products, Newton–Schulz and Muon on one matrix, by loops over indices. */
import type { Block } from '../block.js'
import { averaged } from '../closedForm.js'
import type { LeafPoint } from '../leafForm.js'

type Matrix = readonly (readonly number[])[]

const product = (a: Matrix, b: Matrix): Matrix =>
  a.map((row) => (b[0] ?? []).map((_, j) => row.reduce((sum, x, k) => sum + x * (b[k]?.[j] ?? 0), 0)))

const flipped = (a: Matrix): Matrix => (a[0] ?? []).map((_, j) => a.map((row) => row[j] ?? 0))

const combined = (x: Matrix, y: Matrix, f: (x: number, y: number) => number): Matrix =>
  x.map((row, i) => row.map((value, j) => f(value, y[i]?.[j] ?? 0)))

const scaled = (x: Matrix, by: number): Matrix => x.map((row) => row.map((value) => value * by))

const frobenius = (x: Matrix): number => Math.hypot(...x.flat())

/** The greatest singular value, by many products. */
const spectral = (x: Matrix): number => {
  let a = product(x, flipped(x))
  let [exponent, logarithm] = [1, 0]
  for (let k = 0; k < 40; k++) {
    const norm = frobenius(a)
    if (norm === 0) return 0
    logarithm += Math.log(norm) / exponent
    a = product(scaled(a, 1 / norm), scaled(a, 1 / norm))
    exponent *= 2
  }
  return Math.sqrt(Math.exp(logarithm))
}

export interface Muon {
  readonly coefficients?: readonly (readonly [number, number, number])[]
  readonly beta?: number
  readonly eps?: number
  readonly nesterov?: boolean
  readonly adaptive?: boolean
  readonly balancing?: 'output' | 'reduction' | 'both' | 'sign'
  readonly variant?: 'optax' | 'paper'
  readonly preconditioning?: 'frobenius' | 'spectral' | 'aol' | 'schatten'
}

const standard = [3.4445, -4.775, 2.0315] as const

const conditioned = (x: Matrix, { eps = 1e-8, preconditioning = 'frobenius' }: Muon): Matrix => {
  const a = product(x, flipped(x))
  switch (preconditioning) {
    case 'frobenius':
      return scaled(x, 1 / (frobenius(x) + eps))
    case 'spectral':
      return scaled(x, 1 / (spectral(x) + eps))
    case 'schatten':
      return scaled(x, 1 / Math.sqrt(Math.max(frobenius(a), eps)))
    case 'aol': {
      const sums = a.map((row) => row.reduce((sum, value) => sum + Math.abs(value), 0))
      return x.map((row, i) => row.map((value) => value / Math.sqrt(Math.max(sums[i] ?? 0, eps))))
    }
  }
}

const orthogonal = (given: Matrix, muon: Muon): Matrix => {
  const isTall = given.length > (given[0]?.length ?? 0)
  const wide = isTall ? flipped(given) : given
  const { coefficients = [standard, standard, standard, standard, standard] } = muon
  const made = coefficients.reduce<Matrix>(
    (x, [c0, c1, c2]) => {
      const a = product(x, flipped(x))
      const b = combined(a, product(a, a), (once, twice) => c1 * once + c2 * twice)
      return combined(x, product(b, x), (value, more) => c0 * value + more)
    },
    conditioned(wide, muon),
  )
  return isTall ? flipped(made) : made
}

/** The momentum's factor: it is that of a signal, times the first gradient. */
const momentumOf = (
  { beta = 0.95, nesterov = true, variant = 'optax' }: Muon,
  t: number,
  f: (t: number) => number,
): number => {
  if (variant === 'paper')
    return nesterov ? beta * averaged(beta, t, f) + (1 - beta) * f(t) : averaged(beta, t, f)
  return nesterov
    ? (beta * averaged(beta, t, f)) / (1 - beta ** (t + 1)) + ((1 - beta) * f(t)) / (1 - beta ** t)
    : averaged(beta, t, f) / (1 - beta ** t)
}

/** Every row, or column, over its length; or all signs. */
const balanced = (x: Matrix, { balancing, eps = 1e-8 }: Muon): Matrix => {
  const over = (y: Matrix, of: Matrix): Matrix =>
    y.map((row, i) => {
      const length = Math.sqrt((of[i] ?? []).reduce((sum, value) => sum + value * value, eps))
      return row.map((value) => value / length)
    })
  switch (balancing) {
    case 'sign':
      return x.map((row) => row.map(Math.sign))
    case 'reduction':
      return over(x, x)
    case 'output':
      return flipped(over(flipped(x), flipped(x)))
    case 'both':
      return over(flipped(over(flipped(x), flipped(x))), x)
    default:
      return x
  }
}

const matrixOf = ({ shape: [rows = 0, columns = 0], data }: Block): Matrix =>
  Array.from({ length: rows }, (_, i) => Array.from(data.slice(i * columns, (i + 1) * columns)))

/** Muon's update of a leaf of rank 2, and the gradient of all others. */
export const muonForm =
  (muon: Muon) =>
  ({ g, t, f }: LeafPoint): readonly number[] => {
    if (g.shape.length !== 2 || g.data.length === 0) return Array.from(g.data, (x) => x * f(t))
    const momentum = scaled(matrixOf(g), momentumOf(muon, t, f))
    const y = orthogonal(balanced(momentum, muon), muon)
    const dual = combined(momentum, y, (a, b) => a * b)
      .flat()
      .reduce((sum, value) => sum + value, 0)
    return (muon.adaptive === true ? scaled(y, dual) : y).flat()
  }

/** A matrix's gradient times its parameter, transposed, times the gradient's sizes; and the gradient of all others. */
export const productForm = ({ g, p, t, f }: LeafPoint): readonly number[] => {
  const gradient = g.map((x) => x * f(t))
  if (g.shape.length !== 2) return Array.from(gradient.data)
  const [a, b, c] = [gradient, p, gradient.map(Math.abs)].map(matrixOf) as [Matrix, Matrix, Matrix]
  return product(product(a, flipped(b)), c).flat()
}
