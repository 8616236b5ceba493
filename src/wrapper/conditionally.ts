/** conditionallyTransform, conditionallyMask, maybeUpdate: a transformation in some of the steps. */

import { hyperparameters } from '../declare/hyperparameters.js'
import { GradpipeError } from '../error.js'
import { type Call, shown } from '../options.js'
import type { ExtraArgs, Step } from '../program/program.js'
import { callable, checkRanges, ofGradients } from '../range.js'
import { identityRule, type Rule, zeroRule } from '../rule/rule.js'
import { heldBack, nest } from '../transform/fuse.js'
import { heldUpdate } from '../transform/hold.js'
import { fromProcess, processOf } from '../transform/ordinary.js'
import { fromRuled } from '../transform/ruled.js'
import type { GradientTransformation, NoExtraArgs } from '../transform/transformation.js'

/**
 * Whether to make a step: a function of the number of steps before, and of the extra arguments if they are forwarded.
 * It runs on the host; if an extra argument is a tensor, the function has to read it itself.
 *
 * @category Wrappers
 */
export type ConditionFn<Y = NoExtraArgs> = (step: number, extraArgs: Y & ExtraArgs) => boolean

/**
 * Options of {@link conditionallyTransform} and {@link conditionallyMask}.
 *
 * @category Wrappers
 */
export interface ConditionallyOptions {
  /** Whether the condition gets the extra arguments of `update`. Default false. */
  readonly forwardExtraArgs?: boolean
}

/**
 * The options of a condition, which one that needs extra arguments `Y` cannot do without.
 *
 * @category Wrappers
 */
export type ConditionallyArgs<Y> = NoExtraArgs extends Y
  ? readonly [given?: ConditionallyOptions]
  : readonly [
      given: {
        /** As the condition needs them. */
        readonly forwardExtraArgs: true
      },
    ]

/**
 * State of {@link conditionallyTransform} and {@link conditionallyMask}.
 *
 * @category Wrappers
 */
export interface ConditionallyState<S> {
  /** The inner transformation's state. */
  readonly innerState: S
  /** Steps so far, whether they were made or not. */
  readonly step: number
}

/** Where the condition does not hold, `otherwise` takes the place of the inner transformation. */
const conditionally = <S, X, Y>(
  [name, conditionName]: readonly [name: string, condition: string],
  inner: GradientTransformation<S, X>,
  condition: ConditionFn<Y>,
  given: ConditionallyOptions | undefined,
  otherwise: Rule,
): GradientTransformation<ConditionallyState<S>, X & Y> => {
  type State = ConditionallyState<S>
  const call: Call = [name, inner, condition, given]
  checkRanges(name, { inner, [conditionName]: condition }, { inner: ofGradients, [conditionName]: callable })
  const { forwardExtraArgs } = hyperparameters(name, { forwardExtraArgs: false }, given)
  const begun = (innerState: S): State => ({ innerState, step: 0 })

  const decide = (state: State, at: string, extraArgs: ExtraArgs): boolean => {
    if (typeof state?.step !== 'number')
      throw new GradpipeError('TreeMismatch', `${at}.step`, 'the number of steps', shown(state?.step))
    // what the condition needs is what update was given
    const holds: unknown = condition(state.step, (forwardExtraArgs ? extraArgs : {}) as Y & ExtraArgs)
    if (typeof holds === 'boolean') return holds
    throw new GradpipeError('InvalidArgument', `${name}.${conditionName}`, 'a boolean', shown(holds))
  }

  const { ruled } = inner
  if (ruled !== undefined) {
    const nested = (step: Step<S>, before: number, after: number): Step<State> =>
      nest(
        'innerState',
        step,
        (innerState) => ({ innerState, step: after }),
        (innerState) => ({ innerState, step: before }),
      )
    return fromRuled({
      call,
      reads: ruled.reads,
      begin: () => nested(ruled.begin(), 0, 0),
      resume: (state, at, extraArgs) => {
        const made = decide(state, at, extraArgs)
        const step = ruled.resume(state.innerState, `${at}.innerState`, extraArgs)
        return nested(made ? step : heldBack(step, otherwise), state.step, state.step + 1)
      },
    })
  }

  const update = processOf(inner)
  return fromProcess(
    (params) => begun(inner.init(params)),
    function* (grads, state, params, extraArgs) {
      const [updates, innerState] = decide(state, 'state', extraArgs)
        ? yield* update(grads, state.innerState, params, extraArgs)
        : heldUpdate(otherwise, grads, state.innerState, params)
      return [updates, { innerState, step: state.step + 1 }] as const
    },
    call,
  )
}

