/** momoAdam: Adam whose step size comes from a model of the loss, built from all gradients. */

import { debias } from '../block/debias.js'
import type { LearningRate } from '../block/scaleByLearningRate.js'
import { SMALLEST_SQUARE } from '../block/scaleByPolyak.js'
import { hyperparameters, usual } from '../declare/hyperparameters.js'
import { sum } from '../declare/reduction.js'
import type { RuleExtraArgs } from '../declare/ruleSpec.js'
import { inNameOf } from '../options.js'
import { inRanges, oneOf } from '../range.js'
import type { Params } from '../rule/leaf.js'
import { slot, zeros } from '../rule/slot.js'
import { constant, mix, select } from '../rule/term.js'
import { valueAt } from '../schedule/valueAt.js'
import { fromRule } from '../transform/fromAnyRule.js'
import type { GradientTransformation } from '../transform/transformation.js'
import type { MomoState } from './momo.js'

/**
 * Options of {@link momoAdam}.
 *
 * @category Optimizers
 */
export interface MomoAdamOptions {
  /** Decay of the first moment, and of the averages of the loss, in [0, 1). Default 0.9. */
  readonly b1?: number
  /** Decay of the second moment, in [0, 1). Default 0.999. */
  readonly b2?: number
  /** Added to the root, so that it is not zero. Default 1e-8. */
  readonly eps?: number
  /** A lower bound of the loss. Default 0. */
  readonly lowerBound?: number
  /** Weight decay: the fraction of the parameters that each step subtracts, times the learning rate. Default 0. */
  readonly weightDecay?: number
  /** Whether to raise the bound as the losses tell. Default false. */
  readonly adaptLowerBound?: boolean
  /** With weight decay, `paper` divides after the step by 1 + ηλ, `optax` before it. Default `optax`. */
  readonly variant?: 'optax' | 'paper'
}

/**
 * State of {@link momoAdam}.
 *
 * @category Optimizers
 */
export interface MomoAdamState extends MomoState {
  /** Second moment, shaped like the parameters. */
  readonly expAvgSq: Params
}

/**
 * MoMo-Adam: AdamW with a step size that the loss decides, at most the learning rate.
 *
 * {@rule momoAdam()}
 *
 * It needs the loss: `update(grads, state, params, { value })`, a number or a scalar tensor; and the parameters.
 * Where the squared norm of Adam's direction is at most 2⁻⁵², there is no step.
 *
 * With weight decay, Optax divides the parameters by 1 + ηλ and then makes the step. The paper and the authors' code
 * make the step and then divide the result; so does `variant: 'paper'`. The paper's step ends where the model of the
 * loss reaches its bound; Optax's goes further: on p² from 4, with ηλ = ½ and no other limit, to 1.67 instead of 2.
 *
 * Throws `MissingArgument` without `value`.
 *
 * @category Optimizers
 * @see Schaipp et al., MoMo: Momentum Models for Adaptive Learning Rates, 2023, algorithm 2 and
 * equation 16; Optax, `contrib.momo_adam`
 * @example
 * ```ts
 * import { momoAdam, step } from 'gradpipe'
 *
 * // p², halved at the first step where the learning rate allows it
 * const tx = momoAdam(10)
 * const [p] = step(tx)(4, tx.init(4), 8, { value: 16 })
 * assert.ok(Math.abs(p - 2) < 1e-8)
 * ```
 * @example
 * ```ts
 * import { momoAdam, step } from 'gradpipe'
 *
 * const next = (variant: 'optax' | 'paper') => {
 *   const tx = momoAdam(10, { weightDecay: 0.05, variant })
 *   return step(tx)(4, tx.init(4), 8, { value: 16 })[0].toFixed(2)
 * }
 * assert.deepEqual([next('optax'), next('paper')], ['1.67', '2.00'])
 * ```
 */
export const momoAdam = (
  learningRate: LearningRate = 1e-2,
  given?: MomoAdamOptions,
): GradientTransformation<MomoAdamState, RuleExtraArgs<'value'>> => {
  const { learningRate: checked } = inRanges('momoAdam', { learningRate }, usual)
  const { b1, b2, eps, lowerBound, weightDecay, adaptLowerBound, variant } = hyperparameters(
    'momoAdam',
    {
      b1: 0.9,
      b2: 0.999,
      eps: 1e-8,
      lowerBound: 0,
      weightDecay: 0,
      adaptLowerBound: false,
      variant: 'optax',
    },
    given,
    { variant: oneOf('optax', 'paper') },
  )
  return inNameOf('momoAdam', [learningRate, given], () =>
    fromRule({
      slots: {
        expAvg: zeros,
        expAvgSq: zeros,
        barf: slot('tree', 0),
        gamma: slot('tree', 0),
        lb: slot('tree', lowerBound),
      },
      scalars: ({ count, t }) => ({
        learningRate: valueAt(checked, count),
        ...{ b1, b2, eps, lowerBound, weightDecay, t },
      }),
      extraArgs: ['value'],
      step: ({ g, p, value, ...old }, { learningRate, b1, b2, eps, lowerBound, weightDecay, t }) => {
        const grown = learningRate.mul(weightDecay).add(1)
        const filled = constant(1).sub(b1.pow(t))
        const expAvg = mix(b1, old.expAvg, g)
        const expAvgSq = mix(b2, old.expAvgSq, g.square())
        const barf = mix(b1, old.barf, value)
        const gamma = mix(b1, old.gamma, sum(g.mul(p), 'tree'))
        const direction = expAvg.div(debias(expAvgSq, b2, t).sqrt().add(eps))
        const square = sum(expAvg.mul(direction), 'tree')
        const product = sum(expAvg.mul(p), 'tree')
        const cap = grown.mul(barf.sub(gamma)).add(product)
        const bound = adaptLowerBound
          ? select(
              cap.lt(grown.mul(filled).mul(old.lb)),
              cap.div(filled.mul(2).mul(grown)).max(lowerBound),
              old.lb,
            )
          : old.lb
        const gap = grown
          .mul(barf.sub(filled.mul(bound)).sub(gamma))
          .add(product)
          .max(0)
        const tau = select(square.le(SMALLEST_SQUARE), 0, gap.div(square)).min(learningRate.div(filled))
        const lb = adaptLowerBound
          ? barf.add(product).sub(gamma).sub(constant(0.5).mul(tau).mul(square)).div(filled).max(lowerBound)
          : old.lb
        const decay = learningRate.mul(weightDecay).div(grown)
        const along = variant === 'paper' ? tau.div(grown) : tau
        return { update: decay.mul(p).add(along.mul(direction)).neg(), expAvg, expAvgSq, barf, gamma, lb }
      },
    }),
  )
}
