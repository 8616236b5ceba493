/**
 * Grid: a leaf as rows that lie one after the other in memory. Along a row every value of the leaf's rule is one number, or a
 * run of its own numbers that lie one after the other too.
 */
import { subterms } from '../../rule/fold.js'
import { remember, rememberNamed } from '../../rule/intern.js'
import { sizeOf } from '../../rule/leaf.js'
import type { LeafPlan } from '../../rule/plan.js'
import { differs, type Extent, isAxes } from '../../rule/scope.js'
import { stridesOf } from '../numbers/axes.js'

/** So many rows of so many columns: the axes of the shape from `end` on are a row. */
export interface Grid {
  readonly shape: readonly number[]
  readonly end: number
  readonly rows: number
  readonly columns: number
}

const extentsOf = remember(({ outputs }: LeafPlan): readonly Extent[] => {
  const all = Object.values(outputs)
  const terms = subterms(all.map(({ expr }) => expr))
  return [...new Set([...all, ...terms].map(({ scope }) => scope))].filter(isAxes)
})

/** The grid of a leaf; `null` of no elements. */
export const gridOf = (plan: LeafPlan, shape: readonly number[]): Grid | null => {
  const rank = shape.length
  const all = extentsOf(plan).map((extent) => differs(extent, rank))
  let end = rank - 1
  // as many axes as all values agree on
  while (end > 0 && all.every((own) => own[end - 1] === own[end])) end--
  const columns = sizeOf(shape.slice(Math.max(0, end)))
  const rows = sizeOf(shape.slice(0, Math.max(0, end)))
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
