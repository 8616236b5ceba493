/**
 * View: which axes of a leaf are the rows and the columns of the matrices in it, and what a rule is that is written of
 * rows and columns once this is known.
 */
import { GradpipeError } from '../error.js'
import { showPath } from '../tree/path.js'
import { Binary, Const, type Expr, Reduce, Slot, Unary } from './expr.js'
import { rebuilt, rewrite, subterms } from './fold.js'
import { rememberNamed } from './intern.js'
import { type LeafSpec, otherAxes } from './leaf.js'
import { makeRule, type Rule, rewriteRule } from './rule.js'
import { along, type Extent } from './scope.js'

// model

/**
 * Which axes of a leaf are the rows and the columns of the matrices in it. Negative axes count from the end. All others
 * tell one matrix from the next.
 *
 * @category Rules
 */
export interface RowsAndColumns {
  /** The axes whose indices tell one row from the next; none, and a matrix is a single row. */
  readonly rows: number | readonly number[]
  /** The axes whose indices tell one column from the next; none, and a matrix is a single column. */
  readonly columns: number | readonly number[]
}

/** How a leaf is looked at: its axes, each at most once. */
export interface View {
  /** How many axes the leaf has. */
  readonly rank: number
  readonly rows: readonly number[]
  readonly columns: readonly number[]
  /** All others. */
  readonly stack: readonly number[]
}

// constructors

/** Axes of a leaf, none of them negative. Throws `ShapeMismatch` for one that it has not. */
export const axesOf = ({ path, shape }: LeafSpec, axes: number | readonly number[]): readonly number[] => {
  const rank = shape.length
  return (typeof axes === 'number' ? [axes] : axes).map((axis) => {
    if (Number.isInteger(axis) && axis >= -rank && axis < rank) return axis < 0 ? axis + rank : axis
    throw new GradpipeError('ShapeMismatch', showPath(path), `an axis ${axis}`, `rank ${rank}`)
  })
}

/**
 * The view of a leaf.
 *
 * Throws `ShapeMismatch` for axes that it has not, `InvalidArgument` for an axis that stands twice.
 */
export const viewOf = (leaf: LeafSpec, given: RowsAndColumns): View => {
  const [rows, columns] = [axesOf(leaf, given.rows), axesOf(leaf, given.columns)]
  const used = [...rows, ...columns]
  if (new Set(used).size !== used.length)
    throw new GradpipeError(
      'InvalidArgument',
      showPath(leaf.path),
      'every axis once, of the rows or of the columns',
      `[${rows}] and [${columns}]`,
    )
  return { rank: leaf.shape.length, rows, columns, stack: otherAxes(leaf.shape, used) }
}

// rules

/** Whether a value is one of matrices, rows or columns, in a rule that is not bound to a leaf. */
export const isOfMatrices = (extent: Extent): extent is 'matrix' | 'row' | 'column' =>
  extent === 'matrix' || extent === 'row' || extent === 'column'

/** Whether any of some terms is of matrices, rows or columns. */
export const hasMatrices = (exprs: readonly Expr[]): boolean =>
  subterms(exprs).some((node) => isOfMatrices(node.scope))

/** A reduction of one element each. */
const ofOne = ({ kind }: Reduce, arg: Expr): Expr =>
  kind === 'norm'
    ? Unary('abs', arg)
    : // plus zero: the sum of a negative zero alone is 0
      kind === 'sum'
      ? Binary('add', arg, Const(0))
      : arg

/** A view as text, and back. */
const keyOf = (view: View): string => JSON.stringify(view)

const bound = /* @__PURE__ */ rememberNamed((rule: Rule, key): Rule => {
  // what keyOf has printed
  const { rank, rows, columns, stack } = JSON.parse(key) as View
  const extents = {
    matrix: along(stack, rank),
    row: along([...stack, ...rows], rank),
    column: along([...stack, ...columns], rank),
  }
  const extent = (of: Extent): Extent => (isOfMatrices(of) ? extents[of] : of)
  const reduced = (node: Reduce, arg: Expr): Expr => {
    const over = extent(node.over)
    if (over === 'element') return ofOne(node, arg)
    // an extent of a leaf's axes is a leaf's, an element's or one of axes
    return Reduce(node.kind, over as Reduce['over'], arg, node.site)
  }
  const atStart = rewrite((node) => node, reduced)
  const atLeaf = rewriteRule(
    (node) => (node._tag === 'Slot' ? Slot(node.name, extent(node.scope)) : node),
    undefined,
    reduced,
    (node, visit) => rebuilt(node, visit, node.view ?? { rows, columns }),
  )(rule)
  const slots = Object.fromEntries(
    Object.entries(atLeaf.slots).map(([name, { scope, start }]) => [
      name,
      { scope: extent(scope), start: atStart(start) },
    ]),
  )
  return makeRule({ ...atLeaf, slots })
})

/** A rule on a leaf that is looked at in this way: what it says of rows and columns it says of axes. */
export const boundTo = (rule: Rule, view: View): Rule => bound(rule, keyOf(view))
