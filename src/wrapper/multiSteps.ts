/** multiSteps: one step of the inner transformation for the gradients of several steps. */

import { type DeclaredRule, declareRule } from '../declare/declareRule.js'
import { hyperparameters } from '../declare/hyperparameters.js'
import { GradpipeError } from '../error.js'
import { called, shown } from '../options.js'
import { cloneTree } from '../program/cloneTree.js'
import { dispose, disposingOnError } from '../program/dispose.js'
import { execute } from '../program/execute.js'
import { freeingOnError } from '../program/process.js'
import type { Step } from '../program/program.js'
import { readNumber } from '../program/read.js'
import { callable, checkedAt, checkRanges, ofGradients, steps } from '../range.js'
import type { Params } from '../rule/leaf.js'
import { identityRule, zeroRule } from '../rule/rule.js'
import { slot, zeros } from '../rule/slot.js'
import { constant } from '../rule/term.js'
import { valueAt } from '../schedule/valueAt.js'
import { expectFit } from '../transform/fit.js'
import { fromRule } from '../transform/fromRule.js'
import { follow, heldBack, nest } from '../transform/fuse.js'
import { heldUpdate } from '../transform/hold.js'
import { fromProcess, processOf } from '../transform/ordinary.js'
import { fromRuled } from '../transform/ruled.js'
import type { GradientTransformation, NoExtraArgs } from '../transform/transformation.js'
import type { ShouldSkipUpdate } from './skip.js'

/**
 * Options of {@link multiSteps}.
 *
 * @category Wrappers
 */
export interface MultiStepsOptions<T> {
  /** Whether the inner transformation gets the mean of the gradients, rather than their sum. Default true. */
  readonly useGradMean?: boolean
  /**
   * Decides for each step whether to skip its gradients, as if the step had never been; see `skipNotFinite` and
   * `skipLargeUpdates`. By default none is skipped.
   */
  readonly shouldSkipUpdateFn?: ShouldSkipUpdate<T>
}

/**
 * State of {@link multiSteps}.
 *
 * @category Wrappers
 */
export interface MultiStepsState<S, T = readonly []> {
  /** Gradients that were accumulated since the inner transformation's last step. */
  readonly miniStep: number
  /** Steps that the inner transformation has made. */
  readonly gradientStep: number
  /** Its state. */
  readonly innerOptState: S
  /** The mean of these gradients, or their sum; `null` where every step is the inner transformation's. */
  readonly accGrads: Params
  /** What the function that skips gradients has said of the last ones; empty without one. */
  readonly skipState: T
}

/** The rules' own part of the state. */
interface Counts {
  readonly miniStep: number
  readonly gradientStep: number
}
interface Accumulated extends Counts {
  readonly accGrads: Params
}

const counts = { miniStep: slot('host', 0), gradientStep: slot('host', 0) } as const

/** What happens to the gradients of a step before the inner transformation, when it is made and when it is not. */
interface Outer {
  readonly accumulate: DeclaredRule<Accumulated>
  readonly emit: DeclaredRule<Accumulated>
}

const outerOf = (useGradMean: boolean): Outer => {
  const rule = (emits: boolean): DeclaredRule<Accumulated> =>
    declareRule({
      slots: { ...counts, accGrads: zeros },
      scalars: {},
      step: ({ g, accGrads, miniStep, gradientStep }) => {
        // Welford's mean
        const all = useGradMean
          ? accGrads.add(g.sub(accGrads).mul(constant(1).div(miniStep.add(1))))
          : accGrads.add(g)
        return emits
          ? { update: all, accGrads: constant(0), miniStep: constant(0), gradientStep: gradientStep.add(1) }
          : { update: constant(0), accGrads: all, miniStep: miniStep.add(1), gradientStep }
      },
    })
  return { accumulate: rule(false), emit: rule(true) }
}

const outers = { mean: outerOf(true), sum: outerOf(false) } as const

/** Where every step is the inner transformation's, nothing is kept. */
const passing = declareRule({
  slots: counts,
  scalars: {},
  step: ({ g, gradientStep }) => ({
    update: g,
    miniStep: constant(0),
    gradientStep: gradientStep.add(1),
  }),
})

const withoutBuffer = (step: Step<Counts>): Step<Accumulated> => ({
  ...step,
  finish: (slots) => ({ ...step.finish(slots), accGrads: null }),
  hold: (slots) => ({ ...step.hold(slots), accGrads: null }),
})

