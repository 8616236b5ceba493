/** scaleByTrustRatio: updates as long as the parameters, leaf by leaf. */
import { hyperparameters } from '../declare/hyperparameters.js'
import { norm } from '../declare/reduction.js'
import { lengthened } from '../rule/ratio.js'
import { fromRule } from '../transform/fromRule.js'
import type { EmptyState, GradientTransformation } from '../transform/transformation.js'

/**
 * Options of {@link scaleByTrustRatio}.
 *
 * @category Building blocks
 */
export interface ScaleByTrustRatioOptions {
  /** A lower bound for both norms. Default 0. */
  readonly minNorm?: number
  /** The ratio of the norms after scaling. Default 1. */
  readonly trustCoefficient?: number
  /** Added to the norm of the update. Default 0. */
  readonly eps?: number
}

/**
 * Scales each leaf's update to the norm of its parameter; leaves it alone where either norm is zero.
 *
 * {@rule scaleByTrustRatio()}
 *
 * Needs the parameters.
 *
 * @category Building blocks
 * @see You, Gitman and Ginsburg, Large Batch Training of Convolutional Networks, 2017; Optax,
 * `scale_by_trust_ratio`
 * @example
 * ```ts
 * import { scaleByTrustRatio } from 'gradpipe'
 *
 * const tx = scaleByTrustRatio()
 * const p = new Float64Array([30, 40])
 * assert.deepEqual([...tx.update(new Float64Array([0, 2]), tx.init(p), p)[0]], [0, 50])
 * ```
 */
export const scaleByTrustRatio = (given?: ScaleByTrustRatioOptions): GradientTransformation<EmptyState> => {
  const scalars = hyperparameters('scaleByTrustRatio', { minNorm: 0, trustCoefficient: 1, eps: 0 }, given)
  return fromRule({
    call: ['scaleByTrustRatio', given],
    slots: {},
    scalars,
    step: ({ g, p }, { minNorm, trustCoefficient, eps }) => {
      const paramNorm = norm(p, 'leaf').max(minNorm)
      const updateNorm = norm(g, 'leaf').max(minNorm)
      const [from, to] = [updateNorm.add(eps), trustCoefficient.mul(paramNorm)]
      return { update: lengthened(g, from, to, [paramNorm.eq(0), 1], [updateNorm.eq(0), 1]) }
    },
  })
}
