/** dog: descent whose step size is the distance that was gone over the size of all gradients. */

import { type AddDecayedWeightsState, addDecayedWeights } from '../block/addDecayedWeights.js'
import type { CountState } from '../block/scale.js'
import { type LearningRate, scaleByLearningRate } from '../block/scaleByLearningRate.js'
import { hyperparameters } from '../declare/hyperparameters.js'
import { type Mask, masks } from '../declare/labelling.js'
import { norm, sum } from '../declare/reduction.js'
import { GradpipeError } from '../error.js'
import { inNameOf } from '../options.js'
import type { TreeValue } from '../program/program.js'
import type { Params } from '../rule/leaf.js'
import { parameter, type SlotSpec, slot } from '../rule/slot.js'
import { select } from '../rule/term.js'
import type { Schedule } from '../schedule/schedule.js'
import { chainOfRules } from '../transform/chainOfRules.js'
import { fromRule } from '../transform/fromRule.js'
import type { EmptyState, GradientTransformation } from '../transform/transformation.js'

/**
 * How {@link dog} takes its first step:
 *
 * - `['distance', r]`: as if the distance gone were r;
 * - `['learningRate', η]`: with the step size η;
 * - `['heuristic', α]`: as if the distance gone were α (1 + ‖p₀‖); the authors suggest 1e-6, or 1e-4 with batch
 *   normalization.
 *
 * @category Optimizers
 */
export type DogInitStep = readonly [kind: 'distance' | 'learningRate' | 'heuristic', value: number]

/**
 * Options of {@link dog}.
 *
 * @category Optimizers
 */
export interface DogOptions {
  /** The first step. Default `['heuristic', 1e-6]`. */
  readonly initStep?: DogInitStep
  /** Added to the sum of squares. Default 1e-8. */
  readonly eps?: number
  /** Weight decay: the fraction of the parameters that is added to the gradients; or a schedule. Default 0. */
  readonly weightDecay?: number | Schedule
  /** Which leaves decay. All by default. */
  readonly mask?: Mask
}

/**
 * State of the rule in {@link dog}.
 *
 * @category Optimizers
 */
export interface DogState {
  /** Updates made. */
  readonly count: number
  /** The first parameters. */
  readonly initParams: Params
  /** The greatest distance from them so far. */
  readonly maxDist: TreeValue
  /** Sum of all squared gradients. */
  readonly sumSqNormGrads: TreeValue
}

const kinds: readonly unknown[] = ['distance', 'learningRate', 'heuristic']

const checked = (initStep: DogInitStep): DogInitStep => {
  const given: unknown = initStep
  if (Array.isArray(given) && given.length === 2 && kinds.includes(given[0]) && typeof given[1] === 'number')
    return initStep
  throw new GradpipeError(
    'InvalidArgument',
    'dog.initStep',
    "['distance' or 'learningRate' or 'heuristic', a number]",
    JSON.stringify(given) ?? String(given),
  )
}

const firstDistance = ([kind, value]: DogInitStep): SlotSpec<'tree'> => {
  switch (kind) {
    case 'distance':
      return slot('tree', value)
    case 'heuristic':
      return slot('tree', norm(parameter, 'tree').add(1).mul(value))
    case 'learningRate':
      return slot('tree', 0)
  }
}

const scaleByDog = (initStep: DogInitStep, eps: number): GradientTransformation<DogState> =>
  fromRule({
    slots: {
      initParams: slot('element', parameter),
      maxDist: firstDistance(initStep),
      sumSqNormGrads: slot('tree', 0),
    },
    scalars: ({ count }) => ({ eps, count, first: initStep[1] }),
    step: ({ g, p, initParams, ...old }, { eps, count, first }) => {
      const maxDist = old.maxDist.max(norm(initParams.sub(p), 'tree'))
      const sumSqNormGrads = old.sumSqNormGrads.add(sum(g.square(), 'tree'))
      const eta = maxDist.div(sumSqNormGrads.add(eps).sqrt())
      const rate = initStep[0] === 'learningRate' ? select(count.eq(0), first, eta) : eta
      return { update: rate.mul(g), initParams, maxDist, sumSqNormGrads }
    },
  })

/**
 * DoG: {@link addDecayedWeights}, the rule itself, and {@link scaleByLearningRate}.
 *
 * {@rule dog()}
 *
 * It has no learning rate to tune; the one that it takes is only a factor (default 1), for schedules. The authors
 * recommend averaging the parameters. `scaleByDistanceOverGradients` does the same leaf by leaf (LDoG). Pass `init`
 * the parameters that training starts from. Needs the parameters.
 *
 * Throws `InvalidArgument` for an unknown kind of first step.
 *
 * @category Optimizers
 * @see Ivgi, Hinder and Carmon, DoG is SGD's Best Friend: A Parameter-Free Dynamic Step Size Schedule, 2023; Optax,
 * `contrib.dog`
 * @example
 * ```ts
 * import { dog } from 'gradpipe'
 *
 * const tx = dog(1, { initStep: ['distance', 5], eps: 0 })
 * // the first step is as long as the distance
 * assert.deepEqual(tx.update([6, 8], tx.init([1, 1]), [1, 1])[0], [-3, -4])
 * ```
 */
export const dog = (
  learningRate: LearningRate = 1,
  given?: DogOptions,
): GradientTransformation<readonly [AddDecayedWeightsState, DogState, EmptyState | CountState]> => {
  const { initStep, eps, weightDecay, mask } = hyperparameters(
    'dog',
    { initStep: ['heuristic', 1e-6] as const, eps: 1e-8, weightDecay: undefined, mask: undefined },
    given,
    { mask: masks },
  )
  return inNameOf('dog', [learningRate, given], () =>
    chainOfRules(
      addDecayedWeights(weightDecay ?? 0, mask === undefined ? {} : { mask }),
      scaleByDog(checked(initStep), eps),
      scaleByLearningRate(learningRate),
    ),
  )
}
