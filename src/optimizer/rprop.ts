/** rprop: steps by the gradient's sign, of a size per element that adapts. */

import { scale } from '../block/scale.js'
import { type ScaleByRpropOptions, type ScaleByRpropState, scaleByRprop } from '../block/scaleByRprop.js'
import { chain } from '../transform/chain.js'
import type { EmptyState, GradientTransformation } from '../transform/transformation.js'

/**
 * Rprop, for full batches: {@link scaleByRprop}, against the gradient.
 *
 * {@rule rprop(0.1)}
 *
 * `learningRate` is the first step size of every element; it is no schedule, since the rule adapts it.
 *
 * @category Optimizers
 * @see Riedmiller and Braun, A direct adaptive method for faster backpropagation learning, 1993; Optax, `rprop`
 * @example
 * ```ts
 * import { rprop, step } from 'gradpipe'
 *
 * const tx = rprop(0.1)
 * let [p, state] = [1, tx.init(1)]
 * for (let i = 0; i < 60; i++) [p, state] = step(tx)(p, state, 2 * p)
 * assert.ok(Math.abs(p) < 1e-3)
 * ```
 */
export const rprop = (
  learningRate: number,
  given?: ScaleByRpropOptions,
): GradientTransformation<readonly [ScaleByRpropState, EmptyState]> =>
  chain(scaleByRprop(learningRate, given), scale(-1))
