/** scaleByOptimisticGradient: the gradient, and how it has changed. */
import { hyperparameters } from '../declare/hyperparameters.js'
import { finite, orSchedule } from '../range.js'
import type { Params } from '../rule/leaf.js'
import { zeros } from '../rule/slot.js'
import { select } from '../rule/term.js'
import type { Schedule } from '../schedule/schedule.js'
import { valueAt } from '../schedule/valueAt.js'
import { fromRule } from '../transform/fromRule.js'
import type { GradientTransformation } from '../transform/transformation.js'

/**
 * Options of {@link scaleByOptimisticGradient}.
 *
 * @category Building blocks
 */
export interface ScaleByOptimisticGradientOptions {
  /** Factor of the gradient; or a schedule. Default 1. */
  readonly alpha?: number | Schedule
  /** Factor of the gradient's change since the last step; or a schedule. Default 1. */
  readonly beta?: number | Schedule
}

/**
 * State of {@link scaleByOptimisticGradient}.
 *
 * @category Building blocks
 */
export interface ScaleByOptimisticGradientState {
  /** Updates made. */
  readonly count: number
  /** The last gradient, shaped like the parameters. */
  readonly previousGradient: Params
}

/**
 * Adds the last change of the gradient to it, as a guess of the next gradient: for games and saddle points.
 *
 * {@rule scaleByOptimisticGradient()}
 *
 * The first gradient counts as unchanged.
 *
 * @category Building blocks
 * @see Mokhtari et al., A Unified Analysis of Extra-gradient and Optimistic Gradient Methods for Saddle Point
 * Problems, 2019; Optax, `scale_by_optimistic_gradient`
 * @example
 * ```ts
 * import { scaleByOptimisticGradient } from 'gradpipe'
 *
 * const tx = scaleByOptimisticGradient()
 * const [first, state] = tx.update(3, tx.init(0))
 * const [second] = tx.update(4, state)
 * assert.deepEqual([first, second], [3, 5])
 * ```
 */
export const scaleByOptimisticGradient = (
  given?: ScaleByOptimisticGradientOptions,
): GradientTransformation<ScaleByOptimisticGradientState> => {
  const { alpha = 1, beta = 1 } = hyperparameters(
    'scaleByOptimisticGradient',
    { alpha: undefined, beta: undefined },
    given,
    { alpha: orSchedule(finite), beta: orSchedule(finite) },
  )
  return fromRule({
    call: ['scaleByOptimisticGradient', given],
    slots: { previousGradient: zeros },
    scalars: ({ count, t }) => ({ alpha: valueAt(alpha, count), beta: valueAt(beta, count), t }),
    step: ({ g, previousGradient }, { alpha, beta, t }) => ({
      update: alpha
        .add(beta)
        .mul(g)
        .sub(beta.mul(select(t.eq(1), g, previousGradient))),
      previousGradient: g,
    }),
  })
}
