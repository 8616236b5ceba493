/** Which matrices a leaf holds, and how they are made orthogonal: as data, for a term to carry. */
import { GradpipeError } from '../error.js'
import { showPath } from '../tree/path.js'
import { type LeafSpec, otherAxes, sizeOfAxes } from './leaf.js'
import type { Stack } from './stack.js'

// model

/** The coefficients $c_0, c_1, c_2$ of $c_0 X + c_1 (XX^T) X + c_2 (XX^T)^2 X$. */
export type Coefficients = readonly [c0: number, c1: number, c2: number]

/**
 * What brings a matrix's singular values below 1, before {@link orthogonalize} iterates.
 *
 * @category Rules
 */
export type Preconditioning = 'frobenius' | 'spectral' | 'aol' | 'schatten'

/** How matrices are made orthogonal: a polynomial for each iteration, and what comes before them. */
export interface Orthogonalization {
  readonly coefficients: readonly Coefficients[]
  readonly preconditioning: Preconditioning
}

/** Which axes of a leaf are the rows of its matrices, and which the columns; all others tell one from the next. */
export interface MatrixSides {
  readonly rows: readonly number[]
  readonly columns: readonly number[]
}

// constructors

/** The last two axes. Throws `ShapeMismatch` for a leaf that has not as many. */
const lastAxes = ({ path, shape }: LeafSpec): MatrixSides => {
  const rank = shape.length
  if (rank < 2)
    throw new GradpipeError('ShapeMismatch', showPath(path), 'a matrix, or a stack of them', `rank ${rank}`)
  return { rows: [rank - 2], columns: [rank - 1] }
}

/** The matrices of a leaf on one side: their own, or the other one. */
interface Side extends Stack {
  /** Whether rows are the leaf's columns. */
  readonly isTurned: boolean
}

/** The matrices of a leaf, lying on the side that makes no more rows than columns; those of its last axes without a view. */
export const wideStack = (leaf: LeafSpec, view: MatrixSides | null): Side => {
  const { shape } = leaf
  const { rows, columns } = view ?? lastAxes(leaf)
  const stack = otherAxes(shape, [...rows, ...columns])
  const [m, n] = [sizeOfAxes(shape, rows), sizeOfAxes(shape, columns)]
  const count = sizeOfAxes(shape, stack)
  return m <= n
    ? { order: [...stack, ...rows, ...columns], shape: [count, m, n], isTurned: false }
    : { order: [...stack, ...columns, ...rows], shape: [count, n, m], isTurned: true }
}
