/**
 * Rows and columns by the kernels of WASM: a row is an entry of a kernel's table. What it has alone are its uniforms and its
 * results' cells; what a column has alone is a stream that every row begins anew, and sums of columns are stored where they
 * were read.
 */
import { type Loop, loopOf } from '../../../compile/loop.js'
import { entryWords, HEADER } from '../../../compile/wasm/kernel.js'
import type { Expr, Reduce } from '../../../rule/expr.js'
import { remember } from '../../../rule/intern.js'
import type { LeafPlan } from '../../../rule/plan.js'
import type { Kernel } from '../../kernels/compile.js'
import { type Views, viewsOf } from '../../kernels/machine.js'
import type { NumberValue } from '../../numbers/values.js'
import { count } from '../../statistics.js'
import type { LeafWork } from '../../work.js'
import type { WasmDoor } from './backend.js'
import type { Grid } from './grid.js'
import type { Launch } from './threads.js'

/** Rows whose numbers are added up in float32, column by column, before float64 takes them. */
const CHUNK = 32

const align = (bytes: number): number => (bytes + 15) & ~15

/** A term of a column's own is a stream, any other that is no element's a uniform. */
const loopOn = (grid: Grid, stores: readonly Expr[], reductions: readonly Reduce[]): Loop =>
  loopOf(stores, reductions, ({ scope }) => scope === grid.column)

const loopsOf = remember((_: LeafPlan) => new Map<string, Loop>())

/** A loop of a leaf's plan, by what it is for; made once. */
export const loopFor = (
  { grid, work }: Leaf,
  what: string,
  make: () => { readonly stores?: readonly Expr[]; readonly reductions?: readonly Reduce[] },
): Loop => {
  const loops = loopsOf(work.plan)
  const key = `${grid.row} ${grid.column} ${what}`
  const known = loops.get(key)
  if (known !== undefined) return known
  const { stores = [], reductions = [] } = make()
  const loop = loopOn(grid, stores, reductions)
  loops.set(key, loop)
  return loop
}

/** A leaf at work. */
export interface Leaf {
  readonly grid: Grid
  readonly work: LeafWork<NumberValue>
  /** The value of a term that is not an element's. */
  readonly narrow: (expr: Expr) => NumberValue
  /** Where the elements of the gradient, the parameter or a slot are. */
  readonly address: (node: Expr) => number
}

/** What kernels are run with. */
export interface Engine {
  readonly door: WasmDoor
  readonly launch: Launch
  readonly kernelOf: (loop: Loop) => Kernel
}

/** What begins anew with every chunk of rows: a number of each column that a loop adds to, and what it begins with. */
type Accumulators = ReadonlyMap<Expr, number>

const noAccumulators: Accumulators = new Map()

/** Which matrix each row is of, and which chunk of rows. */
export interface Units {
  readonly matrices: Int32Array
  readonly chunks: Int32Array
  /** How many chunks a matrix has. */
  readonly each: number
}

/** The units of a grid's rows. */
export const unitsOf: (grid: Grid) => Units = remember(({ count: matrixCount, rows }: Grid): Units => {
  const each = Math.ceil(rows / CHUNK)
  const matrices = Int32Array.from({ length: matrixCount * rows }, (_, i) => Math.floor(i / rows))
  const chunks = matrices.map((matrix, i) => matrix * each + Math.floor((i - matrix * rows) / CHUNK))
  return { matrices, chunks, each }
})

/** A loop, laid out in the scratch memory. */
export interface Laid {
  readonly views: Views
  readonly table: number
  readonly results: number
  /** Where the numbers of columns are, those of one matrix or chunk after the other. */
  readonly columns: ReadonlyMap<Expr, number>
}

/** Writes what a row's uniforms are: those that are a row's, a matrix's, or the leaf's. */
const putUniform = (
  f32: Float32Array,
  { grid }: Leaf,
  node: Expr,
  value: NumberValue,
  first: number,
  apart: number,
): void => {
  const { matrices } = unitsOf(grid)
  const { length } = matrices
  const isOfRow = node.scope === grid.row
  if (typeof value === 'number') for (let i = 0, at = first; i < length; i++, at += apart) f32[at] = value
  else
    for (let i = 0, at = first; i < length; i++, at += apart)
      f32[at] = value[isOfRow ? i : (matrices[i] as number)] as number
}

