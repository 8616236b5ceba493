/** proximalDecay: the step that a rate makes of a direction, with the decay solved for the parameters after it. */
import type { Mask } from '../declare/labelling.js'
import { constant } from '../rule/term.js'
import type { Schedule } from '../schedule/schedule.js'
import { valueAt } from '../schedule/valueAt.js'
import { fromRule } from '../transform/fromRule.js'
import { identity } from '../transform/identity.js'
import { maskedRule } from '../transform/maskedRules.js'
import type { EmptyState, GradientTransformation } from '../transform/transformation.js'
import type { AddDecayedWeightsState } from './addDecayedWeights.js'
import type { CountState } from './scale.js'

/**
 * $(u + \lambda p)/(1 + \eta\lambda)$: after a step of $-\eta$ times it, the parameters are
 * $(p - \eta u)/(1 + \eta\lambda)$.
 */
export const proximalDecay = (
  learningRate: number | Schedule,
  weightDecay: number | Schedule,
  mask: Mask | undefined,
): GradientTransformation<AddDecayedWeightsState> => {
  const everywhere: GradientTransformation<EmptyState | CountState> =
    weightDecay === 0
      ? identity()
      : fromRule({
          slots: {},
          scalars: ({ count }) => ({
            learningRate: valueAt(learningRate, count),
            weightDecay: valueAt(weightDecay, count),
          }),
          step: ({ g, p }, { learningRate, weightDecay }) => ({
            update: g.add(weightDecay.mul(p)).div(constant(1).add(learningRate.mul(weightDecay))),
          }),
        })
  return mask === undefined ? everywhere : maskedRule(everywhere, mask)
}
