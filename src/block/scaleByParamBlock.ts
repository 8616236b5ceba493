/** scaleByParamBlockNorm and scaleByParamBlockRms: updates as large as the parameters, leaf by leaf. */
import { hyperparameters } from '../declare/hyperparameters.js'
import { norm, rms } from '../declare/reduction.js'
import { notNegative } from '../range.js'
import { fromRule } from '../transform/fromRule.js'
import type { EmptyState, GradientTransformation } from '../transform/transformation.js'

/**
 * Options of {@link scaleByParamBlockNorm} and {@link scaleByParamBlockRms}.
 *
 * @category Building blocks
 */
export interface ScaleByParamBlockOptions {
  /** The least factor, so that what is zero can move. Default 1e-3. */
  readonly minScale?: number
}

/**
 * Multiplies updates by the norm of their leaf's parameter.
 *
 * {@rule scaleByParamBlockNorm()}
 *
 * Needs the parameters.
 *
 * @category Building blocks
 * @see Optax, `scale_by_param_block_norm`
 * @example
 * ```ts
 * import { scaleByParamBlockNorm } from 'gradpipe'
 *
 * const tx = scaleByParamBlockNorm()
 * const p = Float64Array.of(3, 4)
 * assert.deepEqual([...tx.update(Float64Array.of(1, 2), tx.init(p), p)[0]], [5, 10])
 * ```
 */
export const scaleByParamBlockNorm = (given?: ScaleByParamBlockOptions): GradientTransformation<EmptyState> =>
  fromRule({
    call: ['scaleByParamBlockNorm', given],
    slots: {},
    scalars: hyperparameters('scaleByParamBlockNorm', { minScale: 1e-3 }, given, { minScale: notNegative }),
    step: ({ g, p }, { minScale }) => ({ update: g.mul(norm(p, 'leaf').max(minScale)) }),
  })

/**
 * Multiplies updates by the root of their leaf's mean squared parameter, whatever the leaf's size.
 *
 * {@rule scaleByParamBlockRms()}
 *
 * Needs the parameters.
 *
 * @category Building blocks
 * @see Shazeer and Stern, Adafactor: Adaptive Learning Rates with Sublinear Memory Cost, 2018, section 8; Optax,
 * `scale_by_param_block_rms`
 * @example
 * ```ts
 * import { scaleByParamBlockRms } from 'gradpipe'
 *
 * const tx = scaleByParamBlockRms()
 * const p = Float64Array.of(2, -2)
 * assert.deepEqual([...tx.update(Float64Array.of(1, 3), tx.init(p), p)[0]], [2, 6])
 * ```
 */
export const scaleByParamBlockRms = (given?: ScaleByParamBlockOptions): GradientTransformation<EmptyState> =>
  fromRule({
    call: ['scaleByParamBlockRms', given],
    slots: {},
    scalars: hyperparameters('scaleByParamBlockRms', { minScale: 1e-3 }, given, { minScale: notNegative }),
    step: ({ g, p }, { minScale }) => ({ update: g.mul(rms(p, 'leaf').max(minScale)) }),
  })
