/** adopt: Adam whose divisor does not see the gradient that it divides. */

import type { CountState } from '../block/scale.js'
import type { ScaleByAdamState } from '../block/scaleByAdam.js'
import { fourthRoot, type ScaleByAdoptOptions, scaleByAdopt } from '../block/scaleByAdopt.js'
import { type LearningRate, scaleByLearningRate } from '../block/scaleByLearningRate.js'
import { hyperparameters } from '../declare/hyperparameters.js'
import { inNameOf } from '../options.js'
import { chainOfRules } from '../transform/chainOfRules.js'
import type { EmptyState, GradientTransformation } from '../transform/transformation.js'

/**
 * ADOPT: {@link scaleByAdopt} and {@link scaleByLearningRate}.
 *
 * {@rule adopt(0.1)}
 *
 * @category Optimizers
 * @see Taniguchi et al., ADOPT: Modified Adam Can Converge with Any β2 with the Optimal Rate, 2024; Optax,
 * `contrib.adopt`
 * @example
 * ```ts
 * import { adopt } from 'gradpipe'
 *
 * const tx = adopt(0.1, { b1: 0 })
 * const [first, state] = tx.update(4, tx.init(0))
 * assert.equal(Math.abs(first), 0)
 * assert.equal(tx.update(2, state)[0], -0.05)
 * ```
 */
export const adopt = (
  learningRate: LearningRate,
  given?: ScaleByAdoptOptions,
): GradientTransformation<readonly [ScaleByAdamState, EmptyState | CountState]> =>
  inNameOf('adopt', [learningRate, given], () =>
    chainOfRules(
      scaleByAdopt(
        hyperparameters(
          'adopt',
          { b1: 0.9, b2: 0.9999, eps: 1e-6, nesterov: false, useClipping: true, clipValueFn: fourthRoot },
          given,
        ),
      ),
      scaleByLearningRate(learningRate),
    ),
  )
