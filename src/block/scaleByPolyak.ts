/** scaleByPolyak: the step that would bring a linear loss to its minimum. */
import { hyperparameters } from '../declare/hyperparameters.js'
import { sum } from '../declare/reduction.js'
import type { RuleExtraArgs } from '../declare/ruleSpec.js'
import { notNegative, oneOf } from '../range.js'
import { select } from '../rule/term.js'
import { fromRule } from '../transform/fromAnyRule.js'
import type { EmptyState, GradientTransformation } from '../transform/transformation.js'

/**
 * Options of {@link scaleByPolyak}.
 *
 * @category Building blocks
 */
export interface ScaleByPolyakOptions {
  /** A lower bound of the loss. Default 0. */
  readonly fMin?: number
  /** The greatest factor. Default 1. */
  readonly maxLearningRate?: number
  /** Added to the squared norm. Default 0. */
  readonly eps?: number
  /** `sps+` treats a loss below its bound as the bound; `sps` steps back up. Default `sps`. */
  readonly variant?: 'sps' | 'sps+'
}

/** A squared norm up to this one makes no step, as in Optax: the distance from 1 to the next float64. */
export const SMALLEST_SQUARE: number = 2 ** -52

/**
 * Multiplies updates by Polyak's step size, which needs the loss: `update(grads, state, params, { value })`.
 *
 * {@rule scaleByPolyak()}
 *
 * Where the updates' squared norm is at most 2⁻⁵² there is no step.
 *
 * Throws `InvalidArgument` for an unknown variant, and `MissingArgument` without `value`.
 *
 * @category Building blocks
 * @see Loizou et al., Stochastic Polyak Step-size for SGD: An Adaptive Learning Rate for Fast Convergence, 2021;
 * Garrigos, Gower and Schaipp, Function Value Learning: Adaptive Learning Rates Based on the Polyak Stepsize and
 * Function Splitting in ERM, 2023; Optax, `scale_by_polyak`
 * @example
 * ```ts
 * import { scaleByPolyak } from 'gradpipe'
 *
 * // of p² at 3 the gradient is 6: a step of 9/36 along it
 * const tx = scaleByPolyak()
 * assert.equal(tx.update(6, tx.init(3), 3, { value: 9 })[0], 1.5)
 * ```
 */
export const scaleByPolyak = (
  given?: ScaleByPolyakOptions,
): GradientTransformation<EmptyState, RuleExtraArgs<'value'>> => {
  const { fMin, maxLearningRate, eps, variant } = hyperparameters(
    'scaleByPolyak',
    { fMin: 0, maxLearningRate: 1, eps: 0, variant: 'sps' },
    given,
    { maxLearningRate: notNegative, variant: oneOf('sps', 'sps+') },
  )
  return fromRule({
    call: ['scaleByPolyak', given],
    slots: {},
    scalars: { fMin, maxLearningRate, eps },
    extraArgs: ['value'],
    step: ({ g, value }, { fMin, maxLearningRate, eps }) => {
      const square = sum(g.square(), 'tree').add(eps)
      const above = value.sub(fMin)
      const gap = variant === 'sps+' ? above.max(0) : above
      const step = select(square.le(SMALLEST_SQUARE), 0, gap.div(square).min(maxLearningRate))
      return { update: step.mul(g) }
    },
  })
}
