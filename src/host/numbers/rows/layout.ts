/**
 * Layout: where a go through the rows of a leaf has its things in the memory of our own. Pieces of so many rows, or of one row
 * that is long, are copied into areas, one per input, and outputs from there; a store has the area of what it replaces.
 */
import { entryWords } from '../../../compile/wasm/kernel.js'
import { float32, float64, type Precision } from '../../../compile/wasm/width.js'
import type { Expr } from '../../../rule/expr.js'
import { isReplaced } from '../../../rule/rule.js'
import type { Kernel } from '../../kernels/compile.js'
import type { Grid } from '../../rows/grid.js'
import { sizeAlong } from '../axes.js'
import { inputsOf, type Makes, type RowLoop, type Task } from './loops.js'

/** Some rows, or a part of one. */
export interface Piece {
  readonly row: number
  readonly rows: number
  /** How many elements of each row come before it, and how many it has of each. */
  readonly from: number
  readonly width: number
}

/** A loop that is compiled. */
export interface BoundLoop extends RowLoop {
  readonly kernel: Kernel
}

/** A task, and where its results are; and of outputs those areas that they go into. */
export interface BoundTask extends Task {
  readonly loops: readonly BoundLoop[]
  readonly results: number
  readonly stores: readonly number[]
}

/** A go through a leaf: addresses are bytes. */
export interface Go {
  readonly grid: Grid
  readonly bytes: 4 | 8
  readonly pieces: readonly Piece[]
  readonly tasks: readonly BoundTask[]
  /** The inputs per element, and those that are there for several rows. */
  readonly areas: ReadonlyMap<Expr, number>
  readonly runs: ReadonlyMap<Expr, number>
  readonly uniforms: number
  readonly table: number
  /** How much memory there must be. */
  readonly needs: number
}

/** How many bytes all areas have together: they are to stay in a processor's own cache. */
const AREAS = 2 ** 17

const align = (bytes: number): number => (bytes + 63) & ~63

const piecesOf = ({ rows, columns }: Grid, capacity: number): readonly Piece[] => {
  const [height, width] = [Math.max(1, Math.floor(capacity / columns)), Math.min(columns, capacity)]
  const pieces: Piece[] = []
  for (let row = 0; row < rows; row += height)
    for (let from = 0; from < columns; from += width)
      pieces.push({
        row,
        rows: Math.min(height, rows - row),
        from,
        width: Math.min(width, columns - from),
      })
  return pieces
}

/** How many bytes a task's results have: a cell of 16 for each sum, or a number of float64. */
const sizeOfResults: Readonly<Record<Makes, (task: Task, grid: Grid) => number>> = {
  stores: () => 0,
  cells: ({ reductions, over }, { shape }) => 16 * reductions.length * sizeAlong(over, shape),
  columns: ({ over }, { shape }) => 8 * sizeAlong(over, shape),
}

/** Lays out a go of some tasks, which stores outputs of these names. */
export const layOut = (
  grid: Grid,
  precision: Precision,
  tasks: readonly (Task & { readonly loops: readonly BoundLoop[] })[],
  stored: readonly string[],
): Go => {
  const { bytes } = precision === 'float32' ? float32 : float64
  const { elements, runs } = inputsOf(tasks)
  const places = new Map(elements.map((node, i) => [node, i]))
  let count = elements.length
  const storesAt = stored.map((name) => {
    const input = elements.findIndex((node) => isReplaced(name, node))
    return input < 0 ? count++ : input
  })
  const most = Math.max(64, Math.floor(AREAS / (bytes * Math.max(1, count)) / 64) * 64)
  const pieces = piecesOf(grid, most)
  const height = pieces[0]?.rows ?? 0
  const loops = tasks.flatMap((task) => task.loops)
  let next = 0
  const take = (size: number): number => {
    const at = next
    next = align(next + size)
    return at
  }
  const words = Math.max(0, ...loops.map(({ loop }) => entryWords(loop)))
  const numbers = Math.max(0, ...loops.map(({ loop }) => loop.uniforms.length))
  const uniforms = take(bytes * numbers * height)
  const table = take(4 * words * height)
  const runsAt = new Map(runs.map((node) => [node, take(bytes * sizeAlong(node.scope, grid.shape))]))
  const results = tasks.map((task) => take(sizeOfResults[task.makes](task, grid)))
  const area = align(bytes * height * (pieces[0]?.width ?? 0))
  const first = next
  return {
    ...{ grid, bytes, pieces, uniforms, table },
    tasks: tasks.map((task, i) => ({
      ...task,
      results: results[i] ?? 0,
      stores: task.makes === 'stores' ? storesAt.map((at) => first + area * at) : [],
    })),
    areas: new Map([...places].map(([node, at]) => [node, first + area * at])),
    runs: runsAt,
    needs: first + area * count,
  }
}