const always: DeclaredRule<Accumulated> = {
  begin: () => withoutBuffer(passing.begin()),
  resume: (state, at, given) => withoutBuffer(passing.resume(state, at, given)),
}

type Gathered<S> = MultiStepsState<S>

const gather = <S>(own: Accumulated, innerOptState: S): Gathered<S> => ({
  ...own,
  innerOptState,
  skipState: [],
})

/** How many steps make one, from a step of the inner transformation on. */
type Period = (gradientStep: number) => number

const periodOf = (everyKSchedule: number | Period): Period => {
  if (typeof everyKSchedule !== 'function')
    checkRanges('multiSteps', { everyKSchedule }, { everyKSchedule: steps })
  return (gradientStep) =>
    checkedAt('multiSteps.everyKSchedule', gradientStep, valueAt(everyKSchedule, gradientStep), steps)
}

/** Without skipping. */
const accumulating = <S, X>(
  inner: GradientTransformation<S, X>,
  { accumulate, emit }: Outer,
  periodAt: Period,
): GradientTransformation<Gathered<S>, X> => {
  const own = (
    state: Gathered<S>,
    at: string,
  ): { readonly emits: boolean; readonly step: Step<Accumulated> } => {
    if (typeof state?.miniStep !== 'number' || typeof state.gradientStep !== 'number')
      throw new GradpipeError('TreeMismatch', at, 'a state with miniStep and gradientStep', shown(state))
    const emits = state.miniStep + 1 >= periodAt(state.gradientStep)
    return { emits, step: (emits ? emit : accumulate).resume(state, at, {}) }
  }

  const { ruled } = inner
  if (ruled !== undefined) {
    const nested = (step: Step<S>): Step<S> => nest('innerOptState', step, (state) => state)
    return fromRuled({
      reads: ruled.reads,
      begin: () => follow(emit.begin(), nested(ruled.begin()), gather),
      resume: (state, at, extraArgs) => {
        const { emits, step } = own(state, at)
        const resumed = ruled.resume(state.innerOptState, `${at}.innerOptState`, extraArgs)
        return follow(step, nested(emits ? resumed : heldBack(resumed, identityRule)), gather)
      },
    })
  }

  const update = processOf(inner)
  return fromProcess(
    (params) =>
      disposingOnError((made) => {
        const innerOptState = made(inner.init(params))
        return gather(execute(emit.begin(), { _tag: 'Start', params }).state, innerOptState)
      }),
    freeingOnError(function* (made, grads, state, params, extraArgs) {
      const { emits, step } = own(state, 'state')
      const done = made(execute(step, { _tag: 'Update', grads, params }))
      if (!emits) return [done.result, gather(done.state, cloneTree(state.innerOptState))] as const
      const [updates, next] = yield* update(done.result, state.innerOptState, params, extraArgs)
      dispose(done.result)
      return [updates, gather(done.state, next)] as const
    }),
  )
}

/** Gradients of zero, like some parameters. */
const zerosLike = fromRule({
  slots: { zero: zeros },
  scalars: {},
  step: ({ g, zero }) => ({ update: g, zero }),
})

const skipping = <S, X, T>(
  inner: GradientTransformation<Gathered<S>, X>,
  shouldSkip: ShouldSkipUpdate<T>,
): GradientTransformation<MultiStepsState<S, T>, X> => {
  const update = processOf(inner)
  return fromProcess(
    (params) =>
      disposingOnError((made) => {
        const state = made(inner.init(params))
        const { zero } = made(zerosLike.init(params))
        const [skip, skipState] = shouldSkip(zero, 0, params)
        dispose(zero, skip)
        return { ...state, skipState }
      }),
    freeingOnError(function* (made, grads, before, params, extraArgs) {
      if (typeof before !== 'object' || before === null)
        throw new GradpipeError('TreeMismatch', 'state', 'a state of multiSteps', typeof before)
      const { skipState: _, ...rest } = before
      const state: Gathered<S> = { ...rest, skipState: [] }
      expectFit(grads, params)
      const [skip, skipState] = made(shouldSkip(grads, state.gradientStep, params))
      const skips = typeof skip === 'boolean' ? skip : (yield* readNumber(skip)) !== 0
      dispose(skip)
      const [updates, next] = skips
        ? heldUpdate(zeroRule, grads, state, params)
        : yield* update(grads, state, params, extraArgs)
      return [updates, { ...next, skipState }] as const
    }),
  )
}

