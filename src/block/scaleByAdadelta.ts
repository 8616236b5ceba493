/** scaleByAdadelta: updates over the root of their mean square, times that of the steps made so far. */
import { hyperparameters } from '../declare/hyperparameters.js'
import type { Params } from '../rule/leaf.js'
import { zeros } from '../rule/slot.js'
import { mix } from '../rule/term.js'
import { fromRule } from '../transform/fromRule.js'
import type { GradientTransformation } from '../transform/transformation.js'

/**
 * Options of {@link scaleByAdadelta}.
 *
 * @category Building blocks
 */
export interface ScaleByAdadeltaOptions {
  /** Decay of both means, in [0, 1). Default 0.9. */
  readonly rho?: number
  /** Added under both roots; with 0, nothing ever moves. Default 1e-6. */
  readonly eps?: number
}

/**
 * State of {@link scaleByAdadelta}.
 *
 * @category Building blocks
 */
export interface ScaleByAdadeltaState {
  /** Mean of the squared gradients, shaped like the parameters. */
  readonly eG: Params
  /** Mean of the squared steps, shaped like the parameters. */
  readonly eX: Params
}

/**
 * Scales updates by the Adadelta rule, so that a step has the unit of the parameters.
 *
 * {@rule scaleByAdadelta()}
 *
 * @category Building blocks
 * @see Zeiler, ADADELTA: An Adaptive Learning Rate Method, 2012, algorithm 1; Optax, `scale_by_adadelta`
 * @example
 * ```ts
 * import { scaleByAdadelta } from 'gradpipe'
 *
 * // the mean square is 3, the steps so far are 0: the factor is √1/√4
 * const tx = scaleByAdadelta({ rho: 0.25, eps: 1 })
 * assert.equal(tx.update(2, tx.init(0))[0], 1)
 * ```
 */
export const scaleByAdadelta = (
  given?: ScaleByAdadeltaOptions,
): GradientTransformation<ScaleByAdadeltaState> =>
  fromRule({
    call: ['scaleByAdadelta', given],
    slots: { eG: zeros, eX: zeros },
    scalars: hyperparameters('scaleByAdadelta', { rho: 0.9, eps: 1e-6 }, given),
    step: ({ g, ...old }, { rho, eps }) => {
      const eG = mix(rho, old.eG, g.square())
      const update = old.eX.add(eps).sqrt().div(eG.add(eps).sqrt()).mul(g)
      return { update, eG, eX: mix(rho, old.eX, update.square()) }
    },
  })
