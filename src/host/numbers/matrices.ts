/** Matrices in float64 arrays, row by row: their products, and how they lie in a leaf. */
import { countOf, type Elements, likeLeaf, NdArray, type NumberLeaf, numbersOf } from '../../rule/ndarray.js'
import type { Stack } from '../../rule/stack.js'
import { placesOf } from '../places.js'

/** A matrix of float64. */
export interface Matrix {
  readonly rows: number
  readonly columns: number
  readonly data: Float64Array
}

/** How many rows of the second factor are gone through together, so that they stay in a processor's cache. */
const BLOCK = 32

/** $a\,b^\top$: rows times rows. */
export const timesTransposed = (a: Matrix, b: Matrix): Matrix => {
  const [m, n, length] = [a.rows, b.rows, a.columns]
  const data = new Float64Array(m * n)
  const [x, y] = [a.data, b.data]
  for (let from = 0; from < n; from += BLOCK) {
    const to = Math.min(n, from + BLOCK)
    for (let i = 0; i < m; i++)
      for (let j = from; j < to; j++) {
        let sum = 0
        for (let k = 0, p = i * length, q = j * length; k < length; k++)
          sum += (x[p + k] as number) * (y[q + k] as number)
        data[i * n + j] = sum
      }
  }
  return { rows: m, columns: n, data }
}

/** $a\,b$. */
export const times = (a: Matrix, b: Matrix): Matrix => {
  const [m, n, length] = [a.rows, b.columns, a.columns]
  const data = new Float64Array(m * n)
  const y = b.data
  for (let i = 0; i < m; i++) {
    const row = data.subarray(i * n, (i + 1) * n)
    for (let k = 0; k < length; k++) {
      const factor = a.data[i * length + k] as number
      for (let j = 0, q = k * n; j < n; j++) row[j] = (row[j] as number) + factor * (y[q + j] as number)
    }
  }
  return { rows: m, columns: n, data }
}

/** Every element by a function. */
export const each = ({ rows, columns, data }: Matrix, f: (x: number, i: number) => number): Matrix => ({
  rows,
  columns,
  data: data.map(f),
})

/** What is made of the matrices in leaves of one shape, in a leaf like the first of them. */
export const mapMatrices = <const L extends readonly [NumberLeaf, ...(readonly NumberLeaf[])]>(
  leaves: L,
  stack: Stack,
  f: (...matrices: { readonly [K in keyof L]: Matrix }) => Matrix,
): NumberLeaf => {
  const [first] = leaves
  const [count, rows, columns] = stack.shape
  const size = countOf(first)
  const shape = first instanceof NdArray ? first.shape : typeof first === 'number' ? [] : [size]
  const places = placesOf(stack, shape)
  const numbers = leaves.map((leaf) => {
    const own = numbersOf(leaf)
    return typeof own === 'number' ? Float64Array.of(own) : own
  })
  const made = new Float64Array(size)
  const own = new Int32Array(rows * columns)
  for (let which = 0; which < count; which++) {
    for (let i = 0; i < own.length; i++)
      own[i] =
        (places.matrices[which] as number) +
        (places.rows[Math.floor(i / columns)] as number) +
        (places.columns[i % columns] as number)
    const matrixIn = (from: Elements): Matrix => ({
      rows,
      columns,
      data: Float64Array.from(own, (place) => from[place] as number),
    })
    const { data } = f(...(numbers.map(matrixIn) as unknown as { readonly [K in keyof L]: Matrix })) // one of each leaf
    for (let i = 0; i < own.length; i++) made[own[i] as number] = data[i] as number
  }
  return likeLeaf(first, made)
}
