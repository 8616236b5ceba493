/**
 * Program: what a transformation that is made of rules does to each leaf, as data, and the numbers of one of its steps.
 */
import type { Call } from '../options.js'
import type { Expr } from '../rule/expr.js'
import { remember } from '../rule/intern.js'
import type { Leaf, LeafSpec, Params } from '../rule/leaf.js'
import type { Rule } from '../rule/rule.js'
import type { Extent } from '../rule/scope.js'
import { hasState, type Task } from './task.js'

/**
 * What `update` takes besides gradients, state and parameters, by name: the `value` of the loss, a function
 * `valueFn`. Each transformation takes the names that it knows, and ignores the others.
 *
 * @category Transformations
 */
export type ExtraArgs = Readonly<Record<string, unknown>>

/**
 * What a transformation does in every step, whatever the numbers: the same object as long as only numbers change, so
 * that what was computed for one step serves the next.
 *
 * Slots and scalars are named by their place in the state, `0.mu`, so the rules of a chain do not clash.
 */
export interface Program {
  /** What happens to a leaf; equal leaves should get the same object. */
  readonly rule: (leaf: LeafSpec) => Rule
  /** The names of all rules' scalars. */
  readonly scalars: readonly string[]
  /** All slots that any leaf may have. */
  readonly slots: readonly SlotPlace[]
  /** What is read like a slot, but given again in every step. */
  readonly inputs: readonly SlotPlace[]
  /** Throws if the parameters, or gradients without any, are not those that masks and labels were made for. */
  readonly fits?: ((tree: Params) => void) | undefined
}

const slotsAndInputs: (program: Program) => readonly SlotPlace[] = remember((program: Program) =>
  program.inputs.length === 0 ? program.slots : [...program.slots, ...program.inputs],
)

/** A program's slots, once there is a state, and its inputs: what its rules read besides gradients and parameters. */
export const placesOf = (program: Program, task: Task): readonly SlotPlace[] =>
  hasState(task) ? slotsAndInputs(program) : program.inputs

/** The values of a step's slots and inputs, beside {@link placesOf}. */
export const valuesOf = ({ slots, inputs }: Step<unknown>): readonly Params[] =>
  inputs.length === 0 ? slots : [...slots, ...inputs]

/** Where a slot stands in the state, as a path, and how far it reaches. */
export interface SlotPlace {
  readonly name: string
  readonly scope: Extent
  /** Its name in errors, if that differs from its own. */
  readonly at?: string
}

/** A scalar as its rule declares it, under the name that the rule gave it: what `sourcesOf` finds out more of. */
export type DeclaredScalar =
  /** One of these hyperparameters, which are constant or a function of the clock. */
  | {
      readonly _tag: 'Declared'
      readonly name: string
      readonly among:
        | Readonly<Record<string, number>>
        | ((clock: { readonly count: number; readonly t: number }) => Readonly<Record<string, number>>)
    }
  /** A number that the state keeps: the first one, and the next one, a term in the scalars of the same rule. */
  | { readonly _tag: 'Kept'; readonly name: string; readonly start: number; readonly next: Expr }
  /** An extra argument. */
  | { readonly _tag: 'Given'; readonly name: string }

/** One step of a transformation, after the host has computed its part: a program and its numbers. */
export interface Step<S> {
  readonly program: Program
  /** The scalars, in float64, in the program's order. */
  readonly scalars: readonly number[]
  /** How each scalar is declared, in the program's order; `undefined` where somebody else gives the numbers. */
  readonly declared: () => readonly DeclaredScalar[] | undefined
  /**
   * The slots' current values, in the program's order: a tree like the parameters, or one leaf for the scope
   * `tree`. Empty before there is a state.
   */
  readonly slots: readonly Params[]
  /** The inputs' values, in the program's order; empty before there is a state. */
  readonly inputs: readonly Params[]
  /** The state that holds the slots' next values. */
  readonly finish: (slots: readonly Params[]) => S
  /** The state that holds these slots if the step is not made: counts of steps stay. */
  readonly hold: (slots: readonly Params[]) => S
}

/** A transformation that is made of rules. */
export interface Ruled<S> {
  /** The call of a factory that made it. */
  readonly call?: Call
  /**
   * Extra arguments that the host has to know: a scalar tensor among them is read, and `resume` gets its number. A
   * transformation made of others has theirs.
   */
  readonly reads?: readonly string[] | undefined
  /**
   * Where the numbers of its steps come from: they are the same in all steps, and the state is nothing but slots; or they are
   * the state's own. Absent where extra arguments may matter.
   */
  readonly numbers?: 'constant' | 'own' | undefined
  /** The step that makes the first state: it computes only the first values of the slots. */
  begin(): Step<S>
  /**
   * The step that goes on from a state; `at` is the path of the state in errors.
   *
   * Throws `TreeMismatch` for a state that is not this transformation's, `MissingArgument` for an extra argument that
   * is not there.
   */
  resume(state: S, at: string, extraArgs: ExtraArgs): Step<S>
}

/**
 * A leaf or `null`, in a state that keeps one value for the whole tree.
 *
 * @category Rules
 */
export type TreeValue = Leaf | null
