/** scaleByRprop: a step size per element that grows while the sign holds. */
import { hyperparameters } from '../declare/hyperparameters.js'
import { aboveOne, checkRanges, fraction, notNegative, oneOf } from '../range.js'
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
  /** `paper` applies an update at once, `optax` one step later. Default `optax`. */
  readonly variant?: 'optax' | 'paper'
}

/**
 * State of {@link scaleByRprop}.
 *
 * @category Building blocks
 */
export interface ScaleByRpropState {
  /** A step size per element, shaped like the parameters. */
  readonly stepSizes: Params
  /** The updates that the next step applies; zero where the sign has changed. */
  readonly prevUpdates: Params
}

/**
 * Scales updates by the Rprop rule: only their signs count.
 *
 * {@rule scaleByRprop(0.1)}
 *
 * `learningRate` is the first step size. As in Optax, an update is applied one step after its gradient, and not at
 * all if the sign has changed since; the first update is zero. `variant: 'paper'` applies it at once, as the papers
 * and PyTorch do, and has PyTorch's numbers; like PyTorch, it also keeps the first step size within its bounds. On
 * the square of one number, from 1 on with a first step size of 0.1, that stays below 1e-3 from the 33rd step on, and
 * Optax from the 57th. The signs are compared, not the product of the updates taken: that underflows in float32 from
 * 1e-23 on, where Optax stops to adapt.
 *
 * @category Building blocks
 * @see Riedmiller and Braun, A direct adaptive method for faster backpropagation learning, 1993; Igel and
 * Hüsken, Improving the Rprop Learning Algorithm, 2000 (iRprop⁻, without weight backtracking); Optax, `scale_by_rprop`;
 * PyTorch, `Rprop`
 * @example
 * ```ts
 * import { scaleByRprop } from 'gradpipe'
 *
 * const updates = (variant: 'optax' | 'paper') => {
 *   const tx = scaleByRprop(1, { variant })
 *   let state = tx.init(0)
 *   return [1e-9, 1e9, 1, -1].map((g) => {
 *     const [update, next] = tx.update(g, state)
 *     state = next
 *     return update
 *   })
 * }
 * assert.deepEqual(updates('optax'), [0, 1, 1.2, 0])
 * assert.deepEqual(updates('paper'), [1, 1.2, 1.44, 0])
 * ```
 */
export const scaleByRprop = (
  learningRate: number,
  given?: ScaleByRpropOptions,
): GradientTransformation<ScaleByRpropState> => {
  checkRanges('scaleByRprop', { learningRate }, { learningRate: notNegative })
  const { variant, ...scalars } = hyperparameters(
    'scaleByRprop',
    { etaMinus: 0.5, etaPlus: 1.2, minStepSize: 1e-6, maxStepSize: 50, variant: 'optax' },
    given,
    {
      ...{ etaMinus: fraction, etaPlus: aboveOne, minStepSize: notNegative, maxStepSize: notNegative },
      variant: oneOf('optax', 'paper'),
    },
  )
  const atOnce = variant === 'paper'
  // PyTorch keeps the first step size within its bounds too
  const first = atOnce
    ? Math.min(Math.max(learningRate, scalars.minStepSize), scalars.maxStepSize)
    : learningRate
  return fromRule({
    call: ['scaleByRprop', learningRate, given],
    slots: { stepSizes: slot('element', first), prevUpdates: zeros },
    scalars,
    step: ({ g, ...old }, { etaMinus, etaPlus, minStepSize, maxStepSize }) => {
      const agreement = g.sign().mul(old.prevUpdates.sign())
      const factor = select(agreement.gt(0), etaPlus, etaMinus)
      const adapted = factor.mul(old.stepSizes).max(minStepSize).min(maxStepSize)
      const stepSizes = select(agreement.eq(0), old.stepSizes, adapted)
      const turned = agreement.lt(0)
      const prevUpdates = select(turned, 0, stepSizes.mul(g.sign()))
      return {
        update: atOnce ? prevUpdates : select(turned, 0, old.prevUpdates),
        stepSizes,
        prevUpdates,
      }
    },
  })
}
