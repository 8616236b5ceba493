/**
 * Rows and columns by the kernels of WASM: a row is an entry of a kernel's table. What is one number for a row are its uniforms
 * and its results' cells; what is a run of numbers along it is a stream, which other rows may read too, and sums of columns are
 * stored where they were read.
 */
import { type Loop, loopOf } from '../../../compile/loop.js'
import { entryWords, HEADER } from '../../../compile/wasm/kernel.js'
import type { Expr, Reduce } from '../../../rule/expr.js'
import { remember, rememberNamed } from '../../../rule/intern.js'
import type { LeafPlan } from '../../../rule/plan.js'
import type { Extent } from '../../../rule/scope.js'
import type { Kernel } from '../../kernels/compile.js'
import { type Views, viewsOf } from '../../kernels/machine.js'
import { sizeAlong } from '../../numbers/axes.js'
import type { NumberValue } from '../../numbers/values.js'
import { type Grid, isWide, placesOf } from '../../rows/grid.js'
import { count } from '../../statistics.js'
import type { LeafWork } from '../../work.js'
import type { WasmDoor } from './backend.js'
import type { Launch } from './threads.js'

/** Rows whose numbers are added up in float32, column by column, before float64 takes them. */
const CHUNK = 32

const align = (bytes: number): number => (bytes + 15) & ~15

/** What is a run of numbers along a row is a stream, any other that is no element's a uniform. */
const loopOn = (grid: Grid, stores: readonly Expr[], reductions: readonly Reduce[]): Loop =>
  loopOf(stores, reductions, ({ scope }) => scope !== 'element' && isWide(grid, scope))

const loopsOf = remember((_: LeafPlan) => new Map<string, Loop>())

/** A loop of a leaf's plan, by what it is for; made once. */
export const loopFor = (
  { grid, work }: Leaf,
  what: string,
  make: () => { readonly stores?: readonly Expr[]; readonly reductions?: readonly Reduce[] },
): Loop => {
  const loops = loopsOf(work.plan)
  const key = `${grid.end} ${what}`
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

/** How many chunks of rows there are for each sum of columns. */
export const chunksOfEach = (grid: Grid, over: Extent): number =>
  Math.ceil((grid.rows * grid.columns) / Math.max(1, sizeAlong(over, grid.shape)) / CHUNK)

/** Which chunk each row is of: those of one sum of columns after the other. */
const chunksOf: (grid: Grid, over: Extent) => Int32Array = rememberNamed((grid: Grid, over) => {
  const extent = over as Extent // those that are asked for
  const each = chunksOfEach(grid, extent)
  const before = new Map<number, number>()
  return placesOf(grid, extent).map((place) => {
    const rows = before.get(place) ?? 0
    before.set(place, rows + 1)
    return place * each + Math.floor(rows / CHUNK)
  })
})

/** A loop, laid out in the scratch memory. */
export interface Laid {
  readonly views: Views
  readonly table: number
  readonly results: number
  /** Where the numbers of columns are, those of one run or chunk after the other. */
  readonly columns: ReadonlyMap<Expr, number>
}

/** Writes what a uniform is in every row. */
const putUniform = (
  f32: Float32Array,
  { grid }: Leaf,
  node: Expr,
  value: NumberValue,
  first: number,
  apart: number,
): void => {
  const { rows } = grid
  if (typeof value === 'number') for (let i = 0, at = first; i < rows; i++, at += apart) f32[at] = value
  else {
    const places = placesOf(grid, node.scope)
    for (let i = 0, at = first; i < rows; i++, at += apart) f32[at] = value[places[i] as number] as number
  }
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
  const { rows } = grid
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
  const ofColumns = streams.filter(({ scope }) => scope !== 'element')
  const lengthOf = ({ scope }: Expr, isAccumulator: boolean): number =>
    sizeAlong(scope, grid.shape) * (isAccumulator ? chunksOfEach(grid, scope) : 1)
  const places = ofColumns.map((node) => take(4 * lengthOf(node, accumulators.has(node))))
  const scratch = door.scratch(bytes)
  const views = viewsOf(door.memory.buffer)
  const { f32, i32 } = views
  const columns = new Map(ofColumns.map((node, i) => [node, scratch + (places[i] ?? 0)]))
  for (const [node, at] of columns) {
    const value = accumulators.get(node) ?? given.get(node) ?? narrow(node)
    if (typeof value === 'number')
      f32.fill(value, at >>> 2, (at >>> 2) + lengthOf(node, accumulators.has(node)))
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
    const apart = 4 * grid.columns
    const at = typeof of === 'number' ? undefined : columns.get(of)
    if (typeof of === 'number') put(word, of, apart)
    else if (at === undefined) put(word, address(of), apart)
    else put(word, at, apart, (accumulators.has(of) ? chunksOf : placesOf)(grid, of.scope))
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
  const { rows, columns } = leaf.grid
  const laid = lay(engine, leaf, loop, stores, accumulators, given)
  const kernel = engine.kernelOf(loop)
  // here, not by threads, where rows are added to the same numbers
  if (accumulators.size > 0) kernel.run(laid.table, rows)
  else engine.launch(kernel, laid.table, 4 * entryWords(loop), rows, rows * columns)
  count('launches')
  return laid
}
