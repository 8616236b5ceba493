/** The leading singular vectors of a matrix, in float64 on the host: what GaLore projects gradients onto. */
import { diagonalize, rotationOf, type Side } from './bidiagonal.js'

/** A matrix, row by row. */
interface Matrix {
  readonly rows: number
  readonly columns: number
  readonly data: Float64Array
}

/** $1 - \tau v v^\top$, which maps the vector that it was made of onto its first axis. */
interface Reflection {
  /** Where $v$ begins. */
  readonly from: number
  readonly v: Float64Array
  readonly tau: number
}

const rowOf = ({ columns, data }: Matrix, i: number): Float64Array =>
  data.subarray(i * columns, (i + 1) * columns)

/** The reflection of a vector, and the image's length with its sign: away from the head, so that nothing cancels. */
const reflectionOf = (
  vector: Float64Array,
  from: number,
): { readonly reflection: Reflection; readonly image: number } => {
  const [head = 0] = vector
  let square = 0
  for (let k = 1; k < vector.length; k++) square += (vector[k] as number) ** 2
  const v = Float64Array.from(vector)
  v[0] = 1
  if (square === 0) return { reflection: { from, v: v.fill(0, 1), tau: 0 }, image: head }
  const length = Math.sqrt(head * head + square)
  const image = head < 0 || Object.is(head, -0) ? length : -length
  for (let k = 1; k < v.length; k++) v[k] = (v[k] as number) / (head - image)
  return { reflection: { from, v, tau: (image - head) / image }, image }
}

/** Reflects a vector. */
const reflect = (vector: Float64Array, { from, v, tau }: Reflection): void => {
  let along = 0
  for (let k = 0; k < v.length; k++) along += (v[k] as number) * (vector[from + k] as number)
  for (let k = 0; k < v.length; k++)
    vector[from + k] = (vector[from + k] as number) - tau * along * (v[k] as number)
}

/** Reflects the columns of a matrix. */
const reflectColumns = (matrix: Matrix, { from, v, tau }: Reflection): void => {
  const along = new Float64Array(matrix.columns)
  for (let k = 0; k < v.length; k++) {
    const [share, row] = [v[k] as number, rowOf(matrix, from + k)]
    for (let j = 0; j < row.length; j++) along[j] = (along[j] as number) + share * (row[j] as number)
  }
  for (let k = 0; k < v.length; k++) {
    const [share, row] = [tau * (v[k] as number), rowOf(matrix, from + k)]
    for (let j = 0; j < row.length; j++) row[j] = (row[j] as number) - share * (along[j] as number)
  }
}

/** Reflects the rows of a matrix. */
const reflectRows = (matrix: Matrix, reflection: Reflection): void => {
  for (let i = 0; i < matrix.rows; i++) reflect(rowOf(matrix, i), reflection)
}

/** Clears column `j` below row `i`. */
const clearColumn = (matrix: Matrix, i: number, j: number): ReturnType<typeof reflectionOf> => {
  const column = Float64Array.from({ length: matrix.rows - i }, (_, k) => rowOf(matrix, i + k)[j] as number)
  const cleared = reflectionOf(column, i)
  reflectColumns(matrix, cleared.reflection)
  return cleared
}

/** Clears row `i` right of column `j`. */
const clearRow = (matrix: Matrix, i: number, j: number): ReturnType<typeof reflectionOf> => {
  const cleared = reflectionOf(rowOf(matrix, i).slice(j), j)
  reflectRows(matrix, cleared.reflection)
  return cleared
}

/** A bidiagonal matrix, and the reflections that have made it, of either side. */
interface Bidiagonal extends Readonly<Record<Side, readonly Reflection[]>> {
  readonly d: Float64Array
  readonly e: Float64Array
}

/** Makes a matrix bidiagonal: upper if it has no fewer rows than columns, lower otherwise. It is overwritten. */
const bidiagonalize = (matrix: Matrix): Bidiagonal => {
  const isUpper = matrix.rows >= matrix.columns
  const n = Math.min(matrix.rows, matrix.columns)
  const [d, e] = [new Float64Array(n), new Float64Array(Math.max(0, n - 1))]
  const [left, right]: [Reflection[], Reflection[]] = [[], []]
  for (let i = 0; i < n; i++) {
    const diagonal = isUpper ? clearColumn(matrix, i, i) : clearRow(matrix, i, i)
    ;(isUpper ? left : right).push(diagonal.reflection)
    d[i] = diagonal.image
    if (i === n - 1) continue
    const beside = isUpper ? clearRow(matrix, i, i + 1) : clearColumn(matrix, i + 1, i)
    ;(isUpper ? right : left).push(beside.reflection)
    e[i] = beside.image
  }
  return { d, e, left, right }
}

/** Makes an upper bidiagonal matrix of a lower one, by rotations of its rows. */
const lift = (d: Float64Array, e: Float64Array): void => {
  for (let i = 0; i < e.length; i++) {
    const { cosine, sine, r } = rotationOf(d[i] as number, e[i] as number)
    const next = d[i + 1] as number
    d[i] = r
    e[i] = sine * next
    d[i + 1] = cosine * next
  }
}

/** A matrix with many more rows than columns, or the other way round, is a square one in other axes. */
const squared = (
  matrix: Matrix,
): { readonly matrix: Matrix; readonly reflections: readonly Reflection[] } => {
  const { rows, columns } = matrix
  const n = Math.min(rows, columns)
  if (Math.max(rows, columns) < Math.floor((n * 11) / 6)) return { matrix, reflections: [] }
  const reflections = Array.from({ length: n }, (_, i) =>
    rows >= columns ? clearColumn(matrix, i, i).reflection : clearRow(matrix, i, i).reflection,
  )
  const data = new Float64Array(n * n)
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++)
      // what was cleared is zero but for rounding
      if (rows >= columns ? j >= i : j <= i) data[i * n + j] = rowOf(matrix, i)[j] as number
  return { matrix: { rows: n, columns: n, data }, reflections }
}

/**
 * The singular vectors of the `rank` greatest singular values of a matrix, those of its longer side (the left ones of
 * a square matrix), as the columns of the result, which stands row by row.
 *
 * They are orthonormal, also where the matrix has not so many; of a matrix with NaN or infinities all are NaN. Their
 * signs are those of LAPACK up to 25 rows or columns.
 */
export const leadingSingularVectors = (
  given: ArrayLike<number>,
  rows: number,
  columns: number,
  rank: number,
): Float32Array => {
  const length = Math.max(rows, columns)
  const data = Float64Array.from(given)
  if (!data.every(Number.isFinite)) return new Float32Array(length * rank).fill(Number.NaN)
  const side: Side = rows >= columns ? 'left' : 'right'
  const { matrix, reflections } = squared({ rows, columns, data })
  const { d, e, ...of } = bidiagonalize(matrix)
  if (matrix.rows < matrix.columns) lift(d, e)
  const vectors = diagonalize(d, e, side)
  const n = d.length
  const order = Array.from(d.keys()).sort((i, j) => (d[j] as number) - (d[i] as number))
  const result = new Float32Array(length * rank)
  for (const [column, i] of order.slice(0, rank).entries()) {
    const vector = new Float64Array(length)
    vector.set(vectors.subarray(i * n, (i + 1) * n))
    for (const reflection of [...reflections, ...of[side]].reverse()) reflect(vector, reflection)
    for (let k = 0; k < length; k++) result[k * rank + column] = vector[k] as number
  }
  return result
}
