/**
 * Grid: a leaf as rows that lie one after the other in memory. Along a row every value of the leaf's rule is one number, or a
 * run of its own numbers that lie one after the other too.
 */
import { rememberNamed } from '../../rule/intern.js'
import { sizeOf } from '../../rule/leaf.js'
import type { LeafPlan } from '../../rule/plan.js'
import { differs, type Extent } from '../../rule/scope.js'
import { extentsOf, startOfRow } from '../../rule/traversals.js'
import { stridesOf } from '../numbers/axes.js'

/** So many rows of so many columns: the axes of the shape from `end` on are a row. */
export interface Grid {
  readonly shape: readonly number[]
  readonly end: number
  readonly rows: number
  readonly columns: number
}

/** The grid of a leaf; `null` of no elements. */
export const gridOf = ({ outputs }: LeafPlan, shape: readonly number[]): Grid | null => {
  const end = startOfRow(extentsOf(outputs), shape.length)
  const columns = sizeOf(shape.slice(end))
  const rows = sizeOf(shape.slice(0, end))
  return rows * columns === 0 ? null : { shape, end, rows, columns }
}

/** Whether a value of an extent differs along a row. */
export const isWide = ({ shape }: Grid, extent: Extent): boolean =>
  differs(extent, shape.length)[shape.length - 1] === true

/** Which number of an extent's value each row has, or which run of them. */
export const placesOf: (grid: Grid, extent: Extent) => Int32Array = rememberNamed(
  ({ shape, end, rows, columns }: Grid, extent): Int32Array => {
    const unit = isWide({ shape, end, rows, columns }, extent as Extent) ? columns : 1 // those that are asked for
    const strides = stridesOf(extent as Extent, shape) // as above
    return Int32Array.from({ length: rows }, (_, row) => {
      let [rest, place] = [row, 0]
      for (let axis = end - 1; axis >= 0; axis--) {
        const length = shape[axis] ?? 1
        place += (rest % length) * (strides[axis] ?? 0)
        rest = Math.floor(rest / length)
      }
      return place / unit
    })
  },
)
