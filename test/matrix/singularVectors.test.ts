import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { leadingSingularVectors } from '../../src/matrix/singularVectors.js'
import { asserting } from '../laws/runs.js'

/** A matrix, its numbers row by row. */
interface Matrix {
  readonly rows: number
  readonly columns: number
  readonly data: readonly number[]
}

const entry = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.float({ noNaN: true, noDefaultInfinity: true }))

const size = fc.integer({ min: 1, max: 12 })

const matrices: fc.Arbitrary<Matrix> = fc
  .tuple(size, size)
  .chain(([rows, columns]) =>
    fc
      .array(entry, { minLength: rows * columns, maxLength: rows * columns })
      .map((data) => ({ rows, columns, data })),
  )

/** Column `i` of the result. */
const columnOf = (vectors: Float32Array, rank: number, i: number): Float64Array =>
  Float64Array.from({ length: vectors.length / rank }, (_, k) => vectors[k * rank + i] ?? Number.NaN)

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, x, i) => sum + x * (b[i] ?? 0), 0)

/** The length of what the matrix makes of a vector of its longer side. */
const stretch = ({ rows, columns, data }: Matrix, vector: Float64Array): number => {
  const image = new Float64Array(rows >= columns ? columns : rows)
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) {
      const x = data[i * columns + j] ?? 0
      if (rows >= columns) image[j] = (image[j] ?? 0) + x * (vector[i] ?? 0)
      else image[i] = (image[i] ?? 0) + x * (vector[j] ?? 0)
    }
  return Math.sqrt(dot(image, image))
}

test('singular vectors are orthonormal, and their values descend and make up the whole matrix', () => {
  fc.assert(
    fc.property(matrices, (matrix) => {
      const { rows, columns, data } = matrix
      const rank = Math.min(rows, columns)
      const all = leadingSingularVectors(data, rows, columns, rank)
      const vectors = Array.from({ length: rank }, (_, i) => columnOf(all, rank, i))
      for (const [i, a] of vectors.entries())
        for (const [j, b] of vectors.entries()) expect(dot(a, b)).toBeCloseTo(i === j ? 1 : 0, 5)
      const values = vectors.map((vector) => stretch(matrix, vector))
      const whole = Math.hypot(...data)
      expect(Math.abs(Math.hypot(...values) - whole)).toBeLessThanOrEqual(1e-6 * whole)
      for (const [i, value] of values.entries())
        expect((values[i + 1] ?? 0) - value).toBeLessThanOrEqual(1e-6 * whole)
    }),
    asserting(300),
  )
})

test('the first singular vectors are those of all', () => {
  fc.assert(
    fc.property(matrices, ({ rows, columns, data }) => {
      const rank = Math.min(rows, columns)
      const all = leadingSingularVectors(data, rows, columns, rank)
      expect([...leadingSingularVectors(data, rows, columns, 1)]).toEqual([
        ...Float32Array.from(columnOf(all, rank, 0)),
      ])
    }),
    asserting(50),
  )
})

test('the vectors of a large matrix are orthonormal too', () => {
  const [rows, columns] = [60, 70]
  // equidistributed, so that no two singular values are alike
  const data = Array.from({ length: rows * columns }, (_, i) => ((i * i * 0.6180339887) % 1) - 0.5)
  const all = leadingSingularVectors(data, rows, columns, 5)
  for (let i = 0; i < 5; i++)
    for (let j = 0; j < 5; j++)
      expect(dot(columnOf(all, 5, i), columnOf(all, 5, j))).toBeCloseTo(i === j ? 1 : 0, 6)
})

test('the vectors of zero are the first axes', () => {
  expect([...leadingSingularVectors(new Float32Array(6), 3, 2, 2)]).toEqual([1, 0, 0, 1, 0, 0])
})

test('the vectors of what is not finite are NaN', () => {
  const vectors = leadingSingularVectors([1, Number.POSITIVE_INFINITY, 3, 4], 2, 2, 1)
  expect(vectors.every(Number.isNaN)).toBe(true)
})

// numpy.linalg.svd of NumPy 2.4.6: the left vectors of matrices that are tall or square, else the right ones, by row
const lapack: readonly (readonly [rows: number, columns: number, data: number[], vectors: number[]])[] = [
  [1, 1, [6], [1.0]],
  [2, 2, [-8, -6, -5, -6], [-0.790104, -0.612973, -0.612973, 0.790104]],
  [3, 2, [6, 7, 2, -9, -8, -3], [0.69841, 0.107539, -0.473995, 0.810247, -0.536238, -0.576138]],
  [2, 3, [-1, 2, 0, -4, -6, 4], [-0.462893, -0.744208, -0.746601, 0.620174, 0.477825, 0.248069]],
  [
    3,
    3,
    [4, -9, -7, -1, -2, 7, 0, -2, -1],
    [-0.93816, -0.293083, -0.184278, 0.30926, -0.948715, -0.065568, -0.155611, -0.118503, 0.980685],
  ],
  [
    3,
    4,
    [3, 2, -6, 5, 5, 9, 5, -4, -3, 3, 3, 4],
    [
      -0.317949, -0.456946, -0.556802, -0.699464, -0.475212, 0.302293, -0.522596, 0.556518, 0.401711,
      0.369529, -0.505629, 0.661225,
    ],
  ],
  [
    5,
    2,
    [7, -4, 8, -9, -8, 9, 8, -4, -7, -4],
    [-0.383947, 0.148821, -0.571953, -0.245052, 0.571953, 0.245052, -0.421615, 0.223647, 0.143405, -0.89874],
  ],
  [
    2,
    6,
    [-9, 7, 3, 2, -5, -1, -6, 5, 0, -9, -5, 4],
    [
      0.642197, 0.275656, -0.514413, -0.189638, -0.124506, -0.240455, 0.320014, -0.828868, 0.431409, 0.029334,
      -0.137617, 0.377292,
    ],
  ],
  [
    4,
    4,
    [0, -2, -5, -8, 2, 3, 0, 8, 8, -6, 2, 2, -5, -4, 0, 5],
    [
      0.695421, -0.147564, 0.141791, 0.688847, -0.603084, 0.08256, -0.368838, 0.702447, -0.254351, -0.941013,
      0.222967, 0.009301, -0.296622, 0.293094, 0.891145, 0.178807,
    ],
  ],
  [
    5,
    4,
    [-4, 4, 3, -5, -2, 6, 7, 3, -9, 3, -5, 6, 8, -1, 9, 5, -3, 7, -2, -8],
    [
      -0.241642, 0.516284, 0.05957, 0.708333, 0.085315, 0.47032, 0.662905, -0.034848, -0.444008, -0.41257,
      0.680511, -0.134394, 0.714289, 0.222714, 0.225776, -0.26593, -0.476422, 0.540773, -0.207216, -0.63896,
    ],
  ],
]

test.each(lapack)('%d × %d: the signs are those of LAPACK', (rows, columns, data, vectors) => {
  const found = leadingSingularVectors(data, rows, columns, Math.min(rows, columns))
  for (const [i, x] of vectors.entries()) expect(found[i]).toBeCloseTo(x, 5)
})
