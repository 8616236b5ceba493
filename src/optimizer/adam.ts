/** adam and its family: adam, nadam, adamw, nadamw. */

import { type AddDecayedWeightsState, addDecayedWeights } from '../block/addDecayedWeights.js'
import type { CountState } from '../block/scale.js'
import { type ScaleByAdamOptions, type ScaleByAdamState, scaleByAdam } from '../block/scaleByAdam.js'
import { type LearningRate, scaleByLearningRate } from '../block/scaleByLearningRate.js'
import { hyperparameters } from '../declare/hyperparameters.js'
import { type Mask, masks } from '../declare/labelling.js'
import { inNameOf } from '../options.js'
import type { Schedule } from '../schedule/schedule.js'
import { chainOfRules } from '../transform/chainOfRules.js'
import type { EmptyState, GradientTransformation } from '../transform/transformation.js'

/**
 * State of {@link adam} and {@link nadam}.
 *
 * @category Optimizers
 */
export type AdamState = readonly [ScaleByAdamState, EmptyState | CountState]

/**
 * State of {@link adamw} and {@link nadamw}.
 *
 * @category Optimizers
 */
export type AdamwState = readonly [ScaleByAdamState, AddDecayedWeightsState, EmptyState | CountState]

/**
 * Options of {@link adamw} and {@link nadamw}.
 *
 * @category Optimizers
 */
export interface AdamwOptions extends ScaleByAdamOptions {
  /**
   * Weight decay: the fraction of the parameters that each step subtracts, times the learning rate; or a schedule.
   * Default 1e-4.
   */
  readonly weightDecay?: number | Schedule
  /** Which leaves decay. All by default. */
  readonly mask?: Mask
}

const adamDefaults = { b1: 0.9, b2: 0.999, eps: 1e-8, epsRoot: 0 } as const

/**
 * Adam: {@link scaleByAdam} and {@link scaleByLearningRate}.
 *
 * {@rule adam(0.1)}
 *
 * `eps` is added outside the root, after the bias correction, as in the paper and in Optax; Objax adds it inside.
 *
 * @category Optimizers
 * @see Kingma and Ba, Adam: A Method for Stochastic Optimization, 2015; Optax, `adam`
 * @example
 * ```ts
 * import { adam, step } from 'gradpipe'
 *
 * const tx = adam(0.1)
 * let [p, state] = [1, tx.init(1)]
 * for (let i = 0; i < 300; i++) [p, state] = step(tx)(p, state, 2 * p)
 * assert.ok(Math.abs(p) < 1e-3)
 * ```
 */
export const adam = (
  learningRate: LearningRate,
  given?: ScaleByAdamOptions,
): GradientTransformation<AdamState> =>
  inNameOf('adam', [learningRate, given], () =>
    chainOfRules(
      scaleByAdam(hyperparameters('adam', { ...adamDefaults, nesterov: false }, given)),
      scaleByLearningRate(learningRate),
    ),
  )

/**
 * NAdam: {@link adam} with Nesterov momentum.
 *
 * {@rule nadam(0.1)}
 *
 * PyTorch's NAdam also has a schedule for the momentum; without it, the numbers are the same.
 *
 * @category Optimizers
 * @see Dozat, Incorporating Nesterov Momentum into Adam, 2016; Optax, `nadam`
 * @example
 * ```ts
 * import { nadam } from 'gradpipe'
 *
 * const tx = nadam(0.1, { b1: 0, eps: 0 })
 * assert.ok(Math.abs(tx.update(-5, tx.init(0))[0] - 0.1) < 1e-12)
 * ```
 */
export const nadam = (
  learningRate: LearningRate,
  given?: ScaleByAdamOptions,
): GradientTransformation<AdamState> =>
  inNameOf('nadam', [learningRate, given], () =>
    adam(learningRate, hyperparameters('nadam', { ...adamDefaults, nesterov: true }, given)),
  )

const decayed = (
  name: string,
  nesterov: boolean,
  learningRate: LearningRate,
  given: AdamwOptions | undefined,
): GradientTransformation<AdamwState> => {
  const { weightDecay, mask, ...moments } = hyperparameters(
    name,
    { ...adamDefaults, nesterov, weightDecay: undefined, mask: undefined },
    given,
    { mask: masks },
  )
  return inNameOf(name, [learningRate, given], () =>
    chainOfRules(
      scaleByAdam(moments),
      addDecayedWeights(weightDecay ?? 1e-4, mask === undefined ? {} : { mask }),
      scaleByLearningRate(learningRate),
    ),
  )
}

/**
 * AdamW: Adam with decoupled weight decay.
 *
 * {@rule adamw(0.1)}
 *
 * The decay is multiplied by the learning rate, as in Optax and PyTorch. Needs the parameters.
 *
 * @category Optimizers
 * @see Loshchilov and Hutter, Decoupled Weight Decay Regularization, 2019; Optax, `adamw`
 * @example
 * ```ts
 * import { adamw } from 'gradpipe'
 *
 * // without a gradient, the parameter shrinks by the factor 1 - 0.1 · 0.01
 * const tx = adamw(0.1, { weightDecay: 0.01 })
 * assert.ok(Math.abs(tx.update(0, tx.init(5), 5)[0] + 0.005) < 1e-12)
 * ```
 */
export const adamw = (learningRate: LearningRate, given?: AdamwOptions): GradientTransformation<AdamwState> =>
  decayed('adamw', false, learningRate, given)

/**
 * NAdamW: {@link adamw} with Nesterov momentum.
 *
 * {@rule nadamw(0.1)}
 *
 * @category Optimizers
 * @see Loshchilov and Hutter, Decoupled Weight Decay Regularization, 2019; Optax, `nadamw`
 * @example
 * ```ts
 * import { nadamw } from 'gradpipe'
 *
 * const tx = nadamw(0.1, { weightDecay: 0.01 })
 * assert.ok(Math.abs(tx.update(0, tx.init(5), 5)[0] + 0.005) < 1e-12)
 * ```
 */
export const nadamw = (
  learningRate: LearningRate,
  given?: AdamwOptions,
): GradientTransformation<AdamwState> => decayed('nadamw', true, learningRate, given)
