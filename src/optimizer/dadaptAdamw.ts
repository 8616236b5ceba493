/** dadaptAdamw: AdamW that estimates its learning rate from how well gradients agree with their sum. */

import type { LearningRate } from '../block/scaleByLearningRate.js'
import { hyperparameters, usual } from '../declare/hyperparameters.js'
import { sum } from '../declare/reduction.js'
import { inNameOf } from '../options.js'
import type { TreeValue } from '../program/program.js'
import { decay, inRanges, listOf, positive } from '../range.js'
import type { Params } from '../rule/leaf.js'
import { slot, zeros } from '../rule/slot.js'
import { constant, mix, select } from '../rule/term.js'
import { valueAt } from '../schedule/valueAt.js'
import { fromRule } from '../transform/fromRule.js'
import type { GradientTransformation } from '../transform/transformation.js'
import type { Betas } from './betas.js'

/**
 * Options of {@link dadaptAdamw}.
 *
 * @category Optimizers
 */
export interface DadaptAdamwOptions {
  /** Decays of the first and the second moment, in [0, 1). Default [0.9, 0.999]. */
  readonly betas?: readonly [beta1: number, beta2: number]
  /** Added to the root, so that it is not zero. Default 1e-8. */
  readonly eps?: number
  /** First estimate of the learning rate: above 0, and rather too small. Default 1e-6. */
  readonly estimLr0?: number
  /** Share of the parameters that is taken off per step, times the step size. Default 0. */
  readonly weightDecay?: number
}

/**
 * State of {@link dadaptAdamw}.
 *
 * @category Optimizers
 */
export interface DadaptAdamwState {
  /** Updates made. */
  readonly count: number
  /** Average of the gradients, each times the step size of its time; shaped like the parameters. */
  readonly expAvg: Params
  /** Second moment, shaped like the parameters. */
  readonly expAvgSq: Params
  /** A slower average like the first, shaped like the parameters. */
  readonly gradSum: Params
  /** The estimate of the learning rate. */
  readonly estimLr: TreeValue
  /** Average of the gradients' products with the average before them. */
  readonly numeratorWeighted: TreeValue
}

/**
 * D-Adapted AdamW: AdamW without a learning rate.
 *
 * {@rule dadaptAdamw()}
 *
 * The learning rate that it takes is only a factor (default 1), for schedules. The step size has Adam's bias
 * correction, as in Optax. The paper has none, and the authors' code only on request (`use_bias_correction`); without
 * it, the first step is 3.16 times as long. While every gradient so far was zero, the estimate stays as it is; Optax
 * gets NaN. Needs the parameters.
 *
 * Throws `InvalidArgument` unless the betas are two numbers.
 *
 * @category Optimizers
 * @see Defazio and Mishchenko, Learning-Rate-Free Learning by D-Adaptation, 2023; Optax, `contrib.dadapt_adamw`
 * @example
 * ```ts
 * import { dadaptAdamw } from 'gradpipe'
 *
 * const tx = dadaptAdamw(1, { estimLr0: 0.01, betas: [0, 0], eps: 0 })
 * // with the first estimate, Adam's first step
 * assert.ok(Math.abs(tx.update(5, tx.init(1), 1)[0] + 0.01) < 1e-12)
 * ```
 */
export const dadaptAdamw = (
  learningRate: LearningRate = 1,
  given?: DadaptAdamwOptions,
): GradientTransformation<DadaptAdamwState> => {
  const { betas, eps, estimLr0, weightDecay } = hyperparameters(
    'dadaptAdamw',
    { betas: [0.9, 0.999] as const, eps: 1e-8, estimLr0: 1e-6, weightDecay: 0 },
    given,
    { betas: listOf(2, decay), estimLr0: positive },
  )
  const { learningRate: checked } = inRanges('dadaptAdamw', { learningRate }, usual)
  const [b1, b2]: Betas = betas
  return inNameOf('dadaptAdamw', [learningRate, given], () =>
    fromRule({
      slots: {
        expAvg: zeros,
        expAvgSq: zeros,
        gradSum: zeros,
        estimLr: slot('tree', estimLr0),
        numeratorWeighted: slot('tree', 0),
      },
      scalars: ({ count, t }) => ({
        learningRate: valueAt(checked, count),
        b1,
        b2,
        eps,
        weightDecay,
        t,
      }),
      step: ({ g, p, ...old }, { learningRate, b1, b2, eps, weightDecay, t }) => {
        const d = old.estimLr
        const slow = b2.sqrt()
        const correction = constant(1)
          .sub(b2.pow(t))
          .sqrt()
          .div(constant(1).sub(b1.pow(t)))
        const rate = d.mul(learningRate.mul(correction))
        const scaled = rate.mul(g)
        const expAvg = mix(b1, old.expAvg, scaled)
        const expAvgSq = mix(b2, old.expAvgSq, g.square())
        const gradSum = mix(slow, old.gradSum, scaled)
        const agreement = sum(g.mul(old.gradSum.div(old.expAvgSq.sqrt().add(eps))), 'tree')
        const numeratorWeighted = mix(slow, old.numeratorWeighted, rate.mul(agreement))
        const size = constant(1).sub(slow).mul(sum(gradSum.abs(), 'tree'))
        const estimLr = select(size.eq(0), d, d.max(numeratorWeighted.div(size)))
        const update = expAvg.div(expAvgSq.sqrt().add(eps)).add(weightDecay.mul(rate).mul(p)).neg()
        return { update, expAvg, expAvgSq, gradSum, estimLr, numeratorWeighted }
      },
    }),
  )
}
