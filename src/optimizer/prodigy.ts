/** prodigy: AdamW that estimates its learning rate from how well the gradients point away from the start. */

import type { LearningRate } from '../block/scaleByLearningRate.js'
import { hyperparameters, usual } from '../declare/hyperparameters.js'
import { sum } from '../declare/reduction.js'
import { inNameOf } from '../options.js'
import type { TreeValue } from '../program/program.js'
import { decay, inRanges, listOf, positive } from '../range.js'
import type { Params } from '../rule/leaf.js'
import { parameter, slot, zeros } from '../rule/slot.js'
import { constant, mix, select } from '../rule/term.js'
import { valueAt } from '../schedule/valueAt.js'
import { fromRule } from '../transform/fromRule.js'
import type { GradientTransformation } from '../transform/transformation.js'
import type { Betas } from './betas.js'

/**
 * Options of {@link prodigy}.
 *
 * @category Optimizers
 */
export interface ProdigyOptions {
  /** Decays of the first and the second moment, in [0, 1). Default [0.9, 0.999]. */
  readonly betas?: readonly [beta1: number, beta2: number]
  /** Decay of the sums that the estimate is made of, in [0, 1). By default the root of the second moment's decay. */
  readonly beta3?: number
  /** Added to the root, times the estimate. Default 1e-8. */
  readonly eps?: number
  /** First estimate of the learning rate, above 0 and best too small. Default 1e-6. */
  readonly estimLr0?: number
  /** A factor of all estimates. Default 1. */
  readonly estimLrCoef?: number
  /** Weight decay: the fraction of the parameters that each step subtracts, times the step size. Default 0. */
  readonly weightDecay?: number
  /** Whether the estimate leaves out the learning rate in its divisor, for schedules that warm up. Default false. */
  readonly safeguardWarmup?: boolean
}

/**
 * State of {@link prodigy}.
 *
 * @category Optimizers
 */
export interface ProdigyState {
  /** Updates made. */
  readonly count: number
  /** First moment, shaped like the parameters. */
  readonly expAvg: Params
  /** Second moment, shaped like the parameters. */
  readonly expAvgSq: Params
  /** Decaying sum of the gradients, shaped like the parameters. */
  readonly gradSum: Params
  /** The first parameters. */
  readonly params0: Params
  /** The estimate of the learning rate. */
  readonly estimLr: TreeValue
  /** Decaying sum of the gradients' products with the way that was gone. */
  readonly numeratorWeighted: TreeValue
}

/**
 * Prodigy: AdamW without a learning rate.
 *
 * {@rule prodigy()}
 *
 * The learning rate that it takes is only a factor (default 1), for schedules. The step size has Adam's bias
 * correction, as in Optax. The paper has none, and the authors' code only on request (`use_bias_correction`); without
 * it, the first step is 3.16 times as long. While every gradient so far was zero, the estimate stays as it is; Optax
 * gets NaN. Pass `init` the parameters that training starts from. Needs the parameters.
 *
 * Throws `InvalidArgument` unless the betas are two numbers.
 *
 * @category Optimizers
 * @see Mishchenko and Defazio, Prodigy: An Expeditiously Adaptive Parameter-Free Learner, 2023; Optax,
 * `contrib.prodigy`
 * @example
 * ```ts
 * import { prodigy, step } from 'gradpipe'
 *
 * const tx = prodigy()
 * let [p, state] = [1, tx.init(1)]
 * for (let i = 0; i < 300; i++) [p, state] = step(tx)(p, state, 2 * p)
 * assert.ok(Math.abs(p) < 0.1)
 * ```
 */
export const prodigy = (
  learningRate: LearningRate = 1,
  given?: ProdigyOptions,
): GradientTransformation<ProdigyState> => {
  const { betas, beta3, eps, estimLr0, estimLrCoef, weightDecay, safeguardWarmup } = hyperparameters(
    'prodigy',
    {
      betas: [0.9, 0.999] as const,
      beta3: undefined,
      eps: 1e-8,
      estimLr0: 1e-6,
      estimLrCoef: 1,
      weightDecay: 0,
      safeguardWarmup: false,
    },
    given,
    { betas: listOf(2, decay), beta3: decay, estimLr0: positive },
  )
  const { learningRate: checked } = inRanges('prodigy', { learningRate }, usual)
  const [b1, b2]: Betas = betas
  const b3 = beta3 ?? Math.sqrt(b2)
  return inNameOf('prodigy', [learningRate, given], () =>
    fromRule({
      slots: {
        expAvg: zeros,
        expAvgSq: zeros,
        gradSum: zeros,
        params0: slot('element', parameter),
        estimLr: slot('tree', estimLr0),
        numeratorWeighted: slot('tree', 0),
      },
      scalars: ({ count, t }) => ({
        learningRate: valueAt(checked, count),
        ...{ b1, b2, b3, eps, estimLr0, estimLrCoef, weightDecay, t },
      }),
      step: (
        { g, p, params0, ...old },
        { learningRate, b1, b2, b3, eps, estimLr0, estimLrCoef, weightDecay, t },
      ) => {
        const d = old.estimLr
        const correction = constant(1)
          .sub(b2.pow(t))
          .sqrt()
          .div(constant(1).sub(b1.pow(t)))
        const rate = d.mul(learningRate.mul(correction))
        const dg = d.mul(g)
        const expAvg = mix(b1, old.expAvg, dg)
        const expAvgSq = mix(b2, old.expAvgSq, dg.square())
        const gradSum = b3.mul(old.gradSum).add((safeguardWarmup ? d : rate).div(estimLr0).mul(dg))
        const numeratorWeighted = b3.mul(old.numeratorWeighted).add(
          d
            .div(estimLr0)
            .mul(rate)
            .mul(sum(g.mul(params0.sub(p)), 'tree')),
        )
        const size = sum(gradSum.abs(), 'tree')
        const estimLr = select(size.eq(0), d, d.max(estimLrCoef.mul(numeratorWeighted).div(size)))
        const update = rate
          .mul(expAvg)
          .div(expAvgSq.sqrt().add(estimLr.mul(eps)))
          .add(weightDecay.mul(rate).mul(p))
          .neg()
        return { update, expAvg, expAvgSq, gradSum, params0, estimLr, numeratorWeighted }
      },
    }),
  )
}
