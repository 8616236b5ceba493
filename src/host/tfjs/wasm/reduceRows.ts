/** Reductions over rows and columns, matrices and the leaf: one pass over its elements makes them all. */
import { float32Squares, powerFor, root32 } from '../../../compile/squares.js'
import { Binary, type Expr, type Reduce, Slot } from '../../../rule/expr.js'
import type { Traversal } from '../../../rule/traversals.js'
import { sizeAlong } from '../../numbers/axes.js'
import type { NumberValue } from '../../numbers/values.js'
import { isWide, placesOf } from '../../rows/grid.js'
import { ofRows } from '../../rows/ofRows.js'
import { heightOf, runBlocks } from './blocks.js'
import { chunksOfEach, type Engine, type Laid, type Leaf, loopFor, type RowLoop, runRows } from './rows.js'
import { totalsOf } from './totals.js'

const numbersOfColumns = new Map<string, Expr>()

/** Numbers of columns that are none of the rule's, made once. */
const named = (kind: string, { over }: Reduce, i: number): Expr => {
  const name = `${kind} ${i}`
  const known = numbersOfColumns.get(`${name} ${over}`) ?? Slot(name, over)
  numbersOfColumns.set(`${name} ${over}`, known)
  return known
}
const accumulatorOf = (node: Reduce, i: number): Expr => named('sum', node, i)
const powerOf = (node: Reduce, i: number): Expr => named('power', node, i)

/** What the sums of columns become with one more row; squares may be of elements times a power of two. */
const accumulated = (nodes: readonly Reduce[], withPowers: boolean): readonly Expr[] =>
  nodes.map((node, i) => {
    const { kind, arg } = node
    const before = accumulatorOf(node, i)
    if (kind !== 'norm') return Binary(kind === 'max' ? 'max' : 'add', before, arg)
    const x = withPowers ? Binary('mul', arg, powerOf(node, i)) : arg
    return Binary('add', before, Binary('mul', x, x))
  })

/** A sum, a maximum or a norm of float32, from what was added up. */
const finished = ({ kind }: Reduce, whole: number): number =>
  kind === 'norm' ? root32(whole) : Math.fround(whole)

/**
 * Sums, maxima or norms, from the results of rows: the k-th of so many. Of the tree it is the leaf's share, not rounded, and of
 * a norm the squares.
 */
const fromRows = (
  { grid }: Leaf,
  { views, results }: Laid,
  node: Reduce,
  k: number,
  reductions: number,
): NumberValue => {
  const { kind, over } = node
  const places = placesOf(grid, over)
  const wholes = new Float64Array(sizeAlong(over, grid.shape))
  if (kind === 'max') wholes.fill(Number.NEGATIVE_INFINITY)
  for (let row = 0, at = (results >>> 3) + k; row < places.length; row++, at += reductions) {
    const place = places[row] as number
    const [before, value] = [wholes[place] as number, views.f64[at] as number]
    wholes[place] = kind === 'max' ? Math.max(before, value) : before + value
  }
  if (over === 'tree') return wholes[0] ?? Number.NaN
  const rounded = new Float32Array(wholes)
  if (kind === 'norm') for (let i = 0; i < rounded.length; i++) rounded[i] = root32(wholes[i] as number)
  return over === 'leaf' ? (rounded[0] ?? Number.NaN) : rounded
}

/** What a loop reduces over rows, matrices or the leaf, and over columns, of which powers of two may be had. */
interface Phase {
  readonly ofRows: readonly Reduce[]
  readonly ofColumns: readonly Reduce[]
  readonly powers: readonly Float32Array[] | null
}

const rowLoop = (leaf: Leaf, { ofRows, ofColumns, powers }: Phase): RowLoop => {
  const ids = [ofRows, ofColumns].map((nodes) => nodes.map(({ id }) => id))
  const nodes = ofColumns.map(accumulatorOf)
  const starts = ofColumns.map(({ kind }) => (kind === 'max' ? Number.NEGATIVE_INFINITY : 0))
  return {
    loop: loopFor(leaf, `${ids.join(' by ')} ${powers !== null}`, () => ({
      stores: accumulated(ofColumns, powers !== null),
      reductions: ofRows,
    })),
    stores: nodes,
    accumulators: new Map(nodes.map((node, i) => [node, starts[i] ?? 0])),
    given: new Map(powers?.map((power, i) => [powerOf(ofColumns[i] as Reduce, i), power])), // one for each
  }
}

/** What a phase's loop comes to, as it lies in the scratch memory, which the next loop writes over. */
interface Results {
  readonly values: readonly (readonly [Reduce, NumberValue])[]
  /** The sums, maxima or squares of columns. */
  readonly totals: readonly Float64Array[]
}

