/** adaptiveGradClip: updates clipped in proportion to the parameters, unit by unit. */
import { hyperparameters } from '../declare/hyperparameters.js'
import { norm } from '../declare/reduction.js'
import { GradpipeError } from '../error.js'
import { axes, checkRanges, notNegative } from '../range.js'
import { type LeafSpec, otherAxes, sizeOf } from '../rule/leaf.js'
import { lengthened } from '../rule/ratio.js'
import { axesOf } from '../rule/view.js'
import { fromRule } from '../transform/fromAnyRule.js'
import type { EmptyState, GradientTransformation } from '../transform/transformation.js'
import { showPath } from '../tree/path.js'

/**
 * Options of {@link adaptiveGradClip}.
 *
 * @category Building blocks
 */
export interface AdaptiveGradClipOptions {
  /** Lower bound for the norm of a unit of parameters, so that a unit that starts at zero can move. Default 1e-3. */
  readonly eps?: number
  /**
   * The axes that make up a unit; negative ones count from the end. By default the whole leaf if at most one axis is
   * longer than 1, the first axis for ranks 2 and 3, the first three for rank 4, the first four for rank 5.
   */
  readonly axis?: number | readonly number[]
}

/** The first axes of a layer that has so many: what belongs to one output. */
const leading: Readonly<Record<number, readonly number[]>> = {
  2: [0],
  3: [0],
  4: [0, 1, 2],
  5: [0, 1, 2, 3],
}

/** The axes of a unit. */
const unitOf = (leaf: LeafSpec, axis: number | readonly number[] | undefined): readonly number[] => {
  const { path, shape } = leaf
  if (axis !== undefined) return [...new Set(axesOf(leaf, axis))]
  const rank = shape.length
  if (sizeOf(shape) === 0 || shape.filter((n) => n !== 1).length <= 1) return otherAxes(shape, [])
  const axes = leading[rank]
  if (axes !== undefined) return axes
  throw new GradpipeError(
    'ShapeMismatch',
    showPath(path),
    'a rank of at most 5, or the option axis',
    `${rank}`,
  )
}

/**
 * Clips every unit of the updates to a fraction of the norm of the same unit of the parameters.
 *
 * $$u = g \cdot \min\left(1, \frac{\lambda \max(\|p\|, \epsilon)}{\max(\|g\|, 10^{-6})}\right)$$
 *
 * A unit is what belongs to one output of a layer: a column of a matrix, a filter of a convolution; vectors and
 * scalars are one unit each. Needs the parameters. Throws `ShapeMismatch` for a leaf without
 * these axes, `InvalidArgument` for an unknown option.
 *
 * @category Building blocks
 * @see Brock et al., High-Performance Large-Scale Image Recognition Without Normalization, 2021; Optax,
 * `adaptive_grad_clip`
 * @example
 * ```ts
 * import { adaptiveGradClip } from 'gradpipe'
 *
 * // at most half of the parameter's norm, which is 5
 * const tx = adaptiveGradClip(0.5)
 * const p = Float64Array.of(3, 4)
 * assert.deepEqual([...tx.update(Float64Array.of(0, 100), tx.init(p), p)[0]], [0, 2.5])
 * ```
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs-core'
 * import { adaptiveGradClip } from 'gradpipe'
 * import 'gradpipe/tfjs'
 *
 * // column by column
 * const tx = adaptiveGradClip(0.5)
 * const p = tf.tensor2d([[2, 2], [0, 0]])
 * const g = tf.tensor2d([[0, 0.5], [10, 0]])
 * const [u] = tx.update(g, tx.init(p), p)
 * assert.deepEqual(u.arraySync(), [[0, 0.5], [1, 0]])
 * tf.dispose([p, g, u])
 * ```
 */
export const adaptiveGradClip = (
  clipping: number,
  given?: AdaptiveGradClipOptions,
): GradientTransformation<EmptyState> => {
  checkRanges('adaptiveGradClip', { clipping }, { clipping: notNegative })
  const { eps, axis } = hyperparameters('adaptiveGradClip', { eps: 1e-3, axis: undefined }, given, {
    axis: axes,
  })
  return fromRule({
    call: ['adaptiveGradClip', clipping, given],
    // a unit is a row
    axes: (leaf) => {
      const columns = unitOf(leaf, axis)
      return { rows: otherAxes(leaf.shape, columns), columns }
    },
    slots: {},
    scalars: { clipping, eps },
    step: ({ g, p }, { clipping, eps }) => {
      const [length, bound] = [norm(g, 'row'), norm(p, 'row').max(eps).mul(clipping)]
      return { update: lengthened(g, length.max(1e-6), bound, [length.lt(bound), 1]) }
    },
  })
}