/**
 * Applies a transformation in the steps where a condition holds. In the others, updates pass through unchanged, and
 * its state, including its count, stays. The condition runs on the host, once per step. Around rules it chooses
 * between two rules, and both fuse.
 *
 * Throws `InvalidArgument` for an unknown option, for a transformation that takes a gradient for each example, since without
 * it updates would not be like the parameters, and in `update`, before anything is made, for a condition that does
 * not return a boolean.
 *
 * @category Wrappers
 * @see Optax, `conditionally_transform` (formerly `maybe_update`)
 * @example
 * ```ts
 * import { conditionallyTransform, scale } from 'gradpipe'
 *
 * const tx = conditionallyTransform(scale(-1), (step) => step % 2 === 0)
 * const [first, state] = tx.update([1, 2], tx.init([0, 0]))
 * const [second] = tx.update([1, 2], state)
 * assert.deepEqual([first, second], [[-1, -2], [1, 2]])
 * ```
 * @example
 * ```ts
 * import { clip, conditionallyTransform } from 'gradpipe'
 *
 * // clips while the loss is high
 * const tx = conditionallyTransform(clip(1), (_, { value }: { value: number }) => value > 10, { forwardExtraArgs: true })
 * assert.equal(tx.update(5, tx.init(0), undefined, { value: 11 })[0], 1)
 * assert.equal(tx.update(5, tx.init(0), undefined, { value: 9 })[0], 5)
 * ```
 */
export const conditionallyTransform = <S, X = NoExtraArgs, Y = NoExtraArgs>(
  inner: GradientTransformation<S, X>,
  shouldTransformFn: ConditionFn<Y>,
  ...[given]: ConditionallyArgs<Y>
): GradientTransformation<ConditionallyState<S>, X & Y> =>
  conditionally(
    ['conditionallyTransform', 'shouldTransformFn'],
    inner,
    shouldTransformFn,
    given,
    identityRule,
  )

/**
 * Applies a transformation in the steps where a condition holds. In the others the updates are zero, so the
 * parameters stay bit for bit, and its state, including its count, stays. The condition runs on the host, once per
 * step. Around rules it chooses between two rules, and both fuse.
 *
 * Throws as {@link conditionallyTransform} does.
 *
 * @category Wrappers
 * @see Optax, `conditionally_mask`
 * @example
 * ```ts
 * import { conditionallyMask, sgd } from 'gradpipe'
 *
 * const tx = conditionallyMask(sgd(1), (step) => step < 1)
 * const [first, state] = tx.update([1, 2], tx.init([0, 0]))
 * const [second] = tx.update([1, 2], state)
 * assert.deepEqual([first, second], [[-1, -2], [0, 0]])
 * ```
 */
export const conditionallyMask = <S, X = NoExtraArgs, Y = NoExtraArgs>(
  inner: GradientTransformation<S, X>,
  shouldTransformFn: ConditionFn<Y>,
  ...[given]: ConditionallyArgs<Y>
): GradientTransformation<ConditionallyState<S>, X & Y> =>
  conditionally(['conditionallyMask', 'shouldTransformFn'], inner, shouldTransformFn, given, zeroRule)

/**
 * The older name of {@link conditionallyTransform}, for a condition of the step alone. Throws in the same cases.
 *
 * @category Wrappers
 * @see Optax before 0.2.3, `maybe_update`
 * @example
 * ```ts
 * import { maybeUpdate, scale } from 'gradpipe'
 *
 * const tx = maybeUpdate(scale(-1), (step) => step > 0)
 * assert.equal(tx.update(5, tx.init(0))[0], 5)
 * ```
 */
export const maybeUpdate = <S, X = NoExtraArgs>(
  inner: GradientTransformation<S, X>,
  shouldUpdateFn: (step: number) => boolean,
): GradientTransformation<ConditionallyState<S>, X> => {
  checkRanges('maybeUpdate', { shouldUpdateFn }, { shouldUpdateFn: callable })
  const condition = (step: number): boolean => shouldUpdateFn(step)
  return conditionally(['maybeUpdate', 'shouldUpdateFn'], inner, condition, undefined, identityRule)
}
