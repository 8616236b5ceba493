/**
 * GradientTransformation: a pure pair of `init` and `update` over trees, as in Optax.
 *
 * Most transformations are made of rules (`Ruled`): what happens to each leaf is data, so they can be fused with
 * their neighbours and handed to any interpreter. What needs matrices, randomness or a value from the device is
 * an ordinary pair of functions.
 */
import type { Call } from '../options.js'
import type { Expr } from '../rule/expr.js'
import { remember } from '../rule/intern.js'
import type { Leaf, LeafSpec, Params } from '../rule/leaf.js'
import type { Rule } from '../rule/rule.js'
import type { Extent } from '../rule/scope.js'
import type { Process } from './process.js'
import { hasState, type Task } from './task.js'

// extra arguments

/**
 * What `update` takes besides gradients, state and parameters, by name: the `value` of the loss, a function
 * `valueFn`. Each transformation takes the names that it knows, and ignores the others.
 *
 * @category Transformations
 */
export type ExtraArgs = Readonly<Record<string, unknown>>

/**
 * The extra arguments of a transformation that needs none.
 *
 * @category Transformations
 */
export type NoExtraArgs = Readonly<Record<never, never>>

/**
 * The arguments of `update` after gradients and state: parameters, and the extra arguments of type `X`. Both may be
 * left out if no extra argument is needed.
 *
 * @category Transformations
 */
export type UpdateArgs<X> = NoExtraArgs extends X
  ? readonly [params?: Params | undefined, extraArgs?: X & ExtraArgs]
  : readonly [params: Params | undefined, extraArgs: X & ExtraArgs]

// model

/**
 * A gradient transformation with state of type `S`, whose `update` needs extra arguments of type `X`.
 *
 * Both functions are pure: they borrow their arguments, and neither change nor free them. Every tensor in a result is
 * new, and the caller disposes it. `null` in a tree means "nothing here": a leaf without a gradient keeps its value
 * and its state. Trees are matched by key, whatever the order.
 *
 * @category Transformations
 * @example
 * ```ts
 * import { adam, applyUpdates } from 'gradpipe'
 *
 * const tx = adam(0.1)
 * let params = { w: 1, b: 0 }
 * let state = tx.init(params)
 * const [updates, next] = tx.update({ w: 5, b: 0 }, state, params)
 * params = applyUpdates(params, updates)
 * state = next
 * assert.ok(Math.abs(params.w - 0.9) < 1e-8)
 * ```
 */
export interface GradientTransformation<S = unknown, X = NoExtraArgs> {
  /**
   * The state before the first step. Throws `InvalidLeaf` or `Disposed` for something that cannot be a leaf.
   */
  init(params: Params): S
  /**
   * What to add to the parameters, and the next state.
   *
   * Throws, before anything is made: `TreeMismatch`, `ShapeMismatch` or `DtypeMismatch` if gradients, state and
   * parameters do not fit each other; `MissingParams`; `MissingArgument`; `Disposed`.
   */
  update(grads: number, state: S, ...rest: UpdateArgs<X>): readonly [updates: number, state: S]
  /** The same for trees: the updates have the type of the gradients. */
  update<P extends Params>(grads: P, state: S, ...rest: UpdateArgs<X>): readonly [updates: P, state: S]
  /**
   * `update` without blocking on the device (WebGPU). Only transformations that read a value have it; the function
   * `updateAsync` works for all.
   */
  updateAsync?<P extends Params>(
    grads: P,
    state: S,
    ...rest: UpdateArgs<X>
  ): Promise<readonly [updates: P, state: S]>
  /** @internal The call of a factory that made it, for `describe`; absent if it was made otherwise. */
  readonly call?: Call
  /** @internal How to fuse it; absent if the transformation is not made of rules. */
  readonly ruled?: Ruled<S>
  /** @internal The same transformation of changed members; absent if it is a rule, or not made of others. */
  readonly ofChanged?: (
    change: (member: AnyTransformation) => AnyTransformation,
  ) => GradientTransformation<S, X>
  /** @internal The members of a chain, whose state is the tuple of theirs; absent if this is not a chain. */
  readonly members?: readonly AnyTransformation[]
  /** @internal Whether it takes a gradient for each example, with one axis more than the parameters. */
  readonly takesExamples?: boolean
  /** @internal `update` as a process, if it reads from the device; otherwise absent. */
  process?(
    grads: Params,
    state: S,
    params: Params | undefined,
    extraArgs: ExtraArgs,
  ): Process<readonly [updates: Params, state: S]>
  /** @internal Never there: to the type checker, whoever needs more extra arguments is no substitute. */
  readonly needs?: (extraArgs: X) => void
}

/**
 * Something that steps parameters in another way than by adding updates that are like the gradients. `step` and
 * `stepAsync` take it in place of a transformation.
 *
 * @category Transformations
 */
export interface Stepping<S, X = NoExtraArgs> {
  /** @internal The call of a factory that made it. */
  readonly call?: Call
  /** @internal A step; with `donate` it consumes parameters, state and gradients. */
  stepping(
    params: Params,
    state: S,
    grads: Params,
    extraArgs: ExtraArgs,
    donate: boolean,
  ): Process<readonly [params: Params, state: S]>
  /** @internal Never there: to the type checker, whoever needs more extra arguments is no substitute. */
  readonly needs?: (extraArgs: X) => void
}

/**
 * Any transformation, with any state and any extra arguments.
 *
 * @category Transformations
 */
export type AnyTransformation = GradientTransformation<unknown, never>

/**
 * The state of a transformation: `StateOf<typeof tx>`.
 *
 * @category Transformations
 */
export type StateOf<T> = T extends GradientTransformation<infer S, never> ? S : never

/**
 * The extra arguments that some transformations, given as a union, need together.
 *
 * @category Transformations
 */
export type ExtraArgsOf<T> = (
  T extends {
    /** Exists only in the type. */
    readonly needs?: (extraArgs: infer X) => void
  }
    ? (extraArgs: X) => void
    : never
) extends (extraArgs: infer X) => void
  ? X
  : never

/**
 * The state of a transformation that keeps none.
 *
 * @category Transformations
 */
export type EmptyState = Readonly<Record<never, never>>

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
