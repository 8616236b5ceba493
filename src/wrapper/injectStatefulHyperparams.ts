/** injectStatefulHyperparams: hyperparameters by schedules that keep a state. */

import { GradpipeError } from '../error.js'
import { called, shown } from '../options.js'
import type { ExtraArgs } from '../program/program.js'
import type { Schedule } from '../schedule/schedule.js'
import type { GradientTransformation, NoExtraArgs } from '../transform/transformation.js'
import { inject, ofSchedule } from './injectHyperparams.js'

/**
 * A schedule with a state of its own, which may depend on extra arguments of `update`.
 *
 * @category Schedules
 */
export interface StatefulSchedule<T = unknown> {
  /**
   * The names of the extra arguments that it reads as numbers; tensors among them are read from the device first.
   * Default: none.
   */
  readonly extraArgs?: readonly string[]
  /** The state before the first step: plain data of numbers. */
  init(): T
  /** The state after a step. */
  update(state: T, extraArgs: ExtraArgs): T
  /** The hyperparameter in this step; before the first one it is asked without extra arguments. */
  value(state: T, extraArgs: ExtraArgs): number
}

/**
 * State of {@link injectStatefulHyperparams}.
 *
 * @category Wrappers
 */
export interface InjectStatefulHyperparamsState<H, S> {
  /** Updates made. */
  readonly count: number
  /** The hyperparameters as the last step used them; give a state with others to change those that are numbers. */
  readonly hyperparams: H
  /** The schedules' states. */
  readonly hyperparamsStates: Readonly<Record<string, unknown>>
  /** The inner transformation's state. */
  readonly innerState: S
}

type Hyperparams = Readonly<Record<string, number>>

/** A function of the count as a schedule that keeps the count. */
const counting = (schedule: Schedule): StatefulSchedule<{ readonly count: number }> => ({
  init: () => ({ count: 0 }),
  update: ({ count }) => ({ count: count + 1 }),
  value: ({ count }) => schedule(count),
})

const isStateful = (value: number | Schedule | StatefulSchedule): value is StatefulSchedule =>
  typeof value === 'object' &&
  value !== null &&
  ['init', 'update', 'value'].every((name) => typeof new Map(Object.entries(value)).get(name) === 'function')

/**
 * `injectHyperparams` for schedules that have a state, too: such a schedule can follow the loss, or anything else
 * that `update` is given. The state holds theirs.
 *
 * Throws `InvalidArgument` for a hyperparameter that is neither a number nor a schedule, and where a schedule gives NaN.
 *
 * @category Wrappers
 * @see Optax, `inject_stateful_hyperparams`
 * @example
 * ```ts
 * import { injectStatefulHyperparams, type StatefulSchedule, sgd } from 'gradpipe'
 *
 * // halved whenever the loss has grown
 * const halving: StatefulSchedule<{ rate: number; last: number }> = {
 *   extraArgs: ['value'],
 *   init: () => ({ rate: 1, last: Number.POSITIVE_INFINITY }),
 *   update: ({ rate, last }, { value }) => ({ rate: Number(value) > last ? rate / 2 : rate, last: Number(value) }),
 *   value: ({ rate }) => rate,
 * }
 * const tx = injectStatefulHyperparams((h: { learningRate: number }) => sgd(h.learningRate))({ learningRate: halving })
 * let state = tx.init(0)
 * for (const value of [3, 2, 4]) [, state] = tx.update(1, state, 0, { value })
 * assert.equal(tx.update(1, state, 0, { value: 1 })[0], -0.5)
 * ```
 */
export const injectStatefulHyperparams =
  <H extends Hyperparams, S, X = NoExtraArgs>(inner: (hyperparams: H) => GradientTransformation<S, X>) =>
  (
    hyperparams: {
      readonly [K in keyof H]: number | Schedule | StatefulSchedule
    },
  ): GradientTransformation<InjectStatefulHyperparamsState<H, S>, X> => {
    type State = InjectStatefulHyperparamsState<H, S>
    const numbers: Record<string, number> = {}
    const schedules: Record<string, StatefulSchedule> = {}
    for (const [name, value] of Object.entries<number | Schedule | StatefulSchedule>(hyperparams))
      if (typeof value === 'number') numbers[name] = value
      else if (isStateful(value)) schedules[name] = value
      else if (typeof value === 'function') schedules[name] = counting(value)
      else
        throw new GradpipeError(
          'InvalidArgument',
          `injectStatefulHyperparams.${name}`,
          'a number or a schedule',
          shown(value),
        )

    /** The hyperparameters of a step: the schedules' values, and for the others what the state says. */
    const valuesOf = (
      states: Readonly<Record<string, unknown>>,
      current: Hyperparams,
      extraArgs: ExtraArgs,
      count: number,
    ): H =>
      // the names are those of the hyperparameters
      Object.fromEntries(
        Object.keys(hyperparams).map((name) => [
          name,
          schedules[name] === undefined
            ? (current[name] ?? numbers[name])
            : ofSchedule(
                'injectStatefulHyperparams',
                name,
                count,
                schedules[name].value(states[name], extraArgs),
              ),
        ]),
      ) as H
    const mapSchedules = (
      f: (schedule: StatefulSchedule, name: string) => unknown,
    ): State['hyperparamsStates'] =>
      Object.fromEntries(Object.entries(schedules).map(([name, schedule]) => [name, f(schedule, name)]))

    const first = valuesOf(
      mapSchedules((schedule) => schedule.init()),
      {},
      {},
      0,
    )
    const tx = inject<H, S, X, State>('injectStatefulHyperparams', inner, {
      first,
      reads: Object.values(schedules).flatMap(({ extraArgs = [] }) => extraArgs),
      begun: (innerState) => ({
        count: 0,
        hyperparams: first,
        hyperparamsStates: mapSchedules((schedule) => schedule.init()),
        innerState,
      }),
      resumed: (state, where, extraArgs) => {
        const { count, hyperparams, hyperparamsStates: states } = state ?? {}
        if (typeof count !== 'number' || typeof hyperparams !== 'object' || typeof states !== 'object')
          throw new GradpipeError(
            'TreeMismatch',
            where,
            'a state with count, hyperparams and hyperparamsStates',
            shown(state),
          )
        for (const name of Object.keys(schedules))
          if (!Object.hasOwn(states, name))
            throw new GradpipeError(
              'TreeMismatch',
              `${where}.hyperparamsStates.${name}`,
              'a state',
              'nothing',
            )
        const values = valuesOf(states, hyperparams, extraArgs, count)
        return {
          values,
          wrap: (innerState) => ({
            count: count + 1,
            hyperparams: values,
            hyperparamsStates: mapSchedules((schedule, name) => schedule.update(states[name], extraArgs)),
            innerState,
          }),
        }
      },
    })
    return called(['injectStatefulHyperparams', inner, hyperparams], tx)
  }
