/** clip, clipByGlobalNorm and clipByBlockRms: updates within bounds. */
import { norm, rms } from '../declare/reduction.js'
import { checkRanges, notNegative } from '../range.js'
import { lengthened } from '../rule/ratio.js'
import { fromRule } from '../transform/fromRule.js'
import type { EmptyState, GradientTransformation } from '../transform/transformation.js'

/**
 * Clips every element of the updates to $[-\delta, \delta]$.
 *
 * {@rule clip(1)}
 *
 * @category Building blocks
 * @see Optax, `clip`
 * @example
 * ```ts
 * import { clip } from 'gradpipe'
 *
 * const tx = clip(1)
 * assert.deepEqual(tx.update([3, -0.5], tx.init([0, 0]))[0], [1, -0.5])
 * ```
 */
export const clip = (maxDelta: number): GradientTransformation<EmptyState> => {
  checkRanges('clip', { maxDelta }, { maxDelta: notNegative })
  return fromRule({
    call: ['clip', maxDelta],
    slots: {},
    scalars: { maxDelta },
    step: ({ g }, { maxDelta }) => ({ update: g.max(maxDelta.neg()).min(maxDelta) }),
  })
}

/**
 * Scales all updates so that their norm over the whole tree is at most `maxNorm`.
 *
 * {@rule clipByGlobalNorm(1)}
 *
 * Updates within the bound pass unchanged, bit for bit. So do updates whose norm equals the bound: with a bound of
 * zero, zero updates stay zero, where Optax's formula gives NaN.
 *
 * @category Building blocks
 * @see Pascanu, Mikolov and Bengio, On the difficulty of training Recurrent Neural Networks, 2012; Optax,
 * `clip_by_global_norm`
 * @example
 * ```ts
 * import { clipByGlobalNorm } from 'gradpipe'
 *
 * const tx = clipByGlobalNorm(2.5)
 * assert.deepEqual(tx.update({ w: 3, b: 4 }, tx.init({ w: 0, b: 0 }))[0], { w: 1.5, b: 2 })
 * ```
 */
export const clipByGlobalNorm = (maxNorm: number): GradientTransformation<EmptyState> => {
  checkRanges('clipByGlobalNorm', { maxNorm }, { maxNorm: notNegative })
  return fromRule({
    call: ['clipByGlobalNorm', maxNorm],
    slots: {},
    scalars: { maxNorm },
    step: ({ g }, { maxNorm }) => {
      const total = norm(g, 'tree')
      // a factor for the whole tree: dividing every element would cost as much as the rest of an optimizer
      return { update: lengthened(g, total, maxNorm, [total.le(maxNorm), 1]) }
    },
  })
}

/**
 * Scales each leaf's update so that its root mean square is at most `threshold`.
 *
 * {@rule clipByBlockRms(1)}
 *
 * @category Building blocks
 * @see Shazeer and Stern, Adafactor: Adaptive Learning Rates with Sublinear Memory Cost, 2018, section 6; Optax,
 * `clip_by_block_rms`
 * @example
 * ```ts
 * import { clipByBlockRms } from 'gradpipe'
 *
 * const tx = clipByBlockRms(2.5)
 * const g = new Float64Array([1, 7])
 * assert.deepEqual([...tx.update(g, tx.init(g))[0]], [0.5, 3.5])
 * ```
 */
export const clipByBlockRms = (threshold: number): GradientTransformation<EmptyState> => {
  checkRanges('clipByBlockRms', { threshold }, { threshold: notNegative })
  return fromRule({
    call: ['clipByBlockRms', threshold],
    slots: {},
    scalars: { threshold },
    step: ({ g }, { threshold }) => ({
      update: lengthened(g, rms(g, 'leaf').div(threshold).max(1), 1),
    }),
  })
}
