/** scaleByMadgrad: averages of all gradients since the first parameters, over the cube root of their squares. */
import { hyperparameters, usual } from '../declare/hyperparameters.js'
import { inNameOf } from '../options.js'
import { inRanges } from '../range.js'
import type { Params } from '../rule/leaf.js'
import { parameter, slot, zeros } from '../rule/slot.js'
import { constant } from '../rule/term.js'
import { valueAt } from '../schedule/valueAt.js'
import { fromRule } from '../transform/fromRule.js'
import type { GradientTransformation } from '../transform/transformation.js'
import type { LearningRate } from './scaleByLearningRate.js'

/**
 * Options of {@link scaleByMadgrad}.
 *
 * @category Building blocks
 */
export interface ScaleByMadgradOptions {
  /** Momentum: the fraction of the way to the new point that a step leaves out, in [0, 1). Default 0.9. */
  readonly momentum?: number
  /** Added to the cube root, and to the learning rate. Default 1e-6. */
  readonly eps?: number
}

/**
 * State of {@link scaleByMadgrad}.
 *
 * @category Building blocks
 */
export interface ScaleByMadgradState {
  /** Updates made. */
  readonly count: number
  /** Weighted sum of the squared gradients, shaped like the parameters. */
  readonly gradSumSq: Params
  /** Weighted sum of the gradients, shaped like the parameters. */
  readonly s: Params
  /** The first parameters. */
  readonly x0: Params
}

/**
 * Turns gradients into steps by the MADGRAD rule: dual averaging with momentum.
 *
 * {@rule scaleByMadgrad(0.1)}
 *
 * The learning rate weighs the gradients as they come in, and the updates already descend, so use this as the last
 * member of a chain. Needs the parameters. Optax computes the new point and subtracts the old one; this multiplies
 * their difference, which is the same and loses no digits.
 *
 * @category Building blocks
 * @see Defazio and Jelassi, Adaptivity without Compromise: A Momentumized, Adaptive, Dual Averaged Gradient Method for
 * Stochastic Optimization, 2021; Optax, `contrib.scale_by_madgrad`
 * @example
 * ```ts
 * import { scaleByMadgrad } from 'gradpipe'
 *
 * const tx = scaleByMadgrad(1, { momentum: 0, eps: 0 })
 * // −g / ∛g²
 * assert.ok(Math.abs(tx.update(8, tx.init(5), 5)[0] + 2) < 1e-12)
 * ```
 */
export const scaleByMadgrad = (
  learningRate: LearningRate,
  given?: ScaleByMadgradOptions,
): GradientTransformation<ScaleByMadgradState> => {
  const { learningRate: checked } = inRanges('scaleByMadgrad', { learningRate }, usual)
  const { momentum, eps } = hyperparameters('scaleByMadgrad', { momentum: 0.9, eps: 1e-6 }, given)
  return inNameOf('scaleByMadgrad', [learningRate, given], () =>
    fromRule({
      slots: { gradSumSq: zeros, s: zeros, x0: slot('element', parameter) },
      scalars: ({ count, t }) => ({ learningRate: valueAt(checked, count), momentum, eps, t }),
      step: ({ g, p, x0, ...old }, { learningRate, momentum, eps, t }) => {
        const weight = learningRate.add(eps).mul(t.sqrt())
        const gradSumSq = old.gradSumSq.add(weight.mul(g.square()))
        const s = old.s.add(weight.mul(g))
        const way = x0.sub(p).sub(s.div(gradSumSq.pow(1 / 3).add(eps)))
        return { update: constant(1).sub(momentum).mul(way), gradSumSq, s, x0 }
      },
    }),
  )
}
