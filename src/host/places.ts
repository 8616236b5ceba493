/** Where the numbers of a stack's matrices stand in their leaf. */
import type { Stack } from '../rule/stack.js'

/** The place of a matrix, a row of it and a column, of which the sum is that of a number. */
export interface Places {
  readonly matrices: Int32Array
  readonly rows: Int32Array
  readonly columns: Int32Array
}

/** The places in a leaf of a shape. */
export const placesOf = (
  { order, shape: [count, rows, columns] }: Stack,
  shape: readonly number[],
): Places => {
  /** Where the number stands before which there are so many, matrix after matrix and row after row. */
  const placeOf = (before: number): number => {
    let [rest, place] = [before, 0]
    for (let at = order.length - 1; at >= 0; at--) {
      const axis = order[at] ?? 0
      const length = shape[axis] ?? 1
      place += (rest % length) * shape.slice(axis + 1).reduce((all, n) => all * n, 1)
      rest = Math.floor(rest / length)
    }
    return place
  }
  const every = (size: number, apart: number): Int32Array =>
    Int32Array.from({ length: size }, (_, i) => placeOf(i * apart))
  return { matrices: every(count, rows * columns), rows: every(rows, columns), columns: every(columns, 1) }
}
