/** scheduleFree: averaging in the place of momentum and of a falling learning rate. */

import type { LearningRate } from '../block/scaleByLearningRate.js'
import { declareRule } from '../declare/declareRule.js'
import { hyperparameters, usual } from '../declare/hyperparameters.js'
import { GradpipeError } from '../error.js'
import { inNameOf, shown } from '../options.js'
import { execute } from '../program/execute.js'
import { inRanges, ofGradients, type Range } from '../range.js'
import type { Params } from '../rule/leaf.js'
import { parameter, type SlotSpec, slot } from '../rule/slot.js'
import { constant, select } from '../rule/term.js'
import { valueAt } from '../schedule/valueAt.js'
import { fromRuleAround } from '../transform/fromRuleAround.js'
import type { GradientTransformation, NoExtraArgs } from '../transform/transformation.js'

/**
 * Options of {@link scheduleFree}.
 *
 * @category Wrappers
 */
export interface ScheduleFreeOptions {
  /** The average's share of the parameters, above 0, at most 1. Default 0.9. */
  readonly b1?: number
  /** The weight of a step in the average is the largest learning rate so far, to this power. Default 2. */
  readonly weightLrPower?: number
}

/**
 * State of {@link scheduleFree}.
 *
 * @category Wrappers
 */
export interface ScheduleFreeState<S> {
  /** Updates made. */
  readonly count: number
  /** The average's share of the parameters. */
  readonly b1: number
  /** The sum of the steps' weights. */
  readonly weightSum: number
  /** The greatest learning rate so far. */
  readonly maxLr: number
  /** The base optimizer's state. */
  readonly baseOptimizerState: S
  /** Where the base optimizer alone has come to. */
  readonly z: Params
}

/** The part of $x$ in $y$: with none of it nothing could be averaged. */
export const averagedShare: Range = [
  'above 0, at most 1',
  (b1) => typeof b1 === 'number' && b1 > 0 && b1 <= 1,
]

const share: SlotSpec<'host'> = slot('host', 1)

/**
 * Runs a base optimizer without momentum, and takes gradients between its current point and the average of its
 * points. You need to know neither the end of training nor a schedule for the learning rate.
 *
 * {@rule scheduleFree(sgd(0.1), 0.1)}
 *
 * The parameters are $y = (1 - \beta_1)\,z + \beta_1 x$, where $z$ moves by the base optimizer's updates $u$ and $x$
 * is the average of all $z$, weighted by $(\max\eta)^r$. Evaluate the model at $x$: {@link scheduleFreeEvalParams}.
 * Update and $x$ are computed from differences of $z$ and $y$, which is the same as forming all three, with fewer
 * roundings.
 *
 * `learningRate` should be that of the base optimizer; only the weights depend on it. A schedule (for a warm-up) is
 * evaluated at the count after the step, as in Optax. While the learning rate has been zero, steps have no weight.
 *
 * Throws `InvalidArgument` for `b1` out of its range. Needs the parameters.
 *
 * @category Wrappers
 * @see Defazio et al., The Road Less Scheduled, 2024; Optax, `contrib.schedule_free`
 * @example
 * ```ts
 * import { scheduleFree, scheduleFreeEvalParams, sgd, step } from 'gradpipe'
 *
 * // minimizes (w - 3)²
 * const tx = scheduleFree(sgd(0.5), 0.5)
 * let [params, state] = [{ w: 0 }, tx.init({ w: 0 })]
 * for (let i = 0; i < 200; i++) [params, state] = step(tx)(params, state, { w: 2 * (params.w - 3) })
 * assert.ok(Math.abs(scheduleFreeEvalParams(state, params).w - 3) < 0.1)
 * ```
 */
export const scheduleFree = <S, X = NoExtraArgs>(
  baseOptimizer: GradientTransformation<S, X>,
  learningRate: LearningRate,
  given?: ScheduleFreeOptions,
): GradientTransformation<ScheduleFreeState<S>, X> => {
  const { learningRate: checked } = inRanges(
    'scheduleFree',
    { baseOptimizer, learningRate },
    { ...usual, baseOptimizer: ofGradients },
  )
  const { b1, weightLrPower } = hyperparameters('scheduleFree', { b1: 0.9, weightLrPower: 2 }, given, {
    b1: averagedShare,
  })
  return inNameOf('scheduleFree', [baseOptimizer, learningRate, given], () =>
    fromRuleAround('baseOptimizerState', baseOptimizer, {
      slots: {
        b1: slot('host', b1),
        weightSum: slot('host', 0),
        maxLr: slot('host', 0),
        z: slot('element', parameter),
      },
      scalars: ({ t }) => ({ weightLrPower, learningRate: valueAt(checked, t) }),
      step: ({ p, u, z, b1, ...old }, { weightLrPower, learningRate }) => {
        const maxLr = old.maxLr.max(learningRate)
        const weight = maxLr.pow(weightLrPower)
        const weightSum = old.weightSum.add(weight)
        const c = select(weightSum.eq(0), 0, weight.div(weightSum))
        return {
          // (1 − β₁)z' + β₁((1 − c)x + cz') − y, with z' = z + u and β₁x = y − (1 − β₁)z
          update: c.mul(z.sub(p)).add(
            constant(1)
              .sub(b1.mul(constant(1).sub(c)))
              .mul(u),
          ),
          b1,
          weightSum,
          maxLr,
          z: z.add(u),
        }
      },
    }),
  )
}

/** From parameters `p` to the average, where the incoming tree is z. */
const average = declareRule({
  slots: { b1: share },
  scalars: {},
  step: ({ g, p, b1 }) => ({ update: constant(1).div(b1).sub(1).mul(p.sub(g)), b1 }),
})

/**
 * The average of all steps, for evaluation: $x = y + (1/\beta_1 - 1)(y - z)$ of the parameters $y$.
 *
 * Borrows its arguments; the tensors in the result are new. A leaf without a $z$ stays as it is. Throws as `update`
 * does where state and parameters do not fit.
 *
 * @category Wrappers
 * @see Optax, `contrib.schedule_free_eval_params`
 * @example
 * ```ts
 * import { scheduleFreeEvalParams, scheduleFreeSgd } from 'gradpipe'
 *
 * const tx = scheduleFreeSgd(0.5, { b1: 0.5 })
 * assert.equal(scheduleFreeEvalParams({ ...tx.init(1), z: 4 }, 3), 2)
 * ```
 */
export function scheduleFreeEvalParams(
  state: Pick<ScheduleFreeState<unknown>, 'b1' | 'z'>,
  params: number,
): number
export function scheduleFreeEvalParams<P extends Params>(
  state: Pick<ScheduleFreeState<unknown>, 'b1' | 'z'>,
  params: P,
): P
export function scheduleFreeEvalParams<P extends Params>(
  state: Pick<ScheduleFreeState<unknown>, 'b1' | 'z'>,
  params: P,
): P {
  if (typeof state !== 'object' || state === null || !('z' in state && 'b1' in state)) {
    const given: unknown = state
    const keys =
      typeof given === 'object' && given !== null && !Array.isArray(given) ? Object.keys(given) : []
    const what = keys.length === 0 ? shown(given) : `a record of ${keys.join(', ')}`
    const wanted = 'the state of scheduleFree alone, with z and b1; tree.get finds a part of a larger state'
    throw new GradpipeError('TreeMismatch', 'state', wanted, what)
  }
  const step = average.resume(state, 'state', {})
  const { result } = execute(step, { _tag: 'Step', params, grads: state.z, donate: false }, 'state.z')
  // the result has the structure of the parameters
  return result as P
}
