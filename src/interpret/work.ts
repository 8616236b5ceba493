/** Work: one step over a tree, as an interpreter is given it, and what comes back. */
import { GradpipeError } from '../error.js'
import type { Expr } from '../rule/expr.js'
import type { Leaf, LeafSpec } from '../rule/leaf.js'
import type { LeafPlan, Plan } from '../rule/plan.js'
import { showPath } from '../tree/path.js'

/** One leaf's share of a step. What its plan does not read may be `null` or missing. */
export interface LeafWork<V = Leaf> {
  readonly spec: LeafSpec
  readonly plan: LeafPlan
  readonly gradient: V | null
  readonly parameter: V | null
  /** The current values of the leaf's slots, and of those that the tree has. */
  readonly slots: Readonly<Record<string, V>>
}

/** What an atom of a term reads. Work is checked before it is handed out, so that it is there. */
export const input = <V>(leaf: LeafWork<V>, node: Expr): V => {
  const value =
    node._tag === 'Gradient'
      ? leaf.gradient
      : node._tag === 'Parameter'
        ? leaf.parameter
        : node._tag === 'Slot'
          ? leaf.slots[node.name]
          : undefined
  if (value !== undefined && value !== null) return value
  throw new GradpipeError('InvalidArgument', showPath(leaf.spec.path), `a value for ${node._tag}`, 'none')
}

/** One step over the leaves of a tree. */
export interface Work<V = Leaf> {
  readonly plan: Plan
  readonly leaves: readonly LeafWork<V>[]
  /** The value, in float64, of each of the plan's host terms. */
  readonly host: (expr: Expr) => number
}

/** Outputs by name. */
export type Values<V = Leaf> = Readonly<Record<string, V>>

/** What an interpreter gives back; nothing in it shares memory with what it was given. */
export interface Done<V = Leaf> {
  /** Per leaf, in the order of the work: its outputs of scope `element` and `leaf`. */
  readonly leaves: readonly Values<V>[]
  /** The outputs of scope `tree`. */
  readonly tree: Values<V>
}

/** Computes a step: the outputs of every leaf, from the same plan. */
export type Interpreter<V = Leaf> = (work: Work<V>) => Done<V>
