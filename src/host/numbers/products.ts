/** Products of the matrices in arrays, and what is made by such: in float64, rounded once where the arrays are of float32. */
import type { NumberLeaf } from '../../rule/ndarray.js'
import type { Matrices } from '../host.js'
import { mapMatrices, times, timesTransposed } from './matrices.js'
import { orthogonal } from './orthogonal.js'

/** What computes with matrices of numbers. */
export const numberMatrices: Matrices<NumberLeaf> = {
  orthogonalize: (leaves, stack, by, eps) =>
    leaves.map((leaf) => mapMatrices([leaf], stack, (x) => orthogonal(x, by, eps))),
  multiply: (a, b, c, stack) =>
    a.map((leaf, i) =>
      // as many of each
      mapMatrices([leaf, b[i] as NumberLeaf, c[i] as NumberLeaf], stack, (x, y, z) =>
        times(timesTransposed(x, y), z),
      ),
    ),
}
