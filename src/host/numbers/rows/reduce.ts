/**
 * Reductions of a leaf's elements, to the bit those of the reference. Where the squares of a norm have lost numbers, which is
 * seen when they are complete, its elements are gone through once more, times powers of two.
 */
import { float32Squares, powerFor } from '../../../compile/squares.js'
import type { Expr, Reduce } from '../../../rule/expr.js'
import type { ReduceElements } from '../../rows/stages.js'
import type { LeafWork } from '../../work.js'
import { sizeAlong } from '../axes.js'
import type { Memory } from '../memory.js'
import { isFloat32, normsOf } from '../number.js'
import { at, type NumberValue } from '../values.js'
import { atHand, hasWholeRows } from './atHand.js'
import { type Before, goThrough, type Inputs } from './go.js'
import type { BoundTask, Go } from './layout.js'
import { powersOf } from './loops.js'

/** Sums, maxima and squares, in float64. */
type Sums = ReadonlyMap<Reduce, Float64Array>

type Powers = ReadonlyMap<Reduce, NumberValue>

const startOf = ({ kind }: Reduce): number => (kind === 'max' ? Number.NEGATIVE_INFINITY : 0)

const noPowers: Powers = new Map()

/** How many numbers a task reduces to. */
const lengthOf = ({ over }: BoundTask, { grid }: Go): number => sizeAlong(over, grid.shape)

/** Writes what a task's sums begin with. */
const begin = (f64: Float64Array, go: Go, task: BoundTask, powers: Powers): void => {
  const { makes, reductions, results } = task
  const length = lengthOf(task, go)
  const first = results >>> 3
  for (const [k, node] of reductions.entries())
    if (makes === 'columns') f64.fill(startOf(node), first, first + length)
    else
      for (let i = 0, cell = first + 2 * k; i < length; i++, cell += 2 * reductions.length) {
        f64[cell] = startOf(node)
        f64[cell + 1] = at(powers.get(node) ?? 1, i)
      }
}

/** Reads what they have become. */
const readSums = (f64: Float64Array, go: Go, task: BoundTask, sums: Map<Reduce, Float64Array>): void => {
  const { makes, reductions, results } = task
  const length = lengthOf(task, go)
  const first = results >>> 3
  for (const [k, node] of reductions.entries())
    sums.set(
      node,
      makes === 'columns'
        ? f64.slice(first, first + length)
        : Float64Array.from({ length }, (_, i) => f64[first + 2 * (k + i * reductions.length)] as number),
    )
}

/** Goes through the elements for some reductions, which may be of elements times powers of two. */
const sumsOf = (
  memory: Memory,
  go: Go,
  inputs: Inputs,
  nodes: readonly Reduce[],
  powers: Powers = noPowers,
  before?: Before,
): Sums => {
  const tasks = go.tasks.filter(({ reductions }) => reductions.some((node) => nodes.includes(node)))
  const given = new Map<Expr, NumberValue>()
  for (const { reductions } of go.tasks)
    for (const node of reductions) given.set(powersOf(node), powers.get(node) ?? 1)
  const { f64 } = memory.views(go.needs)
  for (const task of tasks) begin(f64, go, task, powers)
  const narrow = (node: Expr): NumberValue => given.get(node) ?? inputs.narrow(node)
  goThrough(memory, go, tasks, { ...inputs, narrow }, undefined, before)
  const sums = new Map<Reduce, Float64Array>()
  for (const task of tasks) readSums(f64, go, task, sums)
  return sums
}

/** The squares of norms of float32, of whatever size its elements are. */
const allSquares = (nodes: readonly Reduce[], sums: Sums, again: (powers: Powers) => Sums): Sums => {
  const powers = new Map<Reduce, Float64Array>()
  for (const node of nodes)
    if (node.kind === 'norm') {
      const own = sums.get(node)?.map((squares) => powerFor(squares, float32Squares))
      if (own?.some((power) => power !== 1)) powers.set(node, own)
    }
  if (powers.size === 0) return sums
  const more = again(powers)
  const all = new Map(sums)
  for (const [node, own] of powers) {
    const scaled = more.get(node)
    if (scaled !== undefined)
      all.set(
        node,
        scaled.map((sum, i) => sum / at(own, i) / at(own, i)),
      )
  }
  return all
}

/** Reduces the elements of a leaf at work. */
export const elementsReducer = (
  memory: Memory,
  go: Go,
  work: LeafWork<NumberValue>,
  inputs: Inputs,
): ReduceElements => {
  const isSingle = isFloat32(work)
  const whole = (node: Reduce, sums: Float64Array): NumberValue =>
    node.over === 'leaf' || node.over === 'tree' ? at(sums, 0) : sums
  /** Those of float64, or of float32 where they are done. */
  const finished = (node: Reduce, value: NumberValue): NumberValue =>
    !isSingle || node.over === 'tree'
      ? value
      : typeof value === 'number'
        ? Math.fround(value)
        : Float32Array.from(value)

  return (reductions, power, traversal) => {
    const later = traversal !== undefined && hasWholeRows(go) ? traversal.phases.slice(1).flat() : []
    const rows =
      traversal === undefined || later.length === 0 ? null : atHand(go, traversal, isSingle, inputs)
    const nodes = [...reductions, ...later]
    const narrow = (node: Expr): NumberValue => rows?.values.get(node) ?? inputs.narrow(node)
    const seen: Inputs = { ...inputs, narrow }
    const start = isSingle ? noPowers : new Map(nodes.map((node) => [node, power]))
    const once = sumsOf(memory, go, seen, nodes, start, rows?.before)
    // those alone that have lost numbers, as a column of zeros seems to have
    const again = (powers: Powers): Sums => sumsOf(memory, go, seen, [...powers.keys()], powers)
    const first = isSingle ? allSquares(nodes, once, again) : once
    // what was made of rows whose norms were wrong waits for its own stage
    const done = rows?.isLost() === true ? reductions : nodes
    return done.map((node) => {
      const value = whole(node, first.get(node) as Float64Array) // each is of one of the tasks
      if (node.kind !== 'norm') return [node, finished(node, value)] as const
      if (node.over === 'tree') return [node, isSingle ? at(value, 0) * power * power : value] as const
      const squares = (powers: NumberValue): NumberValue =>
        whole(node, again(new Map([[node, powers]])).get(node) as Float64Array) // as above
      return [node, normsOf(value, [work], squares)] as const
    })
  }
}
