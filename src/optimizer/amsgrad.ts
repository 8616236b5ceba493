/** amsgrad: Adam whose second moment never shrinks. */

import type { CountState } from '../block/scale.js'
import {
  type ScaleByAmsgradOptions,
  type ScaleByAmsgradState,
  scaleByAmsgrad,
} from '../block/scaleByAmsgrad.js'
import { type LearningRate, scaleByLearningRate } from '../block/scaleByLearningRate.js'
import { inNameOf } from '../options.js'
import { chainOfRules } from '../transform/chainOfRules.js'
import type { EmptyState, GradientTransformation } from '../transform/transformation.js'

/**
 * AMSGrad: {@link scaleByAmsgrad} and {@link scaleByLearningRate}.
 *
 * {@rule amsgrad(0.1)}
 *
 * The numbers are Optax's; `variant: 'paper'` has PyTorch's, which differ where an early gradient was large
 * ({@link scaleByAmsgrad} says by how much).
 *
 * @category Optimizers
 * @see Reddi, Kale and Kumar, On the Convergence of Adam and Beyond, 2018; Optax, `amsgrad`
 * @example
 * ```ts
 * import { amsgrad, step } from 'gradpipe'
 *
 * const tx = amsgrad(0.1)
 * let [p, state] = [1, tx.init(1)]
 * for (let i = 0; i < 300; i++) [p, state] = step(tx)(p, state, 2 * p)
 * assert.ok(Math.abs(p) < 1e-3)
 * ```
 */
export const amsgrad = (
  learningRate: LearningRate,
  given?: ScaleByAmsgradOptions,
): GradientTransformation<readonly [ScaleByAmsgradState, EmptyState | CountState]> =>
  inNameOf('amsgrad', [learningRate, given], () =>
    chainOfRules(scaleByAmsgrad(given), scaleByLearningRate(learningRate)),
  )
