/** The leading singular vectors of a matrix, in float64 on the host: what GaLore projects gradients onto. */
import { greatestEigen } from './symmetricEigen.js'

/** The product of two rows of `length` numbers that begin at `i` and at `j`. */
const dotAt = (rows: Float64Array, i: number, j: number, length: number): number => {
  let sum = 0
  for (let k = 0; k < length; k++) sum += (rows[i + k] as number) * (rows[j + k] as number)
  return sum
}

/** Makes row `i` orthogonal to those before it; the length that is left. */
const orthogonalize = (rows: Float64Array, i: number, length: number): number => {
  // once more, for what the first time has left by rounding
  for (let again = 0; again < 2; again++)
    for (let j = 0; j < i; j++) {
      const along = dotAt(rows, i * length, j * length, length)
      for (let k = 0; k < length; k++)
        rows[i * length + k] = (rows[i * length + k] as number) - along * (rows[j * length + k] as number)
    }
  return Math.sqrt(dotAt(rows, i * length, i * length, length))
}

const divide = (row: Float64Array, by: number): void => {
  for (let k = 0; k < row.length; k++) row[k] = (row[k] as number) / by
}

/** A row that is orthogonal to those before it, where the matrix has no more to say: the nearest axis will do. */
const complete = (rows: Float64Array, i: number, length: number): void => {
  const row = rows.subarray(i * length, (i + 1) * length)
  for (let axis = 0; axis < length; axis++) {
    row.fill(0)
    row[axis] = 1
    const left = orthogonalize(rows, i, length)
    // on the average an axis keeps the share (length - i) / length of its square
    if (left ** 2 >= (length - i) / (2 * length)) return divide(row, left)
  }
}

/** Below this share of the greatest, a singular value is rounding. */
const negligible = 1e-10

/**
 * The singular vectors of the `rank` greatest singular values of a matrix with no more rows than columns, each as long
 * as a row: the columns of the result, which stands row by row.
 *
 * They are orthonormal, also where the matrix has not so many; of a matrix with NaN or infinities all are NaN. Their
 * signs are arbitrary.
 */
export const leadingSingularVectors = (
  matrix: ArrayLike<number>,
  rows: number,
  columns: number,
  rank: number,
): Float32Array => {
  const w = Float64Array.from(matrix)
  if (!w.every(Number.isFinite)) return new Float32Array(columns * rank).fill(Number.NaN)
  const gram = new Float64Array(rows * rows)
  for (let i = 0; i < rows; i++)
    for (let j = 0; j <= i; j++) {
      const product = dotAt(w, i * columns, j * columns, columns)
      gram[i * rows + j] = product
      gram[j * rows + i] = product
    }
  const { vectors: left } = greatestEigen(gram, rows, rank)
  const right = new Float64Array(rank * columns)
  let greatest = 0
  for (let i = 0; i < rank; i++) {
    const row = right.subarray(i * columns, (i + 1) * columns)
    for (let k = 0; k < rows; k++) {
      const share = left[i * rows + k] as number
      for (let j = 0; j < columns; j++) row[j] = (row[j] as number) + share * (w[k * columns + j] as number)
    }
    // the length is the singular value
    const length = orthogonalize(right, i, columns)
    greatest = Math.max(greatest, length)
    if (length > negligible * greatest) divide(row, length)
    else complete(right, i, columns)
  }
  return Float32Array.from({ length: columns * rank }, (_, at) => {
    const [column, i] = [Math.floor(at / rank), at % rank]
    return right[i * columns + column] as number
  })
}
