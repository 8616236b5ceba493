/** momo: momentum whose step size comes from a model of the loss, built from all gradients. */

import type { LearningRate } from '../block/scaleByLearningRate.js'
import { SMALLEST_SQUARE } from '../block/scaleByPolyak.js'
import { hyperparameters, usual } from '../declare/hyperparameters.js'
import { sum } from '../declare/reduction.js'
import type { RuleExtraArgs } from '../declare/ruleSpec.js'
import { inNameOf } from '../options.js'
import type { TreeValue } from '../program/program.js'
import { inRanges, oneOf } from '../range.js'
import type { Params } from '../rule/leaf.js'
import { slot, zeros } from '../rule/slot.js'
import { constant, mix, select } from '../rule/term.js'
import { valueAt } from '../schedule/valueAt.js'
import { fromRule } from '../transform/fromAnyRule.js'
import type { GradientTransformation } from '../transform/transformation.js'

/**
 * Options of {@link momo}.
 *
 * @category Optimizers
 */
export interface MomoOptions {
  /** Decay of the averages, in [0, 1). Default 0.9. */
  readonly beta?: number
  /** A lower bound of the loss. Default 0. */
  readonly lowerBound?: number
  /** Weight decay: the fraction of the parameters that each step subtracts, times the learning rate. Default 0. */
  readonly weightDecay?: number
  /** Whether to raise the lower bound as the losses allow. Default false. */
  readonly adaptLowerBound?: boolean
  /** With weight decay, `paper` divides after the step by 1 + ηλ, `optax` before it. Default `optax`. */
  readonly variant?: 'optax' | 'paper'
}

/**
 * State of {@link momo}.
 *
 * @category Optimizers
 */
export interface MomoState {
  /** Updates made. */
  readonly count: number
  /** Average of the gradients, shaped like the parameters. */
  readonly expAvg: Params
  /** Average of the losses. */
  readonly barf: TreeValue
  /** Average of the products of gradient and parameter. */
  readonly gamma: TreeValue
  /** The lower bound of the loss. */
  readonly lb: TreeValue
}

/**
 * MoMo: momentum with a step size that the loss decides, at most the learning rate.
 *
 * {@rule momo()}
 *
 * It needs the loss: `update(grads, state, params, { value })`, a number or a scalar tensor; and the parameters.
 * Where the squared norm of the average is at most 2⁻⁵², there is no step.
 *
 * With weight decay, Optax divides the parameters by 1 + ηλ and then makes the step. The paper and the authors' code
 * make the step and then divide the result; so does `variant: 'paper'`. The paper's step ends where the model of the
 * loss reaches its bound; Optax's goes further: on p² from 4, with ηλ = ½ and no other limit, to 1.67 instead of 2.
 *
 * Throws `MissingArgument` without `value`.
 *
 * @category Optimizers
 * @see Schaipp et al., MoMo: Momentum Models for Adaptive Learning Rates, 2023, algorithm 1 and
 * equation 16; Optax, `contrib.momo`
 * @example
 * ```ts
 * import { momo, step } from 'gradpipe'
 *
 * // p², halved at the first step
 * const tx = momo()
 * const [p] = step(tx)(4, tx.init(4), 8, { value: 16 })
 * assert.equal(p, 2)
 * ```
 * @example
 * ```ts
 * import { momo, step } from 'gradpipe'
 *
 * const next = (variant: 'optax' | 'paper') => {
 *   const tx = momo(1, { weightDecay: 0.5, variant })
 *   return step(tx)(4, tx.init(4), 8, { value: 16 })[0].toFixed(2)
 * }
 * assert.deepEqual([next('optax'), next('paper')], ['1.67', '2.00'])
 * ```
 */
export const momo = (
  learningRate: LearningRate = 1,
  given?: MomoOptions,
): GradientTransformation<MomoState, RuleExtraArgs<'value'>> => {
  const { learningRate: checked } = inRanges('momo', { learningRate }, usual)
  const { beta, lowerBound, weightDecay, adaptLowerBound, variant } = hyperparameters(
    'momo',
    { beta: 0.9, lowerBound: 0, weightDecay: 0, adaptLowerBound: false, variant: 'optax' },
    given,
    { variant: oneOf('optax', 'paper') },
  )
  return inNameOf('momo', [learningRate, given], () =>
    fromRule({
      slots: { expAvg: zeros, barf: slot('tree', 0), gamma: slot('tree', 0), lb: slot('tree', lowerBound) },
      scalars: ({ count }) => ({
        learningRate: valueAt(checked, count),
        // nothing is averaged with the zeros that the slots start from
        beta: count === 0 ? 0 : beta,
        lowerBound,
        weightDecay,
      }),
      extraArgs: ['value'],
      step: ({ g, p, value, ...old }, { learningRate, beta, lowerBound, weightDecay }) => {
        const grown = learningRate.mul(weightDecay).add(1)
        const expAvg = mix(beta, old.expAvg, g)
        const barf = mix(beta, old.barf, value)
        const gamma = mix(beta, old.gamma, sum(g.mul(p), 'tree'))
        const square = sum(expAvg.square(), 'tree')
        const product = sum(expAvg.mul(p), 'tree')
        const cap = grown.mul(barf.sub(gamma)).add(product)
        const bound = adaptLowerBound
          ? select(cap.lt(grown.mul(old.lb)), cap.div(grown.mul(2)).max(lowerBound), old.lb)
          : old.lb
        const gap = grown.mul(barf.sub(bound).sub(gamma)).add(product).max(0)
        const tau = select(square.le(SMALLEST_SQUARE), 0, gap.div(square)).min(learningRate)
        const lb = adaptLowerBound
          ? barf.add(product).sub(gamma).sub(constant(0.5).mul(tau).mul(square)).max(lowerBound)
          : old.lb
        const decay = learningRate.mul(weightDecay).div(grown)
        const along = variant === 'paper' ? tau.div(grown) : tau
        return { update: decay.mul(p).add(along.mul(expAvg)).neg(), expAvg, barf, gamma, lb }
      },
    }),
  )
}
