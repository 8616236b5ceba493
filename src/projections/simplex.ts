/** projectionSimplex, and the projections onto the L1 ball and sphere, which use it. */
import type * as tf from '@tensorflow/tfjs-core'
import { indicator } from '../host/tfjs/gradient.js'
import { tfjs } from '../host/tfjs/library.js'
import type { Params } from '../rule/leaf.js'
import { overElements } from './elements.js'
import { checkScale, type Projected } from './project.js'
import { simplexAlong } from './tensorSimplex.js'

/** A projection of a row of elements onto those with a given sum of absolute values. */
interface Scaled {
  readonly numbers: (x: Float64Array, scale: number) => Float64Array
  readonly tensors: (x: tf.Tensor, scale: number) => tf.Tensor
  readonly ofNone?: 'stays'
}

// numbers

const simplexOf = (x: Float64Array, total: number): Float64Array => {
  if (total === 0) return new Float64Array(x.length)
  const top = x.reduce((a, b) => Math.max(a, b))
  const below = x.map((a) => a - top)
  let sum = 0
  let threshold = 0
  for (const [i, a] of below.slice().sort().reverse().entries()) {
    // the greatest element, 0, is always above the threshold
    if (i > 0 && total + (i + 1) * a <= sum + a) break
    sum += a
    threshold = (sum - total) / (i + 1)
  }
  return below.map((a) => Math.max(a - threshold, 0))
}

const sphereOf = (x: Float64Array, radius: number): Float64Array => {
  const sizes = simplexOf(x.map(Math.abs), radius)
  return sizes.map((size, i) => ((x[i] ?? 0) < 0 ? -size : size))
}

const ballOf = (x: Float64Array, radius: number): Float64Array =>
  x.reduce((sum, a) => sum + Math.abs(a), 0) <= radius ? x : sphereOf(x, radius)

// tensors

const isNegative = indicator((x) => tfjs.less(x, 0))

const simplexOn = (x: tf.Tensor, total: number): tf.Tensor =>
  total === 0 ? tfjs.mul(x, 0) : simplexAlong(x, total)

const sphereOn = (x: tf.Tensor, radius: number): tf.Tensor => {
  const sign = tfjs.sub(1, tfjs.mul(isNegative(x), 2))
  return tfjs.mul(sign, simplexOn(tfjs.mul(x, sign), radius))
}

const ballOn = (x: tf.Tensor, radius: number): tf.Tensor => {
  const inside = indicator((sum) => tfjs.lessEqual(sum, radius))(tfjs.sum(tfjs.abs(x)))
  const stays = tfjs.cast(tfjs.mul(inside, tfjs.onesLike(x)), 'bool')
  return tfjs.where(stays, x, sphereOn(x, radius))
}

// projections

const projected = <P extends Params>(name: string, tree: P, scale: number, f: Scaled): Projected<P> => {
  checkScale(`${name}.scale`, scale)
  return overElements(name, tree, {
    numbers: (x) => f.numbers(x, scale),
    tensors: (x) => f.tensors(x, scale),
    ...(f.ofNone !== undefined && { ofNone: f.ofNone }),
  })
}

/**
 * The nearest tree without negative elements whose elements, over all leaves, add up to `scale`: $\max(x - \tau, 0)$,
 * with the $\tau$ that makes the sum right. With 1, the default, it is the nearest distribution; for a vector, its
 * sparsemax.
 *
 * The tree has tensors or numbers, not both. Throws `InvalidArgument` for a negative `scale` or a tree without
 * elements, and `DtypeMismatch` for tensors among numbers.
 *
 * @category Projections
 * @see Held, Wolfe and Crowder, Validation of Subgradient Optimization, 1974; Optax, `projection_simplex`
 * @example
 * ```ts
 * import { projections } from 'gradpipe'
 *
 * assert.deepEqual(projections.projectionSimplex([0.5, 1, -2]), [0.25, 0.75, 0])
 * assert.deepEqual(projections.projectionSimplex({ w: 1, b: 1 }, 4), { w: 2, b: 2 })
 * ```
 */
export const projectionSimplex = <P extends Params>(tree: P, scale = 1): Projected<P> =>
  projected('projectionSimplex', tree, scale, { numbers: simplexOf, tensors: simplexOn })

/**
 * The nearest tree whose elements, over all leaves, have absolute values that add up to `scale`, by default 1:
 * $\operatorname{sign}(x) \max(|x| - \tau, 0)$. It is the {@link projectionSimplex} of the absolute values, with the
 * signs restored.
 *
 * A zero counts as positive, so that the result is always on the sphere; Optax's zeros stay zero. Throws like
 * {@link projectionSimplex}.
 *
 * @category Projections
 * @see Duchi et al., Efficient Projections onto the l1-Ball, 2008; Optax, `projection_l1_sphere`
 * @example
 * ```ts
 * import { projections } from 'gradpipe'
 *
 * assert.deepEqual(projections.projectionL1Sphere([0.5, -1, 0.25]), [0.25, -0.75, 0])
 * ```
 */
export const projectionL1Sphere = <P extends Params>(tree: P, scale = 1): Projected<P> =>
  projected('projectionL1Sphere', tree, scale, { numbers: sphereOf, tensors: sphereOn })

/**
 * The nearest tree whose elements, over all leaves, have absolute values that add up to at most `scale`, by default
 * 1. A tree in the ball stays as it is, and so does one without elements; any other goes to its
 * {@link projectionL1Sphere}.
 *
 * Throws like {@link projectionSimplex}, except for a tree without elements.
 *
 * @category Projections
 * @see Duchi et al., Efficient Projections onto the l1-Ball, 2008; Optax, `projection_l1_ball`
 * @example
 * ```ts
 * import { projections } from 'gradpipe'
 *
 * assert.deepEqual(projections.projectionL1Ball([0.5, -1]), [0.25, -0.75])
 * assert.deepEqual(projections.projectionL1Ball([0.5, -1], 2), [0.5, -1])
 * ```
 */
export const projectionL1Ball = <P extends Params>(tree: P, scale = 1): Projected<P> =>
  projected('projectionL1Ball', tree, scale, {
    numbers: ballOf,
    tensors: ballOn,
    ofNone: 'stays',
  })
