/** scaleByLearningRate: the last member of most optimizers, which makes a descent of a direction. */
import { hyperparameters, usual } from '../declare/hyperparameters.js'
import { inNameOf } from '../options.js'
import { inRanges } from '../range.js'
import type { Schedule } from '../schedule/schedule.js'
import { fromRule } from '../transform/fromRule.js'
import type { EmptyState, GradientTransformation } from '../transform/transformation.js'
import type { CountState } from './scale.js'

/**
 * A learning rate: a number, or a schedule of the count.
 *
 * @category Optimizers
 */
export type LearningRate = number | Schedule

/**
 * Options of {@link scaleByLearningRate}.
 *
 * @category Building blocks
 */
export interface ScaleByLearningRateOptions {
  /** Whether to go against the update, to minimize. Default true. */
  readonly flipSign?: boolean
}

/**
 * Multiplies updates by the learning rate, with the sign flipped.
 *
 * {@rule scaleByLearningRate(0.1)}
 *
 * @category Building blocks
 * @see Optax, `scale_by_learning_rate`
 * @example
 * ```ts
 * import { scaleByLearningRate } from 'gradpipe'
 *
 * const tx = scaleByLearningRate(0.1)
 * assert.equal(tx.update(5, tx.init(0))[0], -0.5)
 * ```
 */
export const scaleByLearningRate = (
  learningRate: LearningRate,
  given?: ScaleByLearningRateOptions,
): GradientTransformation<EmptyState | CountState> => {
  const { learningRate: checked } = inRanges('scaleByLearningRate', { learningRate }, usual)
  const { flipSign } = hyperparameters('scaleByLearningRate', { flipSign: true }, given)
  return inNameOf('scaleByLearningRate', [learningRate, given], () =>
    fromRule({
      slots: {},
      scalars:
        typeof checked === 'function'
          ? ({ count }) => ({ learningRate: checked(count) })
          : { learningRate: checked },
      step: ({ g }, { learningRate }) => ({ update: (flipSign ? learningRate.neg() : learningRate).mul(g) }),
    }),
  )
}
