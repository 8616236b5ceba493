/**
 * Traversals: how often a step goes over the elements of a leaf, and what it reduces each time.
 *
 * A row lies together in memory. Once it was read it is in the caches, and what is reduced of it is complete: so reductions
 * that need nothing but the rows of others are made in the same traversal, row by row.
 */
import type { Expr, Reduce } from './expr.js'
import { parts, subterms } from './fold.js'
import { remember } from './intern.js'
import type { LeafPlan } from './plan.js'
import { exprsOf, type Outputs } from './rule.js'
import { type Axes, along, differs, type Extent, isAxes, rankOf } from './scope.js'

// rows

/** The extents of axes that the values of some outputs have. */
export const extentsOf: (outputs: Outputs) => readonly Axes[] = remember((outputs: Outputs) => {
  const all = [...Object.values(outputs), ...subterms(exprsOf(outputs))]
  return [...new Set(all.map(({ scope }) => scope))].filter(isAxes)
})

/** The first of the axes that are a row: the last one, and those before it that no extent tells from it. */
export const startOfRow = (extents: readonly Extent[], rank: number): number => {
  const all = extents.map((extent) => differs(extent, rank))
  let start = Math.max(0, rank - 1)
  while (start > 0 && all.every((own) => own[start - 1] === own[start])) start--
  return start
}

/** What has one value for each row; `null` where nothing differs along some of the axes alone. */
export const rowsOf = (outputs: Outputs): Extent | null => {
  const extents = extentsOf(outputs)
  const [first] = extents
  if (first === undefined) return null
  const rank = rankOf(first)
  return along([...Array(startOfRow(extents, rank)).keys()], rank)
}

// traversals

/** Reductions of elements that are made in one traversal: the first need nothing of it, the next only rows of those before. */
export interface Traversal {
  /** In which of the plan's stages it is. */
  readonly stage: number
  /** What has one value for each row that it reads; `null` where there are no rows to tell apart. */
  readonly rows: Extent | null
  readonly phases: readonly (readonly Reduce[])[]
}

const isOfElements = ({ arg }: Reduce): boolean => arg.scope === 'element'

/** The reductions that a term is made of, without those that they are made of. */
const reductionsIn = (node: Expr): readonly Reduce[] =>
  node._tag === 'Reduce' ? [node] : parts(node).flatMap(reductionsIn)

/** The traversals of a leaf, before that for the outputs. */
export const traversalsOf: (plan: LeafPlan) => readonly Traversal[] = remember(
  ({ outputs, stages }: LeafPlan) => {
    const rows = rowsOf(outputs)
    const isOfRows = ({ over }: Reduce): boolean => over === rows
    const made = new Set<Reduce>()
    return stages.flatMap((own, stage): readonly Traversal[] => {
      const first = own.filter((node) => isOfElements(node) && !made.has(node))
      if (first.length === 0) return []
      // what is of few numbers comes first; what the tree's leaves have in common is complete after its own stage of all
      const before = own.filter((node) => !isOfElements(node))
      const complete = [...made, ...before].filter(({ over }) => over !== 'tree')
      const known = new Set([...stages.slice(0, stage).flat(), ...complete])
      const later =
        rows === null
          ? []
          : stages
              .slice(stage + 1)
              .flat()
              .filter(isOfElements)
      const phases: (readonly Reduce[])[] = []
      for (let next: readonly Reduce[] = first; next.length > 0; ) {
        phases.push(next)
        for (const node of next) made.add(node)
        for (const node of next.filter(isOfRows)) known.add(node)
        next = later.filter(
          (node) => !made.has(node) && reductionsIn(node.arg).every((each) => known.has(each)),
        )
      }
      return [{ stage, rows, phases }]
    })
  },
)

/** How often a step goes over the elements of a leaf: for what it reduces, and once for the outputs. */
export const passesOver = (plan: LeafPlan): number => 1 + traversalsOf(plan).length
