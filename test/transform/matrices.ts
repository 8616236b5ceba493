/** Matrices of numbers that look like none in particular, and plain loops over them. */
import * as tf from '@tensorflow/tfjs-core'
import { NdArray, ndarray, type Params, tree } from '../../src/index.js'
import { numbers } from '../backends.js'

/** A matrix in float64, or a stack of them. */
export type Matrix = NdArray<Float64Array>

/** Numbers that look like none in particular. */
export const drawn = (seed: number, ...shape: readonly number[]): Matrix =>
  ndarray(
    Float64Array.from({ length: shape.reduce((all, n) => all * n, 1) }, (_, i) =>
      Math.sin(seed * 31 + i * i * 0.37 + i),
    ),
    shape,
  )

/** The same as a tensor. */
export const asTensor = ({ data, shape }: NdArray): tf.Tensor =>
  tf.tensor(Float32Array.from(data), [...shape])

/** The same tree of tensors. */
export const onTensors = (leaf: Params): Params =>
  tree.map((each: unknown) => (each instanceof NdArray ? asTensor(each) : each) as never)(leaf as never)

/** The transposed matrix. */
export const transposed = ({ data, shape: [m = 0, n = 0] }: Matrix): Matrix =>
  ndarray(
    Float64Array.from({ length: m * n }, (_, i) => data[(i % m) * n + Math.floor(i / m)] ?? Number.NaN),
    [n, m],
  )

/** $a\,b$, by three loops. */
export const product = (a: Matrix, b: Matrix): Matrix => {
  const [m = 0, k = 0, n = 0] = [a.shape[0], a.shape[1], b.shape[1]]
  const at = (x: Matrix, i: number, j: number): number => x.data[i * (x.shape[1] ?? 0) + j] ?? Number.NaN
  return ndarray(
    Float64Array.from({ length: m * n }, (_, i) => {
      let sum = 0
      for (let l = 0; l < k; l++) sum += at(a, Math.floor(i / n), l) * at(b, l, i % n)
      return sum
    }),
    [m, n],
  )
}

/** A matrix whose rows or columns are orthogonal, by Gram and Schmidt. */
export const orthogonalRows = (given: Matrix): Matrix => {
  const [m = 0, n = 0] = given.shape
  const rows: number[][] = []
  for (let i = 0; i < m; i++) {
    let row = [...given.data.subarray(i * n, (i + 1) * n)]
    // twice: once leaves what rounding left
    for (let again = 0; again < 2; again++)
      for (const other of rows) {
        const along = other.reduce((sum, x, j) => sum + x * (row[j] ?? 0), 0)
        row = row.map((x, j) => x - along * (other[j] ?? 0))
      }
    const length = Math.hypot(...row)
    rows.push(row.map((x) => x / length))
  }
  return ndarray(Float64Array.from(rows.flat()), [m, n])
}

/** The greatest difference of two matrices' numbers. */
export const greatest = (x: Matrix, y: Matrix): number =>
  x.data.reduce((most, each, i) => Math.max(most, Math.abs(each - (y.data[i] ?? Number.NaN))), 0)

/** Rows and columns that fill panels and that do not, more than are gone through at once, matrices that stand, stacks. */
export const manyShapes: readonly (readonly number[])[] = [
  [1, 1],
  [3, 5],
  [8, 8],
  [10, 40],
  [23, 16],
  [17, 530],
  [530, 9],
  [3, 4, 12],
  [2, 9, 7, 5],
  [2, 0, 3],
]

/** Parameters: matrices that lie and stand, two of one shape, and nothing. */
export const start = (): Params => ({
  a: drawn(1, 6, 4),
  b: [drawn(2, 6, 4), drawn(3, 3, 8)],
  none: null,
  c: drawn(4, 4, 6),
})

/** Their gradient in a step; in the second one a matrix has none. */
export const gradient = (i: number): Params => ({
  a: drawn(5 + i, 6, 4),
  b: [drawn(6 + i, 6, 4), drawn(7 + i, 3, 8)],
  none: null,
  c: i === 1 ? null : drawn(8 + i, 4, 6),
})

/** A tree's numbers. */
export const bare = (node: unknown): readonly number[] =>
  tree.leaves<unknown>(node as tree.Tree<unknown>).flatMap(([, leaf]) => [...numbers(leaf)])
