/** A phase of a step over leaves: totals of the tree first, one stage after the other, and then what becomes of each leaf. */
import type { Reduce } from '../rule/expr.js'
import { plan } from '../rule/plan.js'
import type { Outputs } from '../rule/rule.js'
import { resultsOf, type Shared, type Statements, totalsOf } from './function.js'

/** A function of the module. */
export interface Named extends Statements {
  readonly name: string
  /** The lines of its docstring. */
  readonly doc: readonly string[]
}

/** The functions of a phase. */
export interface Phase {
  readonly functions: readonly Named[]
  /** Of each outputs, in their order: a function per stage, and the one that gives the results. */
  readonly of: ReadonlyMap<Outputs, readonly string[]>
  /** What is reduced over the tree, stage by stage: one for each site. */
  readonly totals: readonly (readonly Reduce[])[]
}

/** The stages of reductions over the tree, of leaves with these outputs. */
const stagesOf = (all: readonly Outputs[]): ReadonlyMap<Outputs, readonly (readonly Reduce[])[]> => {
  const { leaves, stages } = plan(all)
  const ofTree = [...leaves].map(
    ([outputs, leaf]) =>
      [outputs, leaf.stages.map((stage) => stage.filter(({ over }) => over === 'tree'))] as const,
  )
  const used = Array.from({ length: stages }, (_, i) => i).filter((i) =>
    ofTree.some(([, own]) => (own[i] ?? []).length > 0),
  )
  return new Map(ofTree.map(([outputs, own]) => [outputs, used.map((i) => own[i] ?? [])]))
}

/** All reductions over the tree that leaves with these outputs have. */
export const totalsIn = (all: readonly Outputs[]): readonly Reduce[] => [...stagesOf(all).values()].flat(2)

/** The phase of leaves with these outputs; `update` is the name of what is no slot among them. */
export const phaseOf = (
  outputs: ReadonlyMap<Outputs, Pick<Named, 'name' | 'doc'>>,
  update: string,
  shared: Shared,
): Phase => {
  const stages = stagesOf([...outputs.keys()])
  const functions: Named[] = []
  const of = new Map<Outputs, readonly string[]>()
  const totals: Map<string, Reduce>[] = []
  for (const [each, { name, doc }] of outputs) {
    const own = (stages.get(each) ?? []).map((reductions, i) => {
      const stage = totals[i] ?? new Map<string, Reduce>()
      totals[i] = stage
      for (const node of reductions) stage.set(node.site, node)
      if (reductions.length === 0) return '_nothing'
      const called = `${name}_totals${i === 0 ? '' : `_${i + 1}`}`
      functions.push({
        name: called,
        doc: [`What of a leaf goes into totals, for ${name}.`],
        ...totalsOf(reductions, shared),
      })
      return called
    })
    functions.push({ name, doc, ...resultsOf(each, update, shared) })
    of.set(each, [...own, name])
  }
  return { functions, of, totals: totals.map((stage) => [...stage.values()]) }
}
