/** injectHyperparams: hyperparameters as part of the state. */

import { onHost } from '../declare/extraArgs.js'
import { GradpipeError } from '../error.js'
import { called, shown } from '../options.js'
import type { ExtraArgs, Ruled, Step } from '../program/program.js'
import { callable, checkedAt, checkRange, checkRanges, real, transformation } from '../range.js'
import type { Schedule } from '../schedule/schedule.js'
import { nest } from '../transform/fuse.js'
import { fromProcess, processOf } from '../transform/ordinary.js'
import { fromRuled } from '../transform/ruled.js'
import type { GradientTransformation, NoExtraArgs } from '../transform/transformation.js'

/**
 * State of {@link injectHyperparams}.
 *
 * @category Wrappers
 */
export interface InjectHyperparamsState<H, S> {
  /** Updates made: what the schedules are functions of. */
  readonly count: number
  /** The hyperparameters that the last step used; to change them, pass a state with others. */
  readonly hyperparams: H
  /** The inner transformation's state. */
  readonly innerState: S
}

/** Numbers by name. */
type Hyperparams = Readonly<Record<string, number>>

/** How the hyperparameters are kept in a state. */
export interface Injection<H, S, State> {
  /** Extra arguments that they depend on. */
  readonly reads?: readonly string[]
  /** The hyperparameters before the first step. */
  readonly first: H
  /** The state before the first step. */
  readonly begun: (innerState: S) => State
  /** The hyperparameters of the next step, and the state after it. Throws `TreeMismatch` for another state. */
  readonly resumed: (
    state: State,
    where: string,
    extraArgs: ExtraArgs,
  ) => { readonly values: H; readonly wrap: (innerState: S) => State }
}

/** Any number but NaN from a schedule: what is in range, the transformation that is made of it says. */
export const ofSchedule = (name: string, option: string, count: number, value: number): number =>
  checkedAt(`${name}.${option}`, count, value, real)

/** What is made of the hyperparameters of a step; what it refuses, with the count. */
const madeAt = <T>(count: number, make: () => T): T => {
  try {
    return make()
  } catch (error) {
    if (!(error instanceof GradpipeError) || error._tag !== 'InvalidArgument') throw error
    throw new GradpipeError(error._tag, error.path, error.expected, `${error.given} at count ${count}`)
  }
}

/** A step whose scalars the state has, or a function makes of what the state has. */
const untold = <S>(step: Step<S>): Step<S> => ({ ...step, declared: () => undefined })

/** A transformation made anew in each step, of hyperparameters that its state holds. */
export const inject = <H, S, X, State extends { readonly count: number; readonly innerState: S }>(
  name: string,
  inner: (hyperparams: H) => GradientTransformation<S, X>,
  { reads = [], first, begun, resumed }: Injection<H, S, State>,
): GradientTransformation<State, X> => {
  checkRanges(name, { inner }, { inner: callable })
  const made = inner(first)
  checkRange(`${name}.inner`, made, transformation)
  const { ruled } = made
  if (ruled === undefined) {
    const updated = fromProcess<State, X>(
      (params) => begun(inner(first).init(params)),
      function* (grads, state, params, extraArgs) {
        const known = yield* onHost(reads, extraArgs)
        const { values, wrap } = resumed(state, 'state', known)
        const [updates, next] = yield* processOf(madeAt(state.count, () => inner(values)))(
          grads,
          state.innerState,
          params,
          known,
        )
        return [updates, wrap(next)] as const
      },
    )
    return { ...updated, takesExamples: made.takesExamples === true }
  }

  const ruledOf = (tx: GradientTransformation<S, X>): Ruled<S> => {
    if (tx.ruled !== undefined) return tx.ruled
    throw new GradpipeError('InvalidArgument', `${name}.inner`, 'rules for all hyperparameters', 'a function')
  }
  return fromRuled({
    reads: [...reads, ...(ruled.reads ?? [])],
    begin: () => untold(nest('innerState', ruledOf(inner(first)).begin(), begun)),
    resume: (state, where, extraArgs) => {
      const { values, wrap } = resumed(state, where, extraArgs)
      const step = ruledOf(madeAt(state.count, () => inner(values))).resume(
        state.innerState,
        `${where}.innerState`,
        extraArgs,
      )
      return untold(nest('innerState', step, wrap, (innerState) => ({ ...state, innerState })))
    },
  })
}

/**
 * Keeps the hyperparameters of a transformation in its state, where you can read, change and save them. A
 * hyperparameter can be a schedule. Changing one compiles nothing again: rules take them as scalars.
 *
 * Throws `InvalidArgument` for a hyperparameter that is neither a number nor a schedule, and where a schedule gives NaN
 * or what the transformation refuses.
 *
 * @category Wrappers
 * @see Optax, `inject_hyperparams`
 * @example
 * ```ts
 * import { adam, injectHyperparams, linearSchedule } from 'gradpipe'
 *
 * const tx = injectHyperparams((h: { learningRate: number; b1: number }) => adam(h.learningRate, { b1: h.b1 }))({
 *   learningRate: linearSchedule({ initValue: 0.1, endValue: 0, transitionSteps: 10 }),
 *   b1: 0.9,
 * })
 * const state = tx.init(0)
 * assert.equal(state.hyperparams.learningRate, 0.1)
 * const [, next] = tx.update(1, { ...state, hyperparams: { ...state.hyperparams, b1: 0.5 } })
 * assert.equal(next.hyperparams.b1, 0.5)
 * ```
 */
export const injectHyperparams =
  <H extends Hyperparams, S, X = NoExtraArgs>(inner: (hyperparams: H) => GradientTransformation<S, X>) =>
  (
    hyperparams: {
      readonly [K in keyof H]: number | Schedule
    },
  ): GradientTransformation<InjectHyperparamsState<H, S>, X> => {
    type State = InjectHyperparamsState<H, S>
    const entries = Object.entries<number | Schedule>(hyperparams)
    for (const [name, value] of entries)
      if (typeof value !== 'number' && typeof value !== 'function')
        throw new GradpipeError(
          'InvalidArgument',
          `injectHyperparams.${name}`,
          'a number or a schedule',
          shown(value),
        )

    /** The values at a count: the schedules', and for the others what the state says. */
    const at = (count: number, current: Hyperparams): H =>
      // the entries are those of the hyperparameters
      Object.fromEntries(
        entries.map(([name, value]) => [
          name,
          typeof value === 'function'
            ? ofSchedule('injectHyperparams', name, count, value(count))
            : (current[name] ?? value),
        ]),
      ) as H
    const first = at(0, {})

    const tx = inject<H, S, X, State>('injectHyperparams', inner, {
      first,
      begun: (innerState) => ({ count: 0, hyperparams: first, innerState }),
      resumed: (state, where) => {
        if (typeof state?.count !== 'number' || typeof state.hyperparams !== 'object')
          throw new GradpipeError('TreeMismatch', where, 'a state with count and hyperparams', shown(state))
        const values = at(state.count, state.hyperparams)
        return {
          values,
          wrap: (innerState) => ({ count: state.count + 1, hyperparams: values, innerState }),
        }
      },
    })
    return called(['injectHyperparams', inner, hyperparams], tx)
  }
