/**
 * Rows and columns by the kernels of WASM: a row is an entry of a kernel's table. What it has alone are its uniforms and its
 * results' cells; what a column has alone is a stream that every row begins anew, and sums of columns are stored where they
 * were read.
 */
import { type Loop, loopOf } from '../../../compile/loop.js'
import { float32Squares, powerFor, root32 } from '../../../compile/squares.js'
import { entryWords, HEADER } from '../../../compile/wasm/kernel.js'
import { Binary, type Expr, type Reduce, Slot } from '../../../rule/expr.js'
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

/** Rows whose sums are added up in float32, before float64 takes them. */
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

const numbersOfColumns = new Map<string, Expr>()

/** Numbers of columns that are none of the rule's, made once. */
const named = (kind: string, { column }: Grid, i: number): Expr => {
  const name = `${kind} ${i}`
  const known = numbersOfColumns.get(`${name} ${column}`) ?? Slot(name, column)
  numbersOfColumns.set(`${name} ${column}`, known)
  return known
}
const accumulatorOf = (grid: Grid, i: number): Expr => named('sum', grid, i)
const powerOf = (grid: Grid, i: number): Expr => named('power', grid, i)

/** What the sums of columns become with one more row; squares may be of elements times a power of two. */
const accumulated = (grid: Grid, nodes: readonly Reduce[], withPowers: boolean): readonly Expr[] =>
  nodes.map(({ kind, arg }, i) => {
    const before = accumulatorOf(grid, i)
    if (kind !== 'norm') return Binary(kind === 'max' ? 'max' : 'add', before, arg)
    const x = withPowers ? Binary('mul', arg, powerOf(grid, i)) : arg
    return Binary('add', before, Binary('mul', x, x))
  })

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

const numberAt = (value: NumberValue, i: number): number =>
  typeof value === 'number' ? value : (value[i] ?? Number.NaN)

/** Numbers of columns that a kernel reads and writes, by the term that they are. */
type Buffers = ReadonlyMap<Expr, Float32Array>

/** A loop, laid out in the scratch memory for some rows of a leaf. */
interface Laid {
  readonly views: Views
  readonly table: number
  readonly results: number
  /** Where the numbers of columns are. */
  readonly buffers: ReadonlyMap<Expr, number>
}

/** Lays out a loop for the rows from `from` on, and fills its table. */
const lay = (
  { door }: Engine,
  { grid, narrow, address }: Leaf,
  loop: Loop,
  from: number,
  rows: number,
  stores: readonly number[],
  given: Buffers,
): Laid => {
  const { uniforms, streams } = loop
  const words = entryWords(loop)
  const ofColumns = streams.filter(({ scope }) => scope === grid.column)
  const width = grid.columns * grid.count
  const table = align(4 * uniforms.length * rows)
  const results = align(table + 4 * words * rows)
  const first = align(results + 8 * loop.reductions.length * rows)
  const scratch = door.scratch(first + align(4 * width) * ofColumns.length)
  const views = viewsOf(door.memory.buffer)
  const { f32, i32 } = views
  const buffers = new Map(ofColumns.map((node, i) => [node, scratch + first + align(4 * width) * i]))
  for (const [node, at] of buffers) {
    const value = given.get(node) ?? narrow(node)
    if (typeof value === 'number') f32.fill(value, at >>> 2, (at >>> 2) + width)
    else f32.set(value, at >>> 2)
  }
  const values = uniforms.map((node) => ({ value: narrow(node), ofRow: node.scope === grid.row }))
  const starts = streams.map((node) => buffers.get(node) ?? address(node))
  const isOfColumn = streams.map((node) => buffers.has(node))
  for (let i = 0; i < rows; i++) {
    const row = from + i
    const matrix = Math.floor(row / grid.rows)
    const at = ((scratch + table) >>> 2) + words * i
    const uniform = scratch + 4 * uniforms.length * i
    i32[at] = grid.columns
    i32[at + 1] = uniform
    i32[at + 2] = scratch + results + 8 * loop.reductions.length * i
    for (let k = 0; k < values.length; k++) {
      const { value, ofRow } = values[k] as { readonly value: NumberValue; readonly ofRow: boolean }
      f32[(uniform >>> 2) + k] = numberAt(value, ofRow ? row : matrix)
    }
    for (let k = 0; k < starts.length; k++)
      i32[at + HEADER + k] =
        (starts[k] as number) + 4 * grid.columns * (isOfColumn[k] === true ? matrix : row)
    for (let k = 0; k < stores.length; k++)
      i32[at + HEADER + starts.length + k] = (stores[k] as number) + 4 * grid.columns * row
  }
  return { views, table: scratch + table, results: scratch + results, buffers }
}

