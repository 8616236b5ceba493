/** Reductions over rows and columns, matrices and the leaf: one pass over its elements makes them all. */
import { float32Squares, powerFor, root32 } from '../../../compile/squares.js'
import { Binary, type Expr, type Reduce, Slot } from '../../../rule/expr.js'
import { sizeAlong } from '../../numbers/axes.js'
import type { NumberValue } from '../../numbers/values.js'
import { isWide, placesOf } from '../../rows/grid.js'
import { chunksOfEach, type Engine, type Laid, type Leaf, loopFor, runRows } from './rows.js'

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

/**
 * Sums, maxima or norms, from the results of rows: the k-th of so many. Of the tree it is the leaf's share, not rounded, and of
 * a norm the squares.
 */
const fromRows = (
  { grid }: Leaf,
  { views, results }: Laid,
  { kind, over }: Reduce,
  k: number,
  reductions: number,
): NumberValue => {
  const places = placesOf(grid, over)
  const wholes = new Float64Array(sizeAlong(over, grid.shape))
  if (kind === 'max') wholes.fill(Number.NEGATIVE_INFINITY)
  for (let row = 0, at = (results >>> 3) + k; row < places.length; row++, at += reductions) {
    const place = places[row] as number
    const [before, value] = [wholes[place] as number, views.f64[at] as number]
    wholes[place] = kind === 'max' ? Math.max(before, value) : before + value
  }
  if (over === 'tree') return wholes[0] ?? Number.NaN
  const rounded = Float32Array.from(wholes)
  if (kind === 'norm') for (let i = 0; i < rounded.length; i++) rounded[i] = root32(wholes[i] as number)
  return over === 'leaf' ? (rounded[0] ?? Number.NaN) : rounded
}

/** The sums, maxima or squares of columns, from what the chunks of rows have. */
const fromChunks = (
  { grid }: Leaf,
  { views: { f32 }, columns }: Laid,
  { kind, over }: Reduce,
  node: Expr,
): Float64Array => {
  const width = grid.columns
  const each = chunksOfEach(grid, over)
  const totals = new Float64Array(sizeAlong(over, grid.shape))
  let at = (columns.get(node) ?? 0) >>> 2
  for (let first = 0; first < totals.length; first += width) {
    for (let j = 0; j < width; j++) totals[first + j] = f32[at + j] as number
    at += width
    for (let chunk = 1; chunk < each; chunk++, at += width)
      if (kind === 'max')
        for (let j = 0; j < width; j++)
          totals[first + j] = Math.max(totals[first + j] as number, f32[at + j] as number)
      else
        for (let j = 0; j < width; j++)
          totals[first + j] = (totals[first + j] as number) + (f32[at + j] as number)
  }
  return totals
}

/** One pass over a leaf's elements that reduces them over rows, matrices or the leaf, and over columns. */
const pass = (
  engine: Engine,
  leaf: Leaf,
  ofRows: readonly Reduce[],
  ofColumns: readonly Reduce[],
  powers: readonly Float32Array[] | null,
): { readonly laid: Laid; readonly totals: readonly Float64Array[] } => {
  const ids = [ofRows, ofColumns].map((nodes) => nodes.map(({ id }) => id))
  const loop = loopFor(leaf, `${ids.join(' by ')} ${powers !== null}`, () => ({
    stores: accumulated(ofColumns, powers !== null),
    reductions: ofRows,
  }))
  const nodes = ofColumns.map(accumulatorOf)
  const starts = ofColumns.map(({ kind }) => (kind === 'max' ? Number.NEGATIVE_INFINITY : 0))
  const accumulators = new Map(nodes.map((node, i) => [node, starts[i] ?? 0]))
  const given = new Map(powers?.map((power, i) => [powerOf(ofColumns[i] as Reduce, i), power])) // one for each
  const laid = runRows(engine, leaf, loop, nodes, accumulators, given)
  return {
    laid,
    totals: ofColumns.map((reduce, i) => fromChunks(leaf, laid, reduce, accumulatorOf(reduce, i))),
  }
}

/** Reduces elements in one pass; norms of columns are gone through once more where squares have lost numbers. */
export const reduceElements = (
  engine: Engine,
  leaf: Leaf,
  reductions: readonly Reduce[],
): readonly (readonly [Reduce, NumberValue])[] => {
  const ofColumns = reductions.filter(({ over }) => isWide(leaf.grid, over))
  const ofRows = reductions.filter(({ over }) => !isWide(leaf.grid, over))
  const { laid, totals } = pass(engine, leaf, ofRows, ofColumns, null)
  const values = ofRows.map((node, k) => [node, fromRows(leaf, laid, node, k, ofRows.length)] as const)
  const powers = ofColumns.map(({ kind }, k) =>
    (totals[k] as Float64Array).map((sum) => (kind === 'norm' ? powerFor(sum, float32Squares) : 1)),
  )
  const isLost = powers.some((each) => each.some((power) => power !== 1))
  const whole = isLost
    ? pass(
        engine,
        leaf,
        [],
        ofColumns,
        powers.map((each) => Float32Array.from(each)),
      ).totals
    : totals
  const ofColumn = ofColumns.map((node, k) => {
    const sums = Float32Array.from(whole[k] ?? [])
    if (node.kind === 'norm')
      for (let j = 0; j < sums.length; j++) {
        const power = powers[k]?.[j] ?? 1
        sums[j] = root32((whole[k]?.[j] ?? Number.NaN) / power / power)
      }
    return [node, sums] as const
  })
  return [...values, ...ofColumn]
}
