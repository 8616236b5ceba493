/** Grid: a leaf as matrices whose rows lie one after the other in memory, if its rule looks at it so. */
import { subterms } from '../../../rule/expr.js'
import { sizeOf, sizeOfAxes } from '../../../rule/leaf.js'
import type { LeafPlan } from '../../../rule/plan.js'
import { along, type Extent, isAxes } from '../../../rule/scope.js'

/** So many matrices of rows and columns, and what each of these is to a term. */
export interface Grid {
  readonly count: number
  readonly rows: number
  readonly columns: number
  readonly row: Extent
  readonly column: Extent
}

/** Fewer columns are no work for a kernel that begins anew with each row. */
const LEAST = 16

const extentsOf = ({ outputs }: LeafPlan): ReadonlySet<Extent> =>
  new Set([
    ...Object.values(outputs).map(({ scope }) => scope),
    ...subterms(Object.values(outputs).map(({ expr }) => expr)).map(({ scope }) => scope),
  ])

const range = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from }, (_, i) => from + i)

/**
 * The grid of a leaf; `null` where rows are not in one piece, or too short, or where not all terms have the same. What differs
 * along no axes alone is one row.
 */
export const gridOf = (plan: LeafPlan, shape: readonly number[]): Grid | null => {
  const rank = shape.length
  const extents = [...extentsOf(plan)].filter(isAxes)
  const size = sizeOf(shape)
  if (size === 0) return null
  if (extents.length === 0) return { count: 1, rows: 1, columns: size, row: 'leaf', column: along([0], 2) }
  // rows end before an axis, and matrices before an earlier one: the few that there are are tried
  for (let end = 1; end < rank; end++)
    for (let stack = 0; stack < end; stack++) {
      const [matrix, row] = [along(range(0, stack), rank), along(range(0, end), rank)]
      const column = along([...range(0, stack), ...range(end, rank)], rank)
      if (!extents.every((extent) => [matrix, row, column].includes(extent))) continue
      const grid = {
        ...{ row, column },
        count: sizeOfAxes(shape, range(0, stack)),
        rows: sizeOfAxes(shape, range(stack, end)),
        columns: sizeOfAxes(shape, range(end, rank)),
      }
      return grid.columns >= LEAST ? grid : null
    }
  return null
}
