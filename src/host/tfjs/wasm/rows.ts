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
import { type Chunks, totalsBytes } from './totals.js'

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
  /** Kernels that add every element to the number of its column. */
  readonly columnsOf: (loop: Loop) => Kernel
}

/** What begins anew with every chunk of rows: a number of each column that a loop adds to, and what it begins with. */
export type Accumulators = ReadonlyMap<Expr, number>

/** How many chunks of rows there are for each sum of columns. */
export const chunksOfEach = ({ rows, columns, shape }: Grid, over: Extent): Chunks => {
  const runs = Math.max(1, sizeAlong(over, shape) / columns)
  return { runs, columns, each: Math.ceil(rows / runs / CHUNK) }
}

/** Which chunk each row is of: those of one sum of columns after the other. */
const chunksOf: (grid: Grid, over: Extent) => Int32Array = rememberNamed((grid: Grid, over) => {
  const extent = over as Extent // those that are asked for
  const { each } = chunksOfEach(grid, extent)
  const before = new Map<number, number>()
  return placesOf(grid, extent).map((place) => {
    const rows = before.get(place) ?? 0
    before.set(place, rows + 1)
    return place * each + Math.floor(rows / CHUNK)
  })
})

/** What a loop does with the rows of a leaf. */
export interface RowLoop {
  readonly loop: Loop
  /** What is stored goes to an address, or where an accumulator is. */
  readonly stores: readonly (number | Expr)[]
  readonly accumulators: Accumulators
  /** Numbers of columns that are none of the rule's. */
  readonly given: ReadonlyMap<Expr, Float32Array>
}

/** Where a loop has its things: bytes from where its memory begins. */
interface Layout {
  readonly uniforms: number
  readonly table: number
  readonly results: number
  readonly columns: readonly (readonly [node: Expr, at: number, length: number])[]
  readonly totals: readonly (readonly [node: Expr, at: number])[]
  readonly bytes: number
}

/** A loop, laid out in the scratch memory. */
export interface Laid {
  readonly loop: Loop
  readonly views: Views
  readonly uniforms: number
  readonly table: number
  readonly results: number
  /** Where the numbers of columns are, those of one run or chunk after the other. */
  readonly columns: ReadonlyMap<Expr, number>
  /** Where there is room for the totals of chunks. */
  readonly totals: ReadonlyMap<Expr, number>
}

const layoutOf = ({ grid }: Leaf, { loop, accumulators }: RowLoop): Layout => {
  const { uniforms, streams, reductions } = loop
  let bytes = 0
  const take = (size: number): number => {
    const at = bytes
    bytes = align(bytes + size)
    return at
  }
  const uniformsAt = take(4 * uniforms.length * grid.rows)
  const table = take(4 * entryWords(loop) * grid.rows)
  const results = take(8 * reductions.length * grid.rows)
  const columns = streams
    .filter(({ scope }) => scope !== 'element')
    .map((node) => {
      const chunks = accumulators.has(node) ? chunksOfEach(grid, node.scope).each : 1
      const length = sizeAlong(node.scope, grid.shape) * chunks
      return [node, take(4 * length), length] as const
    })
  const totals = [...accumulators.keys()].map(
    (node) => [node, take(totalsBytes(chunksOfEach(grid, node.scope)))] as const,
  )
  return { uniforms: uniformsAt, table, results, columns, totals, bytes }
}

/** Writes what those of a loop's uniforms that are chosen are in some rows. */
export const putUniforms = (
  { views: { f32 }, uniforms: first, loop: { uniforms } }: Laid,
  grid: Grid,
  ofRow: (node: Expr) => NumberValue | undefined,
  row: number,
  rows: number,
): void => {
  const apart = uniforms.length
  for (const [k, node] of uniforms.entries()) {
    const value = ofRow(node)
    let at = (first >>> 2) + k + row * apart
    if (typeof value === 'number') for (let i = 0; i < rows; i++, at += apart) f32[at] = value
    else if (value !== undefined) {
      const places = placesOf(grid, node.scope)
      for (let i = row; i < row + rows; i++, at += apart) f32[at] = value[places[i] as number] as number
    }
  }
}

/** Lays out a loop for all rows of a leaf, and fills its table; some uniforms are written later. */
const lay = (
  views: Views,
  start: number,
  layout: Layout,
  leaf: Leaf,
  { loop, stores, accumulators, given }: RowLoop,
  isLater: (node: Expr) => boolean,
): Laid => {
  const { grid, narrow, address } = leaf
  const { uniforms, streams, reductions } = loop
  const { rows } = grid
  const words = entryWords(loop)
  const { f32, i32 } = views
  const columns = new Map(layout.columns.map(([node, at]) => [node, start + at]))
  for (const [node, from, length] of layout.columns) {
    const at = (start + from) >>> 2
    const value = accumulators.get(node) ?? given.get(node) ?? narrow(node)
    if (typeof value === 'number') f32.fill(value, at, at + length)
    else f32.set(value, at)
  }
  const laid: Laid = {
    ...{ loop, views, columns },
    totals: new Map(layout.totals.map(([node, at]) => [node, start + at])),
    uniforms: start + layout.uniforms,
    table: start + layout.table,
    results: start + layout.results,
  }
  putUniforms(laid, grid, (node) => (isLater(node) ? undefined : narrow(node)), 0, rows)
  /** Writes a word of every row: so many bytes more for each row, or for each that is counted. */
  const put = (word: number, first: number, more: number, counted?: Int32Array): void => {
    let at = (laid.table >>> 2) + word
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
  put(1, laid.uniforms, 4 * uniforms.length)
  put(2, laid.results, 8 * reductions.length)
  for (const [k, of] of [...streams, ...stores].entries()) putAddress(HEADER + k, of)
  return laid
}

/** Lays out loops in the scratch memory, one after the other. */
export const layAll = (
  { door }: Engine,
  leaf: Leaf,
  loops: readonly RowLoop[],
  isLater: (node: Expr) => boolean,
): readonly Laid[] => {
  const layouts = loops.map((each) => layoutOf(leaf, each))
  let start = door.scratch(layouts.reduce((sum, { bytes }) => sum + bytes, 0))
  const views = viewsOf(door.memory.buffer)
  return loops.map((each, i) => {
    const layout = layouts[i] as Layout // as many as loops
    const laid = lay(views, start, layout, leaf, each, isLater)
    start += layout.bytes
    return laid
  })
}

/** Runs a loop over all rows of a leaf. */
export const runRows = (engine: Engine, leaf: Leaf, each: RowLoop): Laid => {
  const { rows, columns } = leaf.grid
  const [laid] = layAll(engine, leaf, [each], () => false) as [Laid] // one of one
  const kernel = engine.kernelOf(each.loop)
  // here, not by threads, where rows are added to the same numbers
  if (each.accumulators.size > 0) kernel.run(laid.table, rows)
  else engine.launch(kernel, laid.table, 4 * entryWords(each.loop), rows, rows * columns)
  count('launches')
  return laid
}
