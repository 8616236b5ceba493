/**
 * Plan: which reductions a step needs first, for every interpreter alike.
 *
 * Everything that is elementwise costs one pass. A reduction must be complete before its value is used, so it
 * comes in an earlier stage; reductions that do not depend on each other share one. Between the stages nothing
 * is stored: cheap elementwise work is done again, which costs less than memory.
 */
import type { Expr, LeafScalar, Reduce } from './expr.js'
import { parts, subterms } from './fold.js'
import { exprsOf, type Outputs } from './rule.js'
import { isAxes } from './scope.js'

// model

/** What one leaf's outputs need. */
export interface LeafPlan {
  /** The terms to compute. */
  readonly outputs: Outputs
  /** Per stage the reductions over this leaf's elements, its share of those over the tree among them. */
  readonly stages: readonly (readonly Reduce[])[]
  /** The largest subterms that the host computes, once per step. */
  readonly host: readonly Expr[]
  /** What the host knows of the leaf, once for all steps. */
  readonly scalars: readonly LeafScalar[]
  /** Whether the gradient is read. */
  readonly readsGradient: boolean
  /** Whether the parameter is read. */
  readonly readsParameter: boolean
  /** Names of the slots that are read. */
  readonly readsSlots: readonly string[]
  /** Whether anything of scope `tree` occurs: a value that the leaves share. */
  readonly shares: boolean
  /** Whether anything differs along some of the leaf's axes alone. */
  readonly byAxes: boolean
}

/** What a step over a tree needs. */
export interface Plan {
  /** One per distinct outputs. */
  readonly leaves: ReadonlyMap<Outputs, LeafPlan>
  /** How many stages of reductions come before the outputs. */
  readonly stages: number
}

// constructors

const hostSubterms = (outputs: readonly Expr[]): readonly Expr[] => {
  const found = new Set<Expr>()
  const seen = new Set<Expr>()
  const visit = (node: Expr): void => {
    if (seen.has(node)) return
    seen.add(node)
    if (node.scope === 'host') found.add(node)
    else parts(node).forEach(visit)
  }
  outputs.forEach(visit)
  return [...found]
}

const planOf = (all: readonly Outputs[]): Plan => {
  const nodes = new Map(all.map((outputs) => [outputs, subterms(exprsOf(outputs))] as const))
  const reductions = [...nodes.values()].flatMap((exprs) =>
    exprs.filter((node): node is Reduce => node._tag === 'Reduce'),
  )
  /** What has to be complete together: a site's reductions are of all leaves that share it. */
  const together = (node: Reduce): readonly Reduce[] =>
    node.over === 'tree'
      ? reductions.filter(({ over, site }) => over === 'tree' && site === node.site)
      : [node]
  /** How many reductions come one after the other in a term. */
  const levels = new Map<Expr, number>()
  const levelOf = (node: Expr): number => {
    const before = levels.get(node)
    if (before !== undefined) return before
    const level =
      node._tag === 'Reduce'
        ? 1 + Math.max(...together(node).map(({ arg }) => levelOf(arg)))
        : Math.max(0, ...parts(node).map(levelOf))
    levels.set(node, level)
    return level
  }

  const stages = Math.max(0, ...reductions.map(levelOf))
  const leaves = [...nodes].map(([outputs, exprs]): readonly [Outputs, LeafPlan] => [
    outputs,
    {
      outputs,
      stages: Array.from({ length: stages }, (_, stage) =>
        exprs.filter((node): node is Reduce => node._tag === 'Reduce' && levelOf(node) === stage + 1),
      ),
      host: hostSubterms(exprsOf(outputs)),
      scalars: exprs.filter((node): node is LeafScalar => node._tag === 'LeafScalar'),
      readsGradient: exprs.some((node) => node._tag === 'Gradient'),
      readsParameter: exprs.some((node) => node._tag === 'Parameter'),
      readsSlots: exprs.flatMap((node) => (node._tag === 'Slot' ? [node.name] : [])),
      shares: exprs.some((node) => node.scope === 'tree'),
      byAxes:
        exprs.some(({ scope }) => isAxes(scope)) || Object.values(outputs).some(({ scope }) => isAxes(scope)),
    },
  ])
  return { leaves: new Map(leaves), stages }
}

const single = new WeakMap<Outputs, Plan>()

/** The plan for leaves with these outputs. */
export const plan = (outputs: Iterable<Outputs>): Plan => {
  const distinct = [...new Set(outputs)]
  const [first] = distinct
  if (first === undefined || distinct.length > 1) return planOf(distinct)
  const known = single.get(first) ?? planOf(distinct)
  single.set(first, known)
  return known
}
