/** Totals of columns: what the chunks of rows have come to is added up in float64, chunk by chunk, by kernels. */
import { type Loop, loopOf } from '../../../compile/loop.js'
import { entryWords, HEADER } from '../../../compile/wasm/kernel.js'
import { Gradient, Reduce, type ReduceKind } from '../../../rule/expr.js'
import { rememberFew } from '../../../rule/intern.js'
import type { Kernel } from '../../kernels/compile.js'
import type { Views } from '../../kernels/machine.js'

/** So many runs of so many columns; each has so many chunks, which lie one after the other. */
export interface Chunks {
  readonly runs: number
  readonly columns: number
  readonly each: number
}

/** The loop over the columns of a chunk, which are read as a gradient is. */
const loopFor: (kind: ReduceKind) => Loop = rememberFew((kind: ReduceKind) =>
  loopOf([], [Reduce(kind === 'max' ? 'max' : 'sum', 'leaf', Gradient)]),
)

/** How many bytes the totals take, and after them the table that they are made by. */
export const totalsBytes = ({ runs, columns, each }: Chunks): number =>
  8 * runs * columns + 4 * entryWords(loopFor('sum')) * runs * each

/** Adds up the sums, the maxima or the squares of chunks. */
export const totalsOf = (
  kernelOf: (loop: Loop) => Kernel,
  { f64, i32 }: Views,
  kind: ReduceKind,
  from: number,
  totals: number,
  { runs, columns, each }: Chunks,
): Float64Array => {
  const loop = loopFor(kind)
  const size = runs * columns
  const first = totals >>> 3
  f64.fill(kind === 'max' ? Number.NEGATIVE_INFINITY : 0, first, first + size)
  const table = totals + 8 * size
  for (let i = 0, at = table >>> 2; i < runs * each; i++, at += entryWords(loop)) {
    i32[at] = columns
    i32[at + 2] = totals + 8 * columns * Math.floor(i / each)
    i32[at + HEADER] = from + 4 * columns * i
  }
  kernelOf(loop).run(table, runs * each)
  return f64.slice(first, first + size)
}
