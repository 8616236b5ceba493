/**
 * A job, bound: its passes with their kernels, the leaves that each is for, and what a memory keeps with them. It stays
 * from step to step.
 */
import type { Final, Passes, Phase, Stage } from '../../compile/passes.js'
import type { Precision } from '../../compile/wasm/width.js'
import type { Reduce, ReduceKind } from '../../rule/expr.js'
import type { LeafPlan } from '../../rule/plan.js'
import type { Kernel } from './compile.js'

/** A phase, compiled; `L` is what a memory keeps with it. */
export interface Bound<P extends Phase, L> {
  readonly phase: P
  /** `null` of a loop that has nothing to do, or is done without. */
  readonly kernel: Kernel | null
  /** The phase's numbers, of one leaf at a time. */
  readonly numbers: Float64Array
  readonly layout: L
}

/** A stage of reductions, compiled. */
export interface BoundStage<L> extends Bound<Stage, L> {
  /** Those of elements, and then those of numbers. */
  readonly reductions: readonly Reduce[]
  /** Their shares: a row per leaf. Of norms, sums of squares. */
  readonly shares: Float64Array
  /** Beside them, what the elements of norms are multiplied by; 1 between two steps. */
  readonly powers: Float64Array
  /** Beside the reductions: of those over the tree, which of the stage's sites it is, of others −1. */
  readonly sites: readonly number[]
  /** Whether any is a norm. */
  readonly hasNorms: boolean
  /** Whether any is over a leaf. */
  readonly hasOwn: boolean
}

/** What is reduced over the tree in one stage. */
export interface Site {
  readonly name: string
  readonly kind: ReduceKind
  /** Whether all its elements are float32. */
  readonly isSingle: boolean
}

/** A stage's reductions over the tree, and where their values are made. */
export interface Sites {
  readonly all: readonly Site[]
  /** What the leaves' shares add up to. */
  readonly totals: Float64Array
  /** What the elements of norms were multiplied by; 1 between two steps. */
  readonly powers: Float64Array
  /** Whether any is a norm. */
  readonly hasNorms: boolean
}

/** A job, bound. */
export interface Binding<L> {
  readonly groups: readonly Group<L>[]
  /** Per stage what is reduced over the tree. */
  readonly sites: readonly Sites[]
  /** The values of these, by their names: each step writes them, stage after stage. */
  readonly values: Map<string, number>
}

/** The leaves of one plan and precision. */
export interface Group<L> {
  readonly passes: Passes
  readonly precision: Precision
  readonly round: (x: number) => number
  /** Which leaves of the job these are, and how many elements each has. */
  readonly leaves: readonly number[]
  readonly sizes: readonly number[]
  readonly shapes: readonly (readonly number[])[]
  /** How many elements all its leaves have. */
  readonly elements: number
  readonly stages: readonly BoundStage<L>[]
  readonly final: Bound<Final, L>
  /** The values of outputs of one number, of scope `leaf` or `tree`: a row of those per leaf. */
  readonly singles: Float64Array
  /** What tapes are given of the leaves: a row of the passes' slots, which each step reads, and scalars per leaf. */
  readonly given: Float64Array
  /** Whether the numbers of any phase differ from leaf to leaf. */
  readonly perLeaf: boolean
  /** The values of reductions over a leaf: a row of the passes' reductions per leaf. */
  readonly reduced: Float64Array
}

/** What a memory keeps with the phases over leaves of these sizes. */
export type Lay<L> = (sizes: readonly number[], precision: Precision) => (phase: Phase) => L

/** The leaves of one plan and precision, before they are bound. */
export interface Planned {
  readonly plan: LeafPlan
  readonly precision: Precision
  readonly leaves: readonly number[]
}
