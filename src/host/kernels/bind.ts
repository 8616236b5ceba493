/**
 * Binding: a job's passes with their kernels, the leaves that each is for, and what a memory keeps with them. It stays
 * from step to step.
 */

import { type Final, type Passes, type Phase, passesOf, type Stage } from '../../compile/passes.js'
import type { Precision } from '../../compile/wasm/width.js'
import type { Reduce, ReduceKind } from '../../rule/expr.js'
import { sizeOf } from '../../rule/leaf.js'
import type { LeafPlan } from '../../rule/plan.js'
import type { Refusal } from '../fallback.js'
import type { Job } from '../work.js'
import type { Compile, Kernel } from './compile.js'

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
  /** All leaves in their order, each with its group and its row there. */
  readonly order: readonly { readonly group: Group<L>; readonly row: number }[]
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

const same = (x: number): number => x

const precisions: readonly Precision[] = ['float32', 'float64']

/** The leaves of each plan, by their precision. */
const groupsOf = (
  job: Job,
): readonly {
  readonly plan: LeafPlan
  readonly precision: Precision
  readonly leaves: readonly number[]
}[] =>
  [...job.plan.leaves.values()].flatMap((plan) =>
    precisions.flatMap((precision) => {
      const leaves = job.leaves.flatMap(({ plan: own, spec }, i) =>
        own === plan && spec.dtype === precision ? [i] : [],
      )
      return leaves.length === 0 ? [] : [{ plan, precision, leaves }]
    }),
  )

/** The sites of a stage of the given groups. */
const sitesOf = (
  groups: readonly { readonly plan: LeafPlan; readonly precision: Precision }[],
  stage: number,
): Sites => {
  const sites = new Map<string, Site>()
  for (const { plan, precision } of groups)
    for (const { over, site, kind } of plan.stages[stage] ?? [])
      if (over === 'tree') {
        const isSingle = precision === 'float32' && (sites.get(site)?.isSingle ?? true)
        sites.set(site, { name: site, kind, isSingle })
      }
  const all = [...sites.values()]
  return {
    all,
    totals: new Float64Array(all.length),
    powers: new Float64Array(all.length).fill(1),
    hasNorms: all.some(({ kind }) => kind === 'norm'),
  }
}

/** Binds a job. What is read and computed of leaves of some sizes may be kept from phase to phase. */
export const bind = <L>(
  job: Job,
  compile: Compile,
  lay: Lay<L>,
  keeps: (sizes: readonly number[]) => boolean = () => false,
): Binding<L> | Refusal => {
  let refused: Refusal | undefined
  const kernelOf = ({ loop }: Phase, precision: Precision): Kernel | null => {
    if (loop.stores.length + loop.reductions.length === 0) return null
    const kernel = compile(loop, precision)
    if (kernel === null || !('_tag' in kernel)) return kernel
    refused = kernel
    return null
  }
  const plans = groupsOf(job)
  const sites = Array.from({ length: job.plan.stages }, (_, stage) => sitesOf(plans, stage))
  const groups = plans.map(({ plan, precision, leaves }): Group<L> => {
    const shapes = leaves.map((i) => job.leaves[i]?.spec.shape ?? [])
    const sizes = shapes.map(sizeOf)
    const round = precision === 'float32' ? Math.fround : same
    const passes = passesOf(plan, job.host, round, keeps(sizes))
    const layout = lay(sizes, precision)
    const bound = <P extends Phase>(phase: P): Bound<P, L> => ({
      phase,
      kernel: kernelOf(phase, precision),
      numbers: new Float64Array(phase.tape.length),
      layout: layout(phase),
    })
    const boundStage = (stage: Stage, index: number): BoundStage<L> => {
      const reductions = [...stage.loop.reductions, ...stage.ofNumbers]
      const length = reductions.length * leaves.length
      return {
        ...bound(stage),
        reductions,
        shares: new Float64Array(length),
        powers: new Float64Array(length).fill(1),
        sites: reductions.map(({ over, site }) =>
          over === 'leaf' ? -1 : (sites[index]?.all.findIndex(({ name }) => name === site) ?? -1),
        ),
        hasNorms: reductions.some(({ kind }) => kind === 'norm'),
        hasOwn: reductions.some(({ over }) => over !== 'tree'),
      }
    }
    return {
      passes,
      precision,
      round,
      leaves,
      shapes,
      sizes,
      elements: sizes.reduce((total, size) => total + size, 0),
      stages: passes.stages.map(boundStage),
      final: bound(passes.final),
      singles: new Float64Array(passes.final.ofNumbers.length * leaves.length),
      given: Float64Array.from(
        leaves.flatMap((i) => [
          ...passes.slots.map(() => Number.NaN),
          ...passes.scalars.map((node) => job.leaves[i]?.scalars.get(node) ?? Number.NaN),
        ]),
        round,
      ),
      perLeaf: [...passes.stages, passes.final].some(({ perLeaf }) => perLeaf),
      reduced: new Float64Array(passes.reductions.length * leaves.length),
    }
  })
  if (refused !== undefined) return refused
  const order = groups.flatMap((group) => group.leaves.map((leaf, row) => ({ leaf, group, row })))
  return { groups, sites, values: new Map(), order: order.sort((a, b) => a.leaf - b.leaf) }
}
