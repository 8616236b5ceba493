/**
 * Values along some of a leaf's axes, in kernels: where their numbers stand by arithmetic of indices, and which numbers a
 * reduction takes together.
 *
 * An index is taken apart into digits, one for each run of axes that two values have beside each other, and put together
 * anew. How many digits there are is a kernel's structure; their lengths are given to it, so that other shapes compile
 * nothing.
 */
import type { Expr, Reduce } from '../rule/expr.js'
import { sizeOf, sizeOfAxes } from '../rule/leaf.js'
import { along, differs, type Extent, isAxes, rankOf, shapeAlong, widest } from '../rule/scope.js'

// indices

/** An index of one extent, of which that of another is made. */
export interface Step {
  readonly from: Extent
  readonly to: Extent
}

/** Of how many axes these are, if any tells. */
const rankOfAll = (...extents: readonly Extent[]): number =>
  Math.max(0, ...extents.filter(isAxes).map(rankOf))

const axesAlong = (extent: Extent, rank: number): readonly number[] =>
  differs(extent, rank).flatMap((own, axis) => (own ? [axis] : []))

/** Runs of axes that stand beside each other in both extents, from the first one. */
const runsOf = ({ from, to }: Step, rank: number): readonly (readonly number[])[] => {
  const [before, after] = [axesAlong(from, rank), axesAlong(to, rank)]
  const runs: number[][] = []
  for (const axis of before) {
    if (!after.includes(axis)) continue
    const run = runs.at(-1)
    const last = run?.at(-1)
    const follows =
      last !== undefined &&
      before.indexOf(last) + 1 === before.indexOf(axis) &&
      after.indexOf(last) + 1 === after.indexOf(axis)
    if (follows) run?.push(axis)
    else runs.push([axis])
  }
  return runs
}

/** How many digits an index is taken apart into; none where it stays as it is. */
export const digitCount = (step: Step): number =>
  step.from === step.to ? 0 : runsOf(step, rankOfAll(step.from, step.to)).length

/** The digits of an index on a leaf of a shape: the divisor that brings each down, its length, the stride that it has then. */
export const digitsOf = (
  step: Step,
  shape: readonly number[],
): readonly (readonly [divisor: number, length: number, stride: number])[] => {
  const after = (extent: Extent, axis: number): number =>
    sizeOfAxes(
      shape,
      axesAlong(extent, shape.length).filter((each) => each > axis),
    )
  const runs = step.from === step.to ? [] : runsOf(step, shape.length)
  return runs.map((run) => {
    const last = run.at(-1) ?? 0
    return [after(step.from, last), sizeOfAxes(shape, run), after(step.to, last)]
  })
}

/**
 * The index as a text, of digits by their texts. What is 1 by its place, or holds all that is left, is not computed: whole
 * numbers are divided slowly.
 */
export const indexText = (step: Step, digitAt: (k: number) => string, index: string): string => {
  if (step.from === step.to) return index
  const rank = rankOfAll(step.from, step.to)
  const [before, after] = [axesAlong(step.from, rank), axesAlong(step.to, rank)]
  const terms = runsOf(step, rank).map((run, k) => {
    const digit = digitAt(k)
    const [start, last] = [run[0], run.at(-1)]
    const brought = last === before.at(-1) ? index : `${index} / ${digit}.x`
    const cut = start === before[0] ? brought : `${brought} % ${digit}.y`
    return last === after.at(-1) ? cut : `${cut} * ${digit}.z`
  })
  return terms.length === 0 ? '0' : terms.join(' + ')
}

/** The steps from a kernel's index to those of what it reads along axes, each once. */
export const stepsTo = (domain: Extent, nodes: readonly Expr[]): readonly Step[] =>
  [...new Set(nodes.map(({ scope }) => scope))]
    .filter((scope) => isAxes(scope) && scope !== domain)
    .map((to) => ({ from: domain, to }))

// reductions

/** Numbers that a reduction takes together, in cells. */
export interface Cells {
  /** What has a value for each cell. */
  readonly over: Extent
  /** What has the numbers of all cells. */
  readonly within: Extent
  /** What tells the numbers of one cell from each other. */
  readonly rest: Extent
}

/** What reductions have in common that have the same cells; `null` of one that makes a single number of all elements, or of one. */
export const cellKey = ({ over, arg }: Reduce): string | null =>
  isAxes(over) ? over : isAxes(arg.scope) ? `${over} of ${arg.scope}` : null

/**
 * The cells of reductions with the same key. What is the same for several of their numbers counts for each of them; `null`
 * of those that have no cells.
 */
export const cellsOf = (nodes: readonly Reduce[]): Cells | null => {
  const [first] = nodes
  if (first === undefined || cellKey(first) === null) return null
  const { over } = first
  const within = widest([over, ...nodes.map(({ arg }) => arg.scope)])
  const rank = rankOfAll(over, within)
  const left = axesAlong(over, rank)
  const rest = axesAlong(within, rank).filter((axis) => !left.includes(axis))
  return { over, within, rest: rest.length === 0 ? 'leaf' : along(rest, rank) }
}

/** What takes a cell's index, and that of a number in it, to where numbers of all cells stand. */
export const cellSteps = ({ over, within, rest }: Cells): readonly [ofCell: Step, ofNumber: Step] => [
  { from: over, to: within },
  { from: rest, to: within },
]

/** How many cells there are on a leaf of a shape, how many numbers each has, and for how many elements each of these stands. */
export const sizesOf = (
  { over, within, rest }: Cells,
  shape: readonly number[],
): { readonly cells: number; readonly length: number; readonly each: number } => {
  const size = (extent: Extent): number => sizeOf(shapeAlong(extent, shape))
  const all = size(within)
  return { cells: size(over), length: size(rest), each: all === 0 ? 0 : sizeOf(shape) / all }
}