/**
 * Accumulates the gradients of $k$ steps, and passes their mean to the inner transformation in the last of them. In
 * the others the updates are zero, so the parameters stay bit for bit, and so does the inner state.
 *
 * $$\bar g \leftarrow \bar g + \frac{g - \bar g}{n}$$
 *
 * Around rules each step is one rule: one pass to accumulate, and one for the mean, the inner transformation and the
 * new parameters together. The host has to know what to skip, so with a `shouldSkipUpdateFn` each step reads a number
 * from the device; on WebGPU, use `updateAsync`.
 *
 * After the last step the accumulator is set to zero, whatever was in it; in Optax, a NaN stays for good.
 *
 * Throws `InvalidArgument` for an unknown option, and unless $k$ is a positive integer.
 *
 * @param inner The transformation that makes one step of $k$ gradients.
 * @param everyKSchedule $k$, a positive integer, or a function of the number of steps that the inner transformation
 * has made. With the number 1 there is no accumulator.
 * @param given The mean or the sum; gradients to skip.
 * @category Wrappers
 * @see Optax, `MultiSteps`
 * @example
 * ```ts
 * import { hasUpdated, multiSteps, sgd } from 'gradpipe'
 *
 * const tx = multiSteps(sgd(1), 2)
 * const [first, state] = tx.update([1, 2], tx.init([0, 0]))
 * const [second, next] = tx.update([3, 4], state)
 * assert.deepEqual([first, second], [[0, 0], [-2, -3]])
 * assert.deepEqual([hasUpdated(state), hasUpdated(next)], [false, true])
 * ```
 * @example
 * ```ts
 * import { multiSteps, sgd, skipNotFinite } from 'gradpipe'
 *
 * const tx = multiSteps(sgd(1), 2, { shouldSkipUpdateFn: skipNotFinite })
 * const [, state] = tx.update([1, Number.NaN], tx.init([0, 0]))
 * assert.equal(state.miniStep, 0)
 * assert.equal(state.skipState.numNotFinite, 1)
 * ```
 */
export function multiSteps<S, X = NoExtraArgs>(
  inner: GradientTransformation<S, X>,
  everyKSchedule: number | ((gradientStep: number) => number),
  given?: MultiStepsOptions<never>,
): GradientTransformation<MultiStepsState<S>, X>
export function multiSteps<S, T, X = NoExtraArgs>(
  inner: GradientTransformation<S, X>,
  everyKSchedule: number | ((gradientStep: number) => number),
  given: MultiStepsOptions<T>,
): GradientTransformation<MultiStepsState<S, T>, X>
export function multiSteps<S, T, X = NoExtraArgs>(
  inner: GradientTransformation<S, X>,
  everyKSchedule: number | ((gradientStep: number) => number),
  given: MultiStepsOptions<T> = {},
): GradientTransformation<MultiStepsState<S, T | readonly []>, X> {
  checkRanges('multiSteps', { inner }, { inner: ofGradients })
  const { useGradMean, shouldSkipUpdateFn } = hyperparameters(
    'multiSteps',
    { useGradMean: true, shouldSkipUpdateFn: undefined },
    given,
    { shouldSkipUpdateFn: callable },
  )
  const outer =
    everyKSchedule === 1 ? { accumulate: always, emit: always } : useGradMean ? outers.mean : outers.sum
  const accumulated = accumulating(inner, outer, periodOf(everyKSchedule))
  return called(
    ['multiSteps', inner, everyKSchedule, given],
    shouldSkipUpdateFn === undefined ? accumulated : skipping(accumulated, shouldSkipUpdateFn),
  )
}

/**
 * Whether the last step was one of the inner transformation.
 *
 * @category Wrappers
 * @see Optax, `MultiSteps.has_updated`
 * @example
 * ```ts
 * import { hasUpdated, multiSteps, sgd } from 'gradpipe'
 *
 * assert.ok(!hasUpdated(multiSteps(sgd(1), 3).init(0)))
 * ```
 */
export const hasUpdated = ({ miniStep, gradientStep }: MultiStepsState<unknown, unknown>): boolean =>
  miniStep === 0 && gradientStep > 0
