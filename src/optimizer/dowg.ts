/** dowg: DoG with the later gradients weighing more. */

import { type AddDecayedWeightsState, addDecayedWeights } from '../block/addDecayedWeights.js'
import type { CountState } from '../block/scale.js'
import { type LearningRate, scaleByLearningRate } from '../block/scaleByLearningRate.js'
import { hyperparameters } from '../declare/hyperparameters.js'
import { type Mask, masks } from '../declare/labelling.js'
import { sum } from '../declare/reduction.js'
import { inNameOf } from '../options.js'
import type { TreeValue } from '../program/program.js'
import { notNegative } from '../range.js'
import type { Params } from '../rule/leaf.js'
import { parameter, slot } from '../rule/slot.js'
import type { Schedule } from '../schedule/schedule.js'
import { chainOfRules } from '../transform/chainOfRules.js'
import { fromRule } from '../transform/fromRule.js'
import type { EmptyState, GradientTransformation } from '../transform/transformation.js'

/**
 * Options of {@link dowg}.
 *
 * @category Optimizers
 */
export interface DowgOptions {
  /** First guess of the squared distance to the solution. `eps` by default. */
  readonly initEstimSqDist?: number
  /** Added to the root. Default 1e-4. */
  readonly eps?: number
  /** Weight decay: the fraction of the parameters that is added to the gradients; or a schedule. Default 0. */
  readonly weightDecay?: number | Schedule
  /** Which leaves decay. All by default. */
  readonly mask?: Mask
}

/**
 * State of the rule in {@link dowg}.
 *
 * @category Optimizers
 */
export interface DowgState {
  /** The first parameters. */
  readonly initParams: Params
  /** Sum of the squared gradients, each times the distance of its time. */
  readonly weightedSqNormGrads: TreeValue
  /** The greatest squared distance from the first parameters so far. */
  readonly estimSqDist: TreeValue
}

const scaleByDowg = (initEstimSqDist: number, eps: number): GradientTransformation<DowgState> =>
  fromRule({
    slots: {
      initParams: slot('element', parameter),
      weightedSqNormGrads: slot('tree', 0),
      estimSqDist: slot('tree', initEstimSqDist),
    },
    scalars: { eps },
    step: ({ g, p, initParams, ...old }, { eps }) => {
      const estimSqDist = old.estimSqDist.max(sum(initParams.sub(p).square(), 'tree'))
      const weightedSqNormGrads = estimSqDist.mul(sum(g.square(), 'tree')).add(old.weightedSqNormGrads)
      const eta = estimSqDist.div(weightedSqNormGrads.sqrt().add(eps))
      return { update: eta.mul(g), initParams, weightedSqNormGrads, estimSqDist }
    },
  })

/**
 * DoWG: {@link addDecayedWeights}, the rule itself, and {@link scaleByLearningRate}.
 *
 * {@rule dowg()}
 *
 * It has no learning rate to tune; the one that it takes is only a factor (default 1), for schedules. Pass `init` the
 * parameters that training starts from. Needs the parameters.
 *
 * @category Optimizers
 * @see Khaled, Mishchenko and Jin, DoWG Unleashed: An Efficient Universal Parameter-Free Gradient Descent Method, 2023;
 * Optax, `contrib.dowg`
 * @example
 * ```ts
 * import { dowg } from 'gradpipe'
 *
 * const tx = dowg(1, { initEstimSqDist: 25, eps: 0 })
 * // the first step is as long as the distance
 * assert.deepEqual(tx.update([6, 8], tx.init([1, 1]), [1, 1])[0], [-3, -4])
 * ```
 */
export const dowg = (
  learningRate: LearningRate = 1,
  given?: DowgOptions,
): GradientTransformation<readonly [AddDecayedWeightsState, DowgState, EmptyState | CountState]> => {
  const { initEstimSqDist, eps, weightDecay, mask } = hyperparameters(
    'dowg',
    { initEstimSqDist: undefined, eps: 1e-4, weightDecay: undefined, mask: undefined },
    given,
    { initEstimSqDist: notNegative, mask: masks },
  )
  return inNameOf('dowg', [learningRate, given], () =>
    chainOfRules(
      addDecayedWeights(weightDecay ?? 0, mask === undefined ? {} : { mask }),
      scaleByDowg(initEstimSqDist ?? eps, eps),
      scaleByLearningRate(learningRate),
    ),
  )
}
