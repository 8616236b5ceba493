/** scaleByRprop: a step size per element that grows while the sign holds. */
import { options } from '../options.js'
import type { Params } from '../rule/leaf.js'
import { slot, zeros } from '../rule/slot.js'
import { select } from '../rule/term.js'
import { fromRule } from '../transform/fromRule.js'
import type { GradientTransformation } from '../transform/transformation.js'

/**
 * Options of {@link scaleByRprop}.
 *
 * @category Building blocks
 */
export interface ScaleByRpropOptions {
  /** Factor of the step size where the sign has changed, in (0, 1). Default 0.5. */
  readonly etaMinus?: number
  /** Factor of the step size where the sign has held, above 1. Default 1.2. */
  readonly etaPlus?: number
  /** The least step size. Default 1e-6. */
  readonly minStepSize?: number
  /** The greatest step size. Default 50. */
  readonly maxStepSize?: number
}

/**
 * State of {@link scaleByRprop}.
 *
 * @category Building blocks
 */
export interface ScaleByRpropState {
  /** A step size per element, shaped like the parameters. */
  readonly stepSizes: Params
  /** The updates that the next step gives out, zero where the sign has changed. */
  readonly prevUpdates: Params
}

/**
 * Scales updates by the Rprop rule: only their signs count.
 *
 * {@rule scaleByRprop(0.1)}
 *
 * `learningRate` is the first step size. As in Optax, an update is given out one step after the gradient that it
 * was made of: the first one is zero. The signs are compared, not the product of the updates taken: that
 * underflows in float32 from 1e-23 on, where Optax stops to adapt.
 *
 * @category Building blocks
 * @see Riedmiller and Braun, A direct adaptive method for faster backpropagation learning, 1993 (Rprop with
 * weight backtracking left out); Optax, `scale_by_rprop`
 * @example
 * ```ts
 * import { scaleByRprop } from 'gradpipe'
 *
 * const tx = scaleByRprop(0.1)
 * const updates = []
 * let state = tx.init(0)
 * for (const g of [1e-9, 1e9, 1]) {
 *   const [update, next] = tx.update(g, state)
 *   updates.push(update)
 *   state = next
 * }
 * assert.deepEqual(updates, [0, 0.1, 0.12])
 * ```
 */
export const scaleByRprop = (
  learningRate: number,
  given?: ScaleByRpropOptions,
): GradientTransformation<ScaleByRpropState> => {
  const scalars = options(
    'scaleByRprop',
    { etaMinus: 0.5, etaPlus: 1.2, minStepSize: 1e-6, maxStepSize: 50 },
    given,
  )
  return fromRule({
    slots: { stepSizes: slot('element', learningRate), prevUpdates: zeros },
    scalars,
    step: ({ g, ...old }, { etaMinus, etaPlus, minStepSize, maxStepSize }) => {
      const agreement = g.sign().mul(old.prevUpdates.sign())
      const factor = select(agreement.gt(0), etaPlus, etaMinus)
      const adapted = factor.mul(old.stepSizes).max(minStepSize).min(maxStepSize)
      const stepSizes = select(agreement.eq(0), old.stepSizes, adapted)
      const turned = agreement.lt(0)
      return {
        update: select(turned, 0, old.prevUpdates),
        stepSizes,
        prevUpdates: select(turned, 0, stepSizes.mul(g.sign())),
      }
    },
  })
}
