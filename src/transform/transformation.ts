/**
 * GradientTransformation: a pure pair of `init` and `update` over trees, as in Optax.
 *
 * Most transformations are made of rules (`Ruled`): what happens to each leaf is data, so they can be fused with
 * their neighbours and handed to any interpreter. What needs matrices, randomness or a value from the device is
 * an ordinary pair of functions.
 */
import type { Call } from '../options.js'
import type { Process } from '../program/process.js'
import type { ExtraArgs, Ruled } from '../program/program.js'
import type { Params } from '../rule/leaf.js'

// extra arguments

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
