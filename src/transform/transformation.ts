/**
 * GradientTransformation: a pure pair of `init` and `update` over trees, as in Optax.
 *
 * Most transformations are made of rules (`Ruled`): what happens to each leaf is data, so they can be fused with
 * their neighbours and handed to any interpreter. What needs matrices, randomness or a value from the device is
 * an ordinary pair of functions.
 */
import type { Leaf, LeafSpec, Params } from '../rule/leaf.js'
import type { Rule } from '../rule/rule.js'
import type { Scope } from '../rule/scope.js'

// model

/**
 * A gradient transformation with state of type `S`.
 *
 * Both functions are pure: they borrow their arguments and change or free none of them; every tensor in a
 * result is new and the caller's to dispose. `null` in a tree means "nothing here": a leaf without a gradient is
 * left alone, with its state. Trees are matched by key, whatever their order.
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
export interface GradientTransformation<S = unknown> {
  /**
   * The state before the first step. Throws `InvalidLeaf` or `Disposed` for a leaf that cannot be one.
   */
  init(params: Params): S
  /**
   * What to add to the parameters, and the next state.
   *
   * Throws, before anything is made: `TreeMismatch`, `ShapeMismatch`, `DtypeMismatch` where gradients, state and
   * parameters do not fit each other; `MissingParams`; `Disposed`.
   */
  update(grads: number, state: S, params?: Params): readonly [updates: number, state: S]
  /** The same for trees: the updates have the type of the gradients. */
  update<P extends Params>(grads: P, state: S, params?: Params): readonly [updates: P, state: S]
  /** @internal How to fuse it; absent where the transformation is not made of rules. */
  readonly ruled?: Ruled<S>
}

/**
 * The state of a transformation that keeps none.
 *
 * @category Transformations
 */
export type EmptyState = Readonly<Record<never, never>>

/**
 * What a transformation does in every step, whatever the numbers: the same object as long as nothing but numbers
 * changes, so that what was worked out for one step serves the next.
 *
 * Slots and scalars are named by their place in the state, `0.mu`, so that the rules of a chain keep apart.
 */
export interface Program {
  /** What happens to a leaf; equal leaves should get the same object. */
  readonly rule: (leaf: LeafSpec) => Rule
  /** The names of all rules' scalars. */
  readonly scalars: readonly string[]
  /** All slots that any leaf may have. */
  readonly slots: readonly SlotPlace[]
}

/** Where a slot stands in the state, as a path, and how far it reaches. */
export interface SlotPlace {
  readonly name: string
  readonly scope: Scope
}

/** One step of a transformation, once the host has had its say: a program and its numbers. */
export interface Step<S> {
  readonly program: Program
  /** The scalars, in float64, in the program's order. */
  readonly scalars: readonly number[]
  /**
   * The slots' current values, in the program's order: a tree like the parameters, or one leaf for the scope
   * `tree`. Empty before there is a state.
   */
  readonly slots: readonly Params[]
  /** The state that holds the slots' next values. */
  readonly finish: (slots: readonly Params[]) => S
}

/** A transformation that is made of rules. */
export interface Ruled<S> {
  /** The step that makes the first state: of its rules only the slots' first values are computed. */
  begin(): Step<S>
  /**
   * The step that leads on from a state; `at` is where an error says that the state stands.
   *
   * Throws `TreeMismatch` for a state that is not this transformation's.
   */
  resume(state: S, at: string): Step<S>
}

/**
 * A leaf or `null`, where a state keeps one value for the whole tree.
 *
 * @category Rules
 */
export type TreeValue = Leaf | null
