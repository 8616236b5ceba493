/** Shares: what the elements of each leaf come to in a stage of reductions. */
import type { Operand } from '../../compile/columns.js'
import type { Reduce } from '../../rule/expr.js'
import type { Elements } from '../../rule/ndarray.js'
import type { BoundStage } from '../kernels/binding.js'
import type { Columns } from './columns.js'
import type { Layout, Segment, Window } from './layout.js'
import { reduced } from './reduced.js'

/** What a share is before there is an element. */
const startOf = (reduce: Reduce | undefined): number =>
  reduce?.kind === 'max' ? Number.NEGATIVE_INFINITY : 0

/** Shares of what is computed in columns, window by window. */
export const sharesOfColumns = (
  bound: BoundStage<Columns>,
  compute: (then: (window: Window) => void) => void,
): void => {
  const { layout, phase, shares, powers, reductions } = bound
  const { written, columns } = layout
  const of = phase.loop.reductions
  for (let k = 0; k < of.length; k++)
    for (let at = k; at < shares.length; at += reductions.length) shares[at] = startOf(of[k])
  compute(({ segments }) => {
    for (let s = 0; s < segments.length; s++) {
      const { row, at, size } = segments[s] as Segment
      for (let k = 0; k < of.length; k++) {
        const place = row * reductions.length + k
        const x = columns[written.reductions[k] as Operand] as Elements
        const { kind } = of[k] as Reduce
        shares[place] = reduced(kind, x, at, size, powers[place] as number, shares[place] as number)
      }
    }
  })
}

/** Shares that a kernel leaves in its cells: pairs of one and its power, a row for each of so many leaves. */
export const sharesInCells = (
  bound: BoundStage<Layout>,
  f64: Float64Array,
  rows: number,
  compute: () => void,
): void => {
  const { layout, shares, powers, reductions } = bound
  const of = bound.phase.loop.reductions
  const first = layout.cells >>> 3
  for (let row = 0, at = first; row < rows; row++)
    for (let k = 0; k < of.length; k++, at += 2) {
      f64[at] = startOf(of[k])
      f64[at + 1] = powers[row * reductions.length + k] as number
    }
  compute()
  for (let row = 0, at = first; row < rows; row++)
    for (let k = 0; k < of.length; k++, at += 2) shares[row * reductions.length + k] = f64[at] as number
}
