/** rprop: steps by the gradient's sign, of a size per element that adapts. */

import { scale } from '../block/scale.js'
import { type ScaleByRpropOptions, type ScaleByRpropState, scaleByRprop } from '../block/scaleByRprop.js'
import { inNameOf } from '../options.js'
import { chain } from '../transform/chain.js'
import type { EmptyState, GradientTransformation } from '../transform/transformation.js'

/**
 * Rprop, for full batches: {@link scaleByRprop}, against the gradient.
 *
 * {@rule rprop(0.1)}
 *
 * `learningRate` is the initial step size of every element. It cannot be a schedule, since the rule adapts it. The
 * numbers are Optax's, which applies each step one update late; `variant: 'paper'` has PyTorch's.
 *
 * @category Optimizers
 * @see Riedmiller and Braun, A direct adaptive method for faster backpropagation learning, 1993; Optax, `rprop`
 * @example
 * ```ts
 * import { rprop, step } from 'gradpipe'
 *
 * // how many steps it takes until p² stays below 1e-6
 * const steps = (variant: 'optax' | 'paper') => {
 *   const tx = rprop(0.1, { variant })
 *   let [p, state] = [1, tx.init(1)]
 *   let last = 0
 *   for (let i = 1; i <= 100; i++) {
 *     ;[p, state] = step(tx)(p, state, 2 * p)
 *     if (Math.abs(p) >= 1e-3) last = i
 *   }
 *   return last + 1
 * }
 * assert.deepEqual([steps('optax'), steps('paper')], [57, 33])
 * ```
 */
export const rprop = (
  learningRate: number,
  given?: ScaleByRpropOptions,
): GradientTransformation<readonly [ScaleByRpropState, EmptyState]> =>
  inNameOf('rprop', [learningRate, given], () => chain(scaleByRprop(learningRate, given), scale(-1)))
