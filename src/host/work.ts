/**
 * Work: one step over the leaves of a tree, as an interpreter is given it, and what comes back.
 *
 * What stays the same from step to step is a `Job`, whose identity an interpreter may remember things by. The
 * numbers come in columns, one per input, so that a thousand leaves need no thousand objects.
 */
import { GradpipeError } from '../error.js'
import type { Expr, LeafScalar } from '../rule/expr.js'
import type { Leaf, LeafKind, LeafSpec } from '../rule/leaf.js'
import type { LeafPlan, Plan } from '../rule/plan.js'
import { showPath } from '../tree/path.js'

// what stays

/** The numbers that the host knows of a leaf: of all that its plan reads. */
export type LeafNumbers = ReadonlyMap<LeafScalar, number>

/** A leaf on which something is to be done. */
export interface JobLeaf {
  readonly spec: LeafSpec
  readonly kind: LeafKind
  readonly plan: LeafPlan
  readonly scalars: LeafNumbers
}

/** What is done in every step over trees of one structure. */
export interface Job {
  readonly plan: Plan
  readonly leaves: readonly JobLeaf[]
  /** The largest subterms that the host computes, each once. */
  readonly host: readonly Expr[]
  /** Whether anything of any leaf differs along some of its axes alone. */
  readonly byAxes: boolean
}

// what changes

/** What the leaves of a job have of one input; `null` where one has nothing. */
export type Column<V> = readonly (V | null)[]

/** One step of a job. What a leaf's plan does not read may be `null`. */
export interface Work<V = Leaf> {
  readonly job: Job
  readonly gradients: Column<V>
  readonly parameters: Column<V>
  /** The slots of scope `element` and `leaf`, by name. */
  readonly slots: Readonly<Record<string, Column<V>>>
  /** The slots of scope `tree`, by name. */
  readonly treeSlots: Readonly<Record<string, V | null>>
  /** The values of the job's host terms, in float64. */
  readonly host: Float64Array
  /**
   * Whether parameters and slots are given up: the output of the same name may take the memory of one that nobody
   * else holds, and then disposes it. Gradients are read only.
   */
  readonly donate: boolean
  /** What the trees have beside the leaves of the job: whoever shares memory with that holds it with somebody else. */
  readonly beside?: readonly Column<Leaf>[]
}

/** The leaves of a step's parameters and slots, which stay where it is made in place. */
export const staying = <V>({ parameters, slots, treeSlots }: Work<V>): readonly V[] =>
  [parameters, ...Object.values(slots), Object.values(treeSlots)].flatMap((column) =>
    column.filter((leaf) => leaf !== null),
  )

/** What an interpreter gives back. Every tensor in it is new, or has taken the place of a donated one. */
export interface Done<V = Leaf> {
  /** The outputs of scope `element` and `leaf`, by name. */
  readonly columns: Readonly<Record<string, Column<V>>>
  /** The outputs of scope `tree`, by name. */
  readonly tree: Readonly<Record<string, V>>
}

/** Computes a step: the outputs of every leaf, from the same plan. */
export type Interpreter<V = Leaf> = (work: Work<V>) => Done<V>

// leaf by leaf

/** One leaf's share of a step. */
export interface LeafWork<V = Leaf> {
  readonly spec: LeafSpec
  readonly plan: LeafPlan
  readonly scalars: LeafNumbers
  readonly gradient: V | null
  readonly parameter: V | null
  /** The current values of the leaf's slots, and of those that the tree has. */
  readonly slots: Readonly<Record<string, V | null>>
}

/** A step's work, leaf by leaf. */
export const leafWorks = <V>({
  job,
  gradients,
  parameters,
  slots,
  treeSlots,
}: Work<V>): readonly LeafWork<V>[] => {
  const columns = Object.entries(slots)
  return job.leaves.map(({ spec, plan, scalars }, i) => ({
    spec,
    plan,
    scalars,
    gradient: gradients[i] ?? null,
    parameter: parameters[i] ?? null,
    slots: {
      ...treeSlots,
      ...Object.fromEntries(columns.map(([name, column]) => [name, column[i] ?? null])),
    },
  }))
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
