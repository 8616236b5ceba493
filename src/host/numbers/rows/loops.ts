/**
 * Loops over the rows of a leaf in an array: what reduces its elements, in their order, and what stores its outputs.
 *
 * A sum of a row waits for each of its elements in turn. So one loop goes through several rows at once, none of which waits for
 * the other.
 */
import { type Loop, loopOf } from '../../../compile/loop.js'
import { Binary, Compare, type Expr, type Over, Reduce, Select, Slot, Unary } from '../../../rule/expr.js'
import { fold, parts } from '../../../rule/fold.js'
import { remember } from '../../../rule/intern.js'
import type { Extent } from '../../../rule/scope.js'
import { type Grid, isWide } from '../../rows/grid.js'
import { sizeAlong } from '../axes.js'

/** A term of one of the rows that a loop goes through at once. */
export interface Read {
  readonly node: Expr
  /** How many rows further on than the first. */
  readonly further: number
}

/** A loop over some rows at once, and what its streams and uniforms are. */
export interface RowLoop {
  readonly loop: Loop
  readonly rows: number
  readonly streams: readonly Read[]
  readonly uniforms: readonly Read[]
}

/** What a loop makes: outputs; or sums, each in a cell; or one sum for each column of its row. */
export type Makes = 'stores' | 'cells' | 'columns'

/** What is made in one go through the elements, by a loop over many rows at once, and one for those that are left. */
export interface Task {
  readonly makes: Makes
  readonly loops: readonly RowLoop[]
  readonly reductions: readonly Reduce[]
  /** What is reduced to. */
  readonly over: Extent
}

/** Rows that are summed up at once. */
const ROWS = 4

const isInput = (node: Expr): boolean => node.scope !== 'element' || parts(node).length === 0

/** Names terms of further rows; what they are is remembered as long as the terms are. */
const renamed = (row: number, originals: Map<Expr, Read>): ((expr: Expr) => Expr) => {
  const rename = (node: Expr): Expr => {
    const other = Slot(`${node.id} ${row} rows further`, node.scope)
    originals.set(other, { node, further: row })
    return other
  }
  return fold<Expr, Compare>({
    known: (node) => (isInput(node) ? rename(node) : undefined),
    atom: rename,
    unary: Unary,
    binary: Binary,
    compare: Compare,
    select: Select,
    reduce: (node) => node,
  })
}

const rowLoop = (
  grid: Grid,
  stores: readonly Expr[],
  reductions: readonly Reduce[],
  originals: ReadonlyMap<Expr, Read>,
  rows: number,
): RowLoop => {
  const loop = loopOf(stores, reductions, ({ scope }) => scope !== 'element' && isWide(grid, scope))
  const read = (node: Expr): Read => originals.get(node) ?? { node, further: 0 }
  return { loop, rows, streams: loop.streams.map(read), uniforms: loop.uniforms.map(read) }
}

const severalRows = (grid: Grid, reductions: readonly Reduce[]): RowLoop => {
  const originals = new Map<Expr, Read>()
  const all = Array.from({ length: ROWS }, (_, row) => {
    const further = row === 0 ? (expr: Expr): Expr => expr : renamed(row, originals)
    return reductions.map(({ kind, over, arg, site }) => Reduce(kind, over, further(arg), site))
  })
  return rowLoop(grid, [], all.flat(), originals, ROWS)
}

/** By what the elements of each column are multiplied for a norm. */
export const powersOf = ({ id, over }: Reduce): Expr => Slot(`powers ${id}`, over)

const ofColumns = (grid: Grid, node: Reduce): Task => {
  const { kind, over, arg, site } = node
  const scaled = kind === 'norm' ? Reduce(kind, over, Binary('mul', arg, powersOf(node)), site) : node
  return { makes: 'columns', loops: [rowLoop(grid, [], [scaled], none, 1)], reductions: [node], over }
}

const none: ReadonlyMap<Expr, Read> = new Map()

/** What reduces elements: for each column by itself, all else together that is reduced to the same. */
export const reducing = (grid: Grid, reductions: readonly Reduce[]): readonly Task[] => {
  const narrow = new Map<Over, Reduce[]>()
  const tasks: Task[] = []
  for (const node of reductions)
    if (isWide(grid, node.over)) tasks.push(ofColumns(grid, node))
    else narrow.set(node.over, [...(narrow.get(node.over) ?? []), node])
  for (const [over, own] of narrow) {
    const one = rowLoop(grid, [], own, none, 1)
    const isOfRows = sizeAlong(over, grid.shape) === grid.rows
    const loops = isOfRows && grid.rows >= ROWS ? [severalRows(grid, own), one] : [one]
    tasks.push({ makes: 'cells', loops, reductions: own, over })
  }
  return tasks
}

/** What stores some outputs. */
export const storing = (grid: Grid, outputs: readonly Expr[]): readonly Task[] =>
  outputs.length === 0
    ? []
    : [
        {
          makes: 'stores',
          loops: [rowLoop(grid, outputs, [], none, 1)],
          reductions: [],
          over: 'element',
        },
      ]

/** The terms that some loops read of a leaf: of each element, and runs of numbers that are there for several rows. */
export const inputsOf: (tasks: readonly Task[]) => {
  readonly elements: readonly Expr[]
  readonly runs: readonly Expr[]
} = remember((tasks: readonly Task[]) => {
  const all = new Set(
    tasks.flatMap(({ loops }) => loops.flatMap(({ streams }) => streams.map(({ node }) => node))),
  )
  const isElement = ({ scope }: Expr): boolean => scope === 'element'
  return { elements: [...all].filter(isElement), runs: [...all].filter((node) => !isElement(node)) }
})
