/**
 * Stages: the reductions of a step whose leaves have rows, one stage after the other. Whoever has kernels reduces elements;
 * what has a few numbers per row or column, and all of a leaf without kernels, is computed by the reference.
 */
import type { Expr, Reduce } from '../../rule/expr.js'
import { type Traversal, traversalsOf } from '../../rule/traversals.js'
import { evaluate, normsOf } from '../numbers/number.js'
import type { NumberValue } from '../numbers/values.js'
import type { LeafWork } from '../work.js'

/** What some reductions of a leaf come to: of those over the tree its share, and of their norms the squares. */
export type Reduced = Iterable<readonly [Reduce, NumberValue]>

/**
 * Reduces elements; of norms over the tree, elements times a power of two. Of a traversal it also reduces, where it can, what
 * comes after these while rows are at hand.
 */
export type ReduceElements = (reductions: readonly Reduce[], power: number, traversal?: Traversal) => Reduced

/** A leaf at work. */
export interface LeafAtWork {
  readonly work: LeafWork<NumberValue>
  /** The values of the host's terms, and of reductions that are finished. */
  readonly known: (expr: Expr) => NumberValue | undefined
  /** The value of a term that is no element's, unless there are no kernels. */
  readonly narrow: (expr: Expr) => NumberValue
  readonly reduced: Map<Expr, NumberValue>
  /** `null` of a leaf without kernels. */
  readonly reduceElements: ReduceElements | null
}

/** A leaf at work, given who reduces its elements by the values of its terms; `slots` has those that are not the work's. */
export const atWork = (
  work: LeafWork<NumberValue>,
  host: ReadonlyMap<Expr, number>,
  reducer: (narrow: LeafAtWork['narrow']) => ReduceElements | null,
  slots: (expr: Expr) => NumberValue | undefined = () => undefined,
): LeafAtWork => {
  const reduced = new Map<Expr, NumberValue>()
  const known = (expr: Expr): NumberValue | undefined => {
    if (expr._tag === 'Slot') return slots(expr)
    if (expr._tag === 'LeafScalar') return work.scalars.get(expr)
    return expr.scope === 'host' ? host.get(expr) : reduced.get(expr)
  }
  const narrow = evaluate(work, known)
  return { work, known, narrow, reduced, reduceElements: reducer(narrow) }
}

const stageOf = ({ work }: LeafAtWork, stage: number): readonly Reduce[] => work.plan.stages[stage] ?? []

/** A reduction by the reference, of a norm the squares. */
const byReference = ({ work, known, narrow }: LeafAtWork, node: Reduce, power?: NumberValue): NumberValue => {
  const arg = narrow(node.arg)
  return evaluate(work, (expr) => (expr === node.arg ? arg : known(expr)), power)(node)
}

const hasKernel = ({ reduceElements }: LeafAtWork, { arg }: Reduce): boolean =>
  reduceElements !== null && arg.scope === 'element'

/** A stage of a leaf's reductions, whose values go where the leaf's terms find them. */
const reduceLeaf = (leaf: LeafAtWork, stage: number): void => {
  const { reduced, reduceElements, work } = leaf
  const nodes = stageOf(leaf, stage)
  for (const node of nodes) {
    if (hasKernel(leaf, node)) continue
    const value = byReference(leaf, node)
    const isDone = node.kind !== 'norm' || node.over === 'tree'
    reduced.set(node, isDone ? value : normsOf(value, [work], (powers) => byReference(leaf, node, powers)))
  }
  const ofElements = nodes.filter((node) => hasKernel(leaf, node) && !reduced.has(node))
  const traversal = traversalsOf(work.plan).find((each) => each.stage === stage)
  const isFirst = (node: Reduce): boolean => traversal?.phases[0]?.includes(node) === true
  const reduce = (own: readonly Reduce[], whole?: Traversal): void => {
    if (own.length === 0) return
    for (const [node, value] of reduceElements?.(own, 1, whole) ?? []) reduced.set(node, value)
  }
  // what an earlier traversal could not make is known before the next one makes something of it
  reduce(ofElements.filter((node) => !isFirst(node)))
  reduce(ofElements.filter(isFirst), traversal)
}

/** A leaf's share of a norm over the tree once more: the squares of elements times a power of two. */
const shareAgain = (leaf: LeafAtWork, node: Reduce, power: number): number => {
  if (!hasKernel(leaf, node)) return Number(byReference(leaf, node, power))
  for (const [, value] of leaf.reduceElements?.([node], power) ?? []) return Number(value)
  return Number.NaN
}

/** Puts in the place of the leaves' shares of reductions over the tree what these are together. */
const addUp = (leaves: readonly LeafAtWork[], stage: number): void => {
  const sites = new Map<string, (readonly [LeafAtWork, Reduce])[]>()
  for (const leaf of leaves)
    for (const node of stageOf(leaf, stage))
      if (node.over === 'tree') sites.set(node.site, [...(sites.get(node.site) ?? []), [leaf, node]])
  for (const parts of sites.values()) {
    const kind = parts[0]?.[1].kind
    const total = (shareOf: (leaf: LeafAtWork, node: Reduce) => number): number =>
      parts
        .map(([leaf, node]) => shareOf(leaf, node))
        .reduce((sum, share) => (kind === 'max' ? Math.max(sum, share) : sum + share))
    const whole = total(({ reduced }, node) => Number(reduced.get(node)))
    const value =
      kind !== 'norm'
        ? whole
        : normsOf(
            whole,
            parts.map(([{ work }]) => work),
            (power) => total((leaf, node) => shareAgain(leaf, node, Number(power))),
          )
    for (const [{ reduced }, node] of parts) reduced.set(node, value)
  }
}

/** All stages of some leaves; those of leaves that share nothing may be done leaf by leaf. */
export const reduceStages = (leaves: readonly LeafAtWork[], stages: number): void => {
  for (let stage = 0; stage < stages; stage++) {
    for (const leaf of leaves) reduceLeaf(leaf, stage)
    addUp(leaves, stage)
  }
}

/** The leaves that are done together: all of them where they share something, else each as a whole, while it is in the caches. */
export const together = (leaves: readonly LeafWork<unknown>[]): readonly (readonly number[])[] => {
  const all = leaves.map((_, i) => i)
  return leaves.some(({ plan }) => plan.shares) ? [all] : all.map((i) => [i])
}