/** Runs a loop over all rows of a leaf. */
export const runRows = (engine: Engine, leaf: Leaf, loop: Loop, stores: readonly number[]): Laid => {
  const { grid } = leaf
  const rows = grid.count * grid.rows
  const laid = lay(engine, leaf, loop, 0, rows, stores, new Map())
  engine.launch(engine.kernelOf(loop), laid.table, 4 * entryWords(loop), rows, rows * grid.columns)
  count('launches')
  return laid
}

/** Sums, maxima and squares of rows, matrices or the leaf, from the results of rows. */
export const reduceRows = (engine: Engine, leaf: Leaf, nodes: readonly Reduce[]): readonly NumberValue[] => {
  const { grid } = leaf
  const loop = loopFor(leaf, `rows ${nodes[0]?.id}`, () => ({ reductions: nodes }))
  const { views, results } = runRows(engine, leaf, loop, [])
  const rows = grid.count * grid.rows
  return nodes.map(({ kind, over }, k) => {
    const round = kind === 'norm' ? root32 : Math.fround
    const at = (row: number): number => views.f64[(results >>> 3) + nodes.length * row + k] as number
    if (over === grid.row) return Float32Array.from({ length: rows }, (_, row) => round(at(row)))
    const each = over === 'leaf' ? rows : grid.rows
    const wholes = Float32Array.from({ length: rows / each }, (_, whole) => {
      let total = kind === 'max' ? Number.NEGATIVE_INFINITY : 0
      for (let row = whole * each; row < (whole + 1) * each; row++)
        total = kind === 'max' ? Math.max(total, at(row)) : total + at(row)
      return round(total)
    })
    return over === 'leaf' ? (wholes[0] ?? Number.NaN) : wholes
  })
}

/** The sums, maxima and squares of columns. */
const addColumns = (
  engine: Engine,
  leaf: Leaf,
  nodes: readonly Reduce[],
  powers: readonly Float32Array[] | null,
): readonly Float64Array[] => {
  const { grid } = leaf
  const loop = loopFor(leaf, `columns ${nodes[0]?.id} ${powers !== null}`, () => ({
    stores: accumulated(grid, nodes, powers !== null),
  }))
  const kernel = engine.kernelOf(loop)
  const width = grid.count * grid.columns
  const starts = nodes.map(({ kind }) => (kind === 'max' ? Number.NEGATIVE_INFINITY : 0))
  const totals = starts.map((start) => new Float64Array(width).fill(start))
  const given = new Map<Expr, Float32Array>()
  for (const [i, start] of starts.entries()) {
    given.set(accumulatorOf(grid, i), new Float32Array(width).fill(start))
    const power = powers?.[i]
    if (power !== undefined) given.set(powerOf(grid, i), power)
  }
  const rows = grid.count * grid.rows
  for (let from = 0; from < rows; ) {
    const matrix = Math.floor(from / grid.rows)
    const some = Math.min(CHUNK, (matrix + 1) * grid.rows - from)
    const laid = lay(engine, leaf, loop, from, some, [], given)
    const { i32, f32 } = laid.views
    const sums = nodes.map((_, k) => laid.buffers.get(accumulatorOf(grid, k)) ?? 0)
    for (let i = 0; i < some; i++)
      for (let k = 0; k < sums.length; k++)
        i32[(laid.table >>> 2) + entryWords(loop) * i + HEADER + loop.streams.length + k] =
          (sums[k] as number) + 4 * grid.columns * matrix
    // here, not by threads: all rows are added to the same numbers
    kernel.run(laid.table, some)
    count('launches')
    for (let k = 0; k < nodes.length; k++) {
      const total = totals[k] as Float64Array
      const isMax = nodes[k]?.kind === 'max'
      const first = grid.columns * matrix
      const at = ((sums[k] as number) >>> 2) + first
      for (let j = 0; j < grid.columns; j++) {
        const [before, more] = [total[first + j] as number, f32[at + j] as number]
        total[first + j] = isMax ? Math.max(before, more) : before + more
      }
    }
    from += some
  }
  return totals
}

/** The same, rounded; norms are gone through once more where squares have lost numbers. */
export const reduceColumns = (
  engine: Engine,
  leaf: Leaf,
  nodes: readonly Reduce[],
): readonly NumberValue[] => {
  const totals = addColumns(engine, leaf, nodes, null)
  const powers = nodes.map(({ kind }, k) =>
    Float32Array.from(totals[k] ?? [], (sum) => (kind === 'norm' ? powerFor(sum, float32Squares) : 1)),
  )
  const isLost = powers.some((each) => each.some((power) => power !== 1))
  const whole = isLost ? addColumns(engine, leaf, nodes, powers) : totals
  return nodes.map(({ kind }, k) =>
    Float32Array.from(whole[k] ?? [], (sum, j) => {
      const power = powers[k]?.[j] ?? 1
      return kind === 'norm' ? root32(sum / power / power) : sum
    }),
  )
}