/**
 * Lays out a loop for all rows of a leaf, and fills its table. What is stored goes to an address, or where an accumulator is;
 * `given` are numbers of columns that are none of the rule's.
 */
const lay = (
  { door }: Engine,
  leaf: Leaf,
  loop: Loop,
  stores: readonly (number | Expr)[],
  accumulators: Accumulators,
  given: ReadonlyMap<Expr, Float32Array>,
): Laid => {
  const { grid, narrow, address } = leaf
  const { uniforms, streams, reductions } = loop
  const { matrices, chunks, each } = unitsOf(grid)
  const rows = matrices.length
  const words = entryWords(loop)
  let bytes = 0
  const take = (size: number): number => {
    const at = bytes
    bytes = align(bytes + size)
    return at
  }
  const uniformsAt = take(4 * uniforms.length * rows)
  const tableAt = take(4 * words * rows)
  const resultsAt = take(8 * reductions.length * rows)
  const ofColumns = streams.filter(({ scope }) => scope === grid.column)
  const lengthOf = (node: Expr): number => grid.columns * grid.count * (accumulators.has(node) ? each : 1)
  const places = ofColumns.map((node) => take(4 * lengthOf(node)))
  const scratch = door.scratch(bytes)
  const views = viewsOf(door.memory.buffer)
  const { f32, i32 } = views
  const columns = new Map(ofColumns.map((node, i) => [node, scratch + (places[i] ?? 0)]))
  for (const [node, at] of columns) {
    const value = accumulators.get(node) ?? given.get(node) ?? narrow(node)
    if (typeof value === 'number') f32.fill(value, at >>> 2, (at >>> 2) + lengthOf(node))
    else f32.set(value, at >>> 2)
  }
  for (const [k, node] of uniforms.entries())
    putUniform(f32, leaf, node, narrow(node), ((scratch + uniformsAt) >>> 2) + k, uniforms.length)
  const table = scratch + tableAt
  /** Writes a word of every row: so many bytes more for each row, or for each that is counted. */
  const put = (word: number, first: number, more: number, counted?: Int32Array): void => {
    let at = (table >>> 2) + word
    if (counted === undefined)
      for (let i = 0, value = first; i < rows; i++, at += words, value += more) i32[at] = value
    else for (let i = 0; i < rows; i++, at += words) i32[at] = first + more * (counted[i] as number)
  }
  const putAddress = (word: number, of: number | Expr): void => {
    const at = typeof of === 'number' ? of : (columns.get(of) ?? address(of))
    const counted =
      typeof of === 'number' || !columns.has(of) ? undefined : accumulators.has(of) ? chunks : matrices
    put(word, at, 4 * grid.columns, counted)
  }
  put(0, grid.columns, 0)
  put(1, scratch + uniformsAt, 4 * uniforms.length)
  put(2, scratch + resultsAt, 8 * reductions.length)
  for (const [k, of] of [...streams, ...stores].entries()) putAddress(HEADER + k, of)
  return { views, table, results: scratch + resultsAt, columns }
}

/** Runs a loop over all rows of a leaf. */
export const runRows = (
  engine: Engine,
  leaf: Leaf,
  loop: Loop,
  stores: readonly (number | Expr)[],
  accumulators: Accumulators = noAccumulators,
  given: ReadonlyMap<Expr, Float32Array> = new Map(),
): Laid => {
  const { grid } = leaf
  const rows = grid.count * grid.rows
  const laid = lay(engine, leaf, loop, stores, accumulators, given)
  const kernel = engine.kernelOf(loop)
  // here, not by threads, where rows are added to the same numbers
  if (accumulators.size > 0) kernel.run(laid.table, rows)
  else engine.launch(kernel, laid.table, 4 * entryWords(loop), rows, rows * grid.columns)
  count('launches')
  return laid
}
