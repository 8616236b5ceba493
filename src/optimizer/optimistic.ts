/** optimisticGradientDescent, optimisticAdam and optimisticAdamV2: steps that guess the next gradient. */

import type { CountState } from '../block/scale.js'
import { type ScaleByAdamOptions, type ScaleByAdamState, scaleByAdam } from '../block/scaleByAdam.js'
import { type LearningRate, scaleByLearningRate } from '../block/scaleByLearningRate.js'
import {
  type ScaleByOptimisticGradientOptions,
  type ScaleByOptimisticGradientState,
  scaleByOptimisticGradient,
} from '../block/scaleByOptimisticGradient.js'
import { hyperparameters } from '../declare/hyperparameters.js'
import { inNameOf } from '../options.js'
import { checkRanges, finite, orSchedule, real } from '../range.js'
import { chainOfRules } from '../transform/chainOfRules.js'
import type { EmptyState, GradientTransformation } from '../transform/transformation.js'

/**
 * Options of {@link optimisticAdam}; `nesterov` is true by default here.
 *
 * @category Optimizers
 */
export interface OptimisticAdamOptions extends ScaleByAdamOptions {
  /** Factor of the direction's change since the last step. The learning rate by default. */
  readonly optimism?: number
}

/**
 * Options of {@link optimisticAdamV2}; `nesterov` is true by default here.
 *
 * @category Optimizers
 */
export interface OptimisticAdamV2Options extends ScaleByAdamOptions, ScaleByOptimisticGradientOptions {}

/**
 * State of {@link optimisticAdam} and {@link optimisticAdamV2}.
 *
 * @category Optimizers
 */
export type OptimisticAdamState = readonly [
  ScaleByAdamState,
  ScaleByOptimisticGradientState,
  EmptyState | CountState,
]

const adamDefaults = { b1: 0.9, b2: 0.999, eps: 1e-8, epsRoot: 0, nesterov: true } as const

/**
 * Optimistic gradient descent: {@link scaleByOptimisticGradient} and {@link scaleByLearningRate}.
 *
 * {@rule optimisticGradientDescent(0.1)}
 *
 * For games, where plain descent goes round in circles.
 *
 * @category Optimizers
 * @see Mokhtari et al., A Unified Analysis of Extra-gradient and Optimistic Gradient Methods for Saddle Point
 * Problems, 2019; Optax, `optimistic_gradient_descent`
 * @example
 * ```ts
 * import { optimisticGradientDescent, step } from 'gradpipe'
 *
 * // x descends and y ascends on x · y: plain descent would leave the saddle
 * const tx = optimisticGradientDescent(0.3)
 * let p = { x: 1, y: 1 }
 * let state = tx.init(p)
 * for (let i = 0; i < 200; i++) [p, state] = step(tx)(p, state, { x: p.y, y: -p.x })
 * assert.ok(Math.hypot(p.x, p.y) < 1e-3)
 * ```
 */
export const optimisticGradientDescent = (
  learningRate: LearningRate,
  given?: ScaleByOptimisticGradientOptions,
): GradientTransformation<readonly [ScaleByOptimisticGradientState, EmptyState | CountState]> =>
  inNameOf('optimisticGradientDescent', [learningRate, given], () =>
    chainOfRules(scaleByOptimisticGradient(given), scaleByLearningRate(learningRate)),
  )

/**
 * Optimistic Adam, with the learning rate and the optimism as two factors.
 *
 * {@rule optimisticAdam(0.1)}
 *
 * Optax recommends {@link optimisticAdamV2}, which takes schedules too; with `beta` = optimism / learningRate it
 * gives the same numbers.
 *
 * Throws `InvalidArgument` for a learning rate that is a schedule.
 *
 * @category Optimizers
 * @see Daskalakis et al., Training GANs with Optimism, 2018; Optax, `optimistic_adam`
 * @example
 * ```ts
 * import { optimisticAdam } from 'gradpipe'
 *
 * const tx = optimisticAdam(0.5, { b1: 0, eps: 0 })
 * assert.ok(Math.abs(tx.update(3, tx.init(0))[0] + 0.5) < 1e-12)
 * ```
 */
export const optimisticAdam = (
  learningRate: number,
  given?: OptimisticAdamOptions,
): GradientTransformation<OptimisticAdamState> => {
  checkRanges('optimisticAdam', { learningRate }, { learningRate: finite })
  const { optimism, ...moments } = hyperparameters(
    'optimisticAdam',
    { ...adamDefaults, optimism: undefined },
    given,
    { optimism: real },
  )
  return inNameOf('optimisticAdam', [learningRate, given], () =>
    chainOfRules(
      scaleByAdam(moments),
      scaleByOptimisticGradient({ alpha: learningRate, beta: optimism ?? learningRate }),
      scaleByLearningRate(1),
    ),
  )
}

/**
 * Optimistic Adam: {@link scaleByAdam}, {@link scaleByOptimisticGradient}, {@link scaleByLearningRate}.
 *
 * {@rule optimisticAdamV2(0.1)}
 *
 * @category Optimizers
 * @see Daskalakis et al., Training GANs with Optimism, 2018; Optax, `optimistic_adam_v2`
 * @example
 * ```ts
 * import { optimisticAdamV2 } from 'gradpipe'
 *
 * const tx = optimisticAdamV2(0.5, { b1: 0, eps: 0 })
 * assert.ok(Math.abs(tx.update(3, tx.init(0))[0] + 0.5) < 1e-12)
 * ```
 */
export const optimisticAdamV2 = (
  learningRate: LearningRate,
  given?: OptimisticAdamV2Options,
): GradientTransformation<OptimisticAdamState> => {
  const { alpha, beta, ...moments } = hyperparameters(
    'optimisticAdamV2',
    { ...adamDefaults, alpha: undefined, beta: undefined },
    given,
    { alpha: orSchedule(finite), beta: orSchedule(finite) },
  )
  return inNameOf('optimisticAdamV2', [learningRate, given], () =>
    chainOfRules(
      scaleByAdam(moments),
      scaleByOptimisticGradient({ alpha: alpha ?? 1, beta: beta ?? 1 }),
      scaleByLearningRate(learningRate),
    ),
  )
}
