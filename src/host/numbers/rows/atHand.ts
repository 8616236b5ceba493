/** Rows at hand: what a go makes of the rows of a piece, for what it reduces next of the same piece. */
import { float32Squares, float64Squares, powerFor, root32 } from '../../../compile/squares.js'
import type { Expr, Reduce } from '../../../rule/expr.js'
import type { Elements } from '../../../rule/ndarray.js'
import type { Traversal } from '../../../rule/traversals.js'
import { ofRows } from '../../rows/ofRows.js'
import type { Before, Inputs } from './go.js'
import type { BoundTask, Go, Piece } from './layout.js'

/** Rows at hand. */
export interface AtHand {
  /** What was made of them, row by row. */
  readonly values: ReadonlyMap<Expr, Elements>
  readonly before: Before
  /** Whether a norm of a row has lost numbers, and what was made of it is wrong. */
  readonly isLost: () => boolean
}

/** Whether every piece has whole rows. */
export const hasWholeRows = ({ grid, pieces }: Go): boolean =>
  pieces.every(({ width }) => width === grid.columns)

/** The rows that a traversal has at hand in a go, whose tasks are in the order of its phases. */
export const atHand = (go: Go, traversal: Traversal, isSingle: boolean, inputs: Inputs): AtHand => {
  const { grid, pieces, tasks } = go
  const array = (length: number): Elements => (isSingle ? new Float32Array(length) : new Float64Array(length))
  const isOfRows = ({ over }: BoundTask): boolean => over === traversal.rows
  const reduced = new Map<Expr, Elements>(
    tasks.filter(isOfRows).flatMap(({ reductions }) => reductions.map((node) => [node, array(grid.rows)])),
  )
  const { values, compute } = ofRows(
    grid,
    traversal,
    pieces[0]?.rows ?? 0,
    array,
    (node) => reduced.get(node) ?? inputs.narrow(node),
  )
  const squares = isSingle ? float32Squares : float64Squares
  let lost = false
  const finished = ({ kind }: Reduce, whole: number): number => {
    if (kind !== 'norm') return whole
    lost ||= powerFor(whole, squares) !== 1
    return isSingle ? root32(whole) : Math.sqrt(whole)
  }
  const read = (f64: Float64Array, { reductions, results }: BoundTask, { row, rows }: Piece): void => {
    for (const [k, node] of reductions.entries()) {
      const into = reduced.get(node) as Elements // one for each
      for (let i = row; i < row + rows; i++)
        into[i] = finished(node, f64[(results >>> 3) + 2 * (k + i * reductions.length)] as number)
    }
  }
  const phaseOf = new Map(
    tasks.map((task) => [
      task,
      traversal.phases.findIndex((nodes) => task.reductions.some((node) => nodes.includes(node))),
    ]),
  )
  let [current, phase]: [Piece | undefined, number] = [undefined, 0]
  return {
    values,
    before: (task, piece, { f64 }) => {
      if (piece !== current) phase = 0
      current = piece
      for (const own = phaseOf.get(task) ?? 0; phase < own; ) {
        for (const [each, of] of phaseOf) if (of === phase && isOfRows(each)) read(f64, each, piece)
        phase++
        compute(phase, piece.row, piece.rows)
      }
    },
    isLost: () => lost,
  }
}
