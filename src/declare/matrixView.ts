/** matrixView: which axes of a tensor are the rows and the columns of the matrices in it. */
import { GradpipeError } from '../error.js'
import { axes, type Range } from '../range.js'
import { type LeafSpec, otherAxes, sizeOfAxes } from '../rule/leaf.js'
import type { Stack } from '../rule/stack.js'
import { axesOf, type RowsAndColumns } from '../rule/view.js'
import { showPath } from '../tree/path.js'
import { seen } from './labelling.js'

/**
 * Which axes of a weight make its matrix: those that a layer sums over, and those of its output. Negative axes count
 * from the end. All others tell one matrix from the next.
 *
 * @category Building blocks
 */
export interface DimensionNumbers {
  /** The axes that are summed over. Default 0. */
  readonly reductionAxis?: number | readonly number[]
  /** The axes of the output. Default 1. */
  readonly outputAxis?: number | readonly number[]
}

/**
 * The axes of every leaf's matrix: the same for all, or as a function of the leaf says; `null` for one that has none.
 *
 * @category Building blocks
 */
export type MatrixAxes = DimensionNumbers | ((leaf: LeafSpec) => DimensionNumbers | null)

/** What may be {@link MatrixAxes}. */
export const axesOfMatrices: Range = [
  'a record of reductionAxis and outputAxis, or a function of a leaf',
  (value) =>
    typeof value === 'function' ||
    (typeof value === 'object' &&
      value !== null &&
      Object.entries(value).every(
        ([name, given]) =>
          ['reductionAxis', 'outputAxis'].includes(name) && (given === undefined || axes[1](given)),
      )),
]

/** A tensor as a stack of matrices: which axes are what, and how many elements lie along them. */
export interface MatrixView {
  /** The axes that tell one matrix from the next. */
  readonly stack: readonly number[]
  readonly reduction: readonly number[]
  readonly output: readonly number[]
  readonly count: number
  readonly fanIn: number
  readonly fanOut: number
}

/**
 * The matrices of a leaf.
 *
 * Throws `ShapeMismatch` for one of a rank below 2 and for axes that it has not, `InvalidArgument` for an axis that
 * stands twice.
 */
const viewOf = (leaf: LeafSpec, axes: DimensionNumbers): MatrixView => {
  const { path, shape } = leaf
  const rank = shape.length
  if (rank < 2)
    throw new GradpipeError('ShapeMismatch', showPath(path), 'a tensor of rank 2 or more', `rank ${rank}`)
  const reduction = axesOf(leaf, axes.reductionAxis ?? 0)
  const output = axesOf(leaf, axes.outputAxis ?? 1)
  const used = [...reduction, ...output]
  if (new Set(used).size !== used.length)
    throw new GradpipeError(
      'InvalidArgument',
      showPath(path),
      'every axis once, of the reduction or of the output',
      `${reduction} and ${output}`,
    )
  const stack = otherAxes(shape, used)
  return {
    stack,
    reduction,
    output,
    count: sizeOfAxes(shape, stack),
    fanIn: sizeOfAxes(shape, reduction),
    fanOut: sizeOfAxes(shape, output),
  }
}

/** The matrices with the reduction along their columns. */
export const tall = ({ stack, reduction, output, count, fanIn, fanOut }: MatrixView): Stack => ({
  order: [...stack, ...reduction, ...output],
  shape: [count, fanIn, fanOut],
})

/** The view of a leaf by what the caller has said of the axes; `null` for a leaf that is left out. */
export const viewBy =
  (axes: MatrixAxes): ((leaf: LeafSpec) => MatrixView | null) =>
  (leaf) => {
    const own = typeof axes === 'function' ? axes(seen(leaf)) : axes
    return own === null ? null : viewOf(leaf, own)
  }

/** The same for a rule, whose rows are summed over. */
export const rowsBy = (axes: MatrixAxes): ((leaf: LeafSpec) => RowsAndColumns | null) => {
  const viewed = viewBy(axes)
  return (leaf) => {
    const view = viewed(leaf)
    return view === null ? null : { rows: view.reduction, columns: view.output }
  }
}
