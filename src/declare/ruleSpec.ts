/** How a rule is declared: its slots, its scalars, what it reads and what it gives back. */
import type { Call } from '../options.js'
import type { TreeValue } from '../program/program.js'
import type { LeafSpec, Params, TensorLike } from '../rule/leaf.js'
import type { Scope, UpTo } from '../rule/scope.js'
import type { SlotSpec } from '../rule/slot.js'
import type { Term } from '../rule/term.js'
import type { RowsAndColumns } from '../rule/view.js'

// model

/**
 * When a step happens.
 *
 * @category Rules
 */
export interface Clock {
  /** How many updates were made before: what schedules are functions of. */
  readonly count: number
  /** `count + 1`, the step's own number: the $t$ of bias corrections. */
  readonly t: number
}

/**
 * A rule's hyperparameters: constant, or a function of the clock, called on the host at each step.
 *
 * Whoever prints or describes a rule calls the function once with terms in the place of numbers. What it hands on, `t` or
 * `schedule(count)` of a schedule that is a term, is then known as one; what it computes itself, as `0.1 / t`, throws there
 * and stays a function.
 *
 * @category Rules
 */
export type Scalars = Readonly<Record<string, number>> | ((clock: Clock) => Readonly<Record<string, number>>)

/**
 * The slots of a rule, by name.
 *
 * @category Rules
 */
export type SlotSpecs = Readonly<Record<string, SlotSpec>>

/**
 * The scalars of one step, as a rule declares them.
 *
 * @category Rules
 */
export type ScalarsOf<H extends Scalars> = H extends (clock: Clock) => infer R ? R : H

/**
 * A term of scope `S` or a narrower one.
 *
 * @category Rules
 */
export type TermUpTo<S extends Scope> = UpTo<S> extends infer T ? (T extends Scope ? Term<T> : never) : never

/**
 * The extra arguments that a rule names: each a number or a scalar tensor.
 *
 * @category Rules
 */
export type RuleExtraArgs<E extends string> = { readonly [K in E]: number | TensorLike }

/**
 * What a rule reads: the incoming update `g`, the parameter `p`, its slots, and extra arguments of `update`.
 *
 * @category Rules
 */
export type RuleInputs<L extends SlotSpecs, E extends string = never, I extends string = never> = {
  /** The incoming update: the gradient, or what the chain has made of it. */
  readonly g: Term<'element'>
  /** The parameter. */
  readonly p: Term<'element'>
} & { readonly [K in keyof L]: Term<L[K]['scope']> } & { readonly [K in E]: Term<'tree'> } & {
  readonly [K in I]: Term<'element'>
}

/**
 * Numbers that differ from leaf to leaf, by name: functions of a leaf's path, shape and dtype.
 *
 * @category Rules
 */
export type LeafScalars<N extends string> = { readonly [K in N]: (leaf: LeafSpec) => number }

/**
 * The scalars that a rule reads: its hyperparameters, the same for all leaves, and those of each leaf.
 *
 * @category Rules
 */
export type RuleScalars<H extends Scalars, N extends string = never> = {
  readonly [K in keyof ScalarsOf<H>]: Term<'host'>
} & { readonly [K in N]: Term<'leaf'> }

/**
 * What a rule gives back: the update, and every slot's next value, of its scope or a narrower one.
 *
 * @category Rules
 */
export type RuleResult<L extends SlotSpecs> = {
  /** What takes the place of `g`. */
  readonly update: Term<Scope>
} & {
  readonly [K in keyof L]: TermUpTo<L[K]['scope']>
}

/**
 * The state of a rule: its slots, and the count if its scalars depend on the clock.
 *
 * @category Rules
 */
export type RuleState<L extends SlotSpecs, H extends Scalars> = (H extends (clock: Clock) => unknown
  ? {
      /** Updates made. */
      readonly count: number
    }
  : unknown) & {
  readonly [K in keyof L]: L[K]['scope'] extends 'host'
    ? number
    : L[K]['scope'] extends 'tree'
      ? TreeValue
      : Params
}

/**
 * A rule, declared.
 *
 * @category Rules
 */
export interface RuleSpec<
  L extends SlotSpecs,
  H extends Scalars,
  E extends string = never,
  I extends string = never,
  N extends string = never,
> {
  /**
   * How a leaf is looked at, by a rule of matrices, rows or columns: which axes are the rows' and which the columns'. A
   * leaf for which it gives `null` passes unchanged, without state.
   */
  readonly axes?: (leaf: LeafSpec) => RowsAndColumns | null
  /**
   * The state that is kept per element, row, column, matrix, leaf or tree, or on the host; `update`, `g`, `p` and `count`
   * are taken.
   */
  readonly slots: L
  /** @internal The call of a factory that this rule is; a rule of one's own is described by its terms. */
  readonly call?: Call
  /** @internal Throws for parameters that the functions of a leaf are not for. */
  readonly fits?: (tree: Params) => void
  /** The hyperparameters. */
  readonly scalars: H
  /**
   * Numbers that differ from leaf to leaf, each a function of a leaf's path, shape and dtype: a rate by width or depth. It
   * is called once per structure of trees, not in every step, and its numbers are handed to one kernel for all leaves.
   */
  readonly leafScalars?: LeafScalars<N>
  /** The names of the extra arguments of `update` that the rule reads, numbers or scalar tensors. Default: none. */
  readonly extraArgs?: readonly E[]
  /** The update rule. Called once: it builds a term. */
  readonly step: (inputs: RuleInputs<L, E, I>, scalars: RuleScalars<H, N>) => RuleResult<L>
}