const resultsOf = (engine: Engine, leaf: Leaf, { ofRows, ofColumns }: Phase, laid: Laid): Results => ({
  values: ofRows.map((node, k) => [node, fromRows(leaf, laid, node, k, ofRows.length)]),
  totals: ofColumns.map((node, i) => {
    const { columns, totals, views } = laid
    const sum = accumulatorOf(node, i)
    const [from, to] = [columns.get(sum) ?? 0, totals.get(sum) ?? 0]
    return totalsOf(engine.columnsOf, views, node.kind, from, to, chunksOfEach(leaf.grid, node.over))
  }),
})

/** The numbers of columns in float32; squares are of elements times powers of two. */
const ofColumn = (
  { kind }: Reduce,
  totals: Float64Array = new Float64Array(),
  powers: Float32Array | null,
): Float32Array => {
  const sums = new Float32Array(totals)
  if (kind !== 'norm') return sums
  for (let j = 0; j < sums.length; j++) {
    const power = powers?.[j] ?? 1
    sums[j] = root32((totals[j] as number) / power / power)
  }
  return sums
}

/** What a phase comes to; norms of columns are gone through once more where squares have lost numbers. */
const finish = (
  { ofColumns }: Phase,
  { values, totals }: Results,
  again: (phase: Phase) => Results,
): readonly (readonly [Reduce, NumberValue])[] => {
  const powerOf = (sum: number): number => powerFor(sum, float32Squares)
  const lost = ofColumns.some(
    ({ kind }, k) => kind === 'norm' && totals[k]?.some((sum) => powerOf(sum) !== 1),
  )
  if (!lost)
    return [...values, ...ofColumns.map((node, k) => [node, ofColumn(node, totals[k], null)] as const)]
  const powers = ofColumns.map(({ kind }, k) =>
    Float32Array.from(totals[k] ?? [], (sum) => (kind === 'norm' ? powerOf(sum) : 1)),
  )
  const whole = again({ ofRows: [], ofColumns, powers }).totals
  return [
    ...values,
    ...ofColumns.map((node, k) => [node, ofColumn(node, whole[k], powers[k] ?? null)] as const),
  ]
}

/** Goes through the rows for the phases of a traversal; `narrow` then knows what was made of them. */
const traverse = (
  engine: Engine,
  leaf: Leaf,
  traversal: Traversal,
  phases: readonly Phase[],
): { readonly all: readonly Laid[]; readonly narrow: Leaf['narrow'] } => {
  const { grid } = leaf
  const reduced = new Map<Expr, Float32Array>(
    phases
      .flatMap(({ ofRows }) => ofRows)
      .filter(({ over }) => over === traversal.rows)
      .map((node) => [node, new Float32Array(grid.rows)]),
  )
  const loops = phases.map((phase) => rowLoop(leaf, phase))
  const height = heightOf(grid, loops)
  const array = (length: number): Float32Array => new Float32Array(length)
  const made = ofRows(grid, traversal, height, array, (node) => reduced.get(node) ?? leaf.narrow(node))
  const all = runBlocks(engine, leaf, loops, height, made, (phase, { views, results }, row, rows) => {
    const { ofRows: nodes } = phases[phase] as Phase // as many as loops
    for (const [k, node] of nodes.entries()) {
      const values = reduced.get(node)
      if (values === undefined) continue
      let at = (results >>> 3) + k + row * nodes.length
      for (let i = row; i < row + rows; i++, at += nodes.length)
        // plus zero, as where several parts of a row are added up
        values[i] = finished(node, 0 + (views.f64[at] as number))
    }
  })
  return { all, narrow: (node) => made.values.get(node) ?? leaf.narrow(node) }
}

/** Reduces elements, and what comes after these in a traversal, in one pass. */
export const reduceElements = (
  engine: Engine,
  leaf: Leaf,
  reductions: readonly Reduce[],
  traversal?: Traversal,
): readonly (readonly [Reduce, NumberValue])[] => {
  const later = traversal?.phases.slice(1) ?? []
  const phases = [reductions, ...later].map(
    (nodes): Phase => ({
      ofRows: nodes.filter(({ over }) => !isWide(leaf.grid, over)),
      ofColumns: nodes.filter(({ over }) => isWide(leaf.grid, over)),
      powers: null,
    }),
  )
  const run = (at: Leaf, phase: Phase): Laid => runRows(engine, at, rowLoop(at, phase))
  const { all, narrow } =
    traversal !== undefined && later.length > 0
      ? traverse(engine, leaf, traversal, phases)
      : { all: phases.map((phase) => run(leaf, phase)), narrow: leaf.narrow }
  const results = phases.map((phase, i) => resultsOf(engine, leaf, phase, all[i] as Laid)) // as many as phases
  const at: Leaf = { ...leaf, narrow }
  return phases.flatMap((phase, i) =>
    finish(phase, results[i] as Results, (more) => resultsOf(engine, leaf, more, run(at, more))),
  ) // as many as phases
}
