/** scaleByDistanceOverGradients: how far a leaf has come over the size of all its gradients. */
import { hyperparameters } from '../declare/hyperparameters.js'
import { norm, sum } from '../declare/reduction.js'
import { notNegative } from '../range.js'
import type { Params } from '../rule/leaf.js'
import { parameter, slot } from '../rule/slot.js'
import { fromRule } from '../transform/fromRule.js'
import type { GradientTransformation } from '../transform/transformation.js'

/**
 * Options of {@link scaleByDistanceOverGradients}.
 *
 * @category Building blocks
 */
export interface ScaleByDistanceOverGradientsOptions {
  /**
   * The initial distance, relative to one plus the norm of the parameter. Default 1e-6; use 1e-4 with batch
   * normalization.
   */
  readonly repsRel?: number
  /** Added to the sum of squares. Default 1e-8. */
  readonly eps?: number
  /** A factor of the update; −1 to descend. Default 1. */
  readonly globalScale?: number
}

/**
 * State of {@link scaleByDistanceOverGradients}.
 *
 * @category Building blocks
 */
export interface ScaleByDistanceOverGradientsState {
  /** The greatest distance from the first parameters so far, one number per leaf. */
  readonly maxDist: Params
  /** Sum of all squared gradients, one number per leaf. */
  readonly gradSumOfSquares: Params
  /** The first parameters. */
  readonly initParams: Params
}

/**
 * Multiplies each leaf's update by the greatest distance that the leaf has been from its start, over the root of the
 * sum of all its squared gradients: DoG, layer by layer (LDoG).
 *
 * {@rule scaleByDistanceOverGradients()}
 *
 * `dog` does the same for the whole tree. Pass `init` the parameters that training starts from. Needs the parameters.
 *
 * @category Building blocks
 * @see Ivgi, Hinder and Carmon, DoG is SGD's Best Friend: A Parameter-Free Dynamic Step Size Schedule, 2023; Optax,
 * `scale_by_distance_over_gradients`
 * @example
 * ```ts
 * import { scaleByDistanceOverGradients } from 'gradpipe'
 *
 * const tx = scaleByDistanceOverGradients({ repsRel: 0.1, eps: 0 })
 * // 0.1 · (1 + |4|) over |2|, times the gradient
 * assert.ok(Math.abs(tx.update(2, tx.init(4), 4)[0] - 0.5) < 1e-12)
 * ```
 */
export const scaleByDistanceOverGradients = (
  given?: ScaleByDistanceOverGradientsOptions,
): GradientTransformation<ScaleByDistanceOverGradientsState> => {
  const { repsRel, eps, globalScale } = hyperparameters(
    'scaleByDistanceOverGradients',
    { repsRel: 1e-6, eps: 1e-8, globalScale: 1 },
    given,
    { repsRel: notNegative },
  )
  return fromRule({
    call: ['scaleByDistanceOverGradients', given],
    slots: {
      maxDist: slot('leaf', norm(parameter, 'leaf').add(1).mul(repsRel)),
      gradSumOfSquares: slot('leaf', 0),
      initParams: slot('element', parameter),
    },
    scalars: { eps, globalScale },
    step: ({ g, p, initParams, ...old }, { eps, globalScale }) => {
      const maxDist = old.maxDist.max(norm(p.sub(initParams), 'leaf'))
      const gradSumOfSquares = old.gradSumOfSquares.add(sum(g.square(), 'leaf'))
      const eta = globalScale.mul(maxDist.div(gradSumOfSquares.add(eps).sqrt()))
      return { update: eta.mul(g), maxDist, gradSumOfSquares, initParams }
    },
  })
}
