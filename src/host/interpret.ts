/**
 * Computes steps, each kind of leaf by its host.
 *
 * A tree may hold both, as long as nothing is reduced over all of it.
 */
import { GradpipeError } from '../error.js'
import { remember } from '../rule/intern.js'
import { type HostKind, hostKind, type Leaf, type LeafKind } from '../rule/leaf.js'
import { showPath } from '../tree/path.js'
import { hostFor } from './hosts.js'
import { inRounds } from './rounds.js'
import type { Column, Done, Interpreter, Job, Work } from './work.js'

/** A part of a job whose leaves are of one kind, and which leaves of the job they are. */
interface Part {
  readonly kind: HostKind
  readonly job: Job
  readonly indices: readonly number[]
}

/** Who computes with a kind of leaves. */
const hostOf = (kind: LeafKind): HostKind => (kind === 'tensor' ? 'tensor' : 'number')

/**
 * A job's parts.
 *
 * Throws `DtypeMismatch` where leaves of both kinds share something.
 */
const partsOf = remember((job: Job): readonly Part[] => {
  const kinds: readonly HostKind[] = ['number', 'tensor']
  const parts = kinds.flatMap((kind) => {
    const indices = job.leaves.flatMap((leaf, i) => (hostOf(leaf.kind) === kind ? [i] : []))
    const leaves = job.leaves.filter((leaf) => hostOf(leaf.kind) === kind)
    return leaves.length === 0 ? [] : [{ kind, indices, job: { ...job, leaves } }]
  })
  const [numbers, tensors] = parts
  if (numbers === undefined || tensors === undefined) return parts.map((part) => ({ ...part, job }))
  const odd = tensors.job.leaves.find(({ plan }) => plan.shares)
  if (odd !== undefined && numbers.job.leaves.some(({ plan }) => plan.shares))
    throw new GradpipeError(
      'DtypeMismatch',
      showPath(odd.spec.path),
      'leaves of one kind, tensors or numbers',
      'a tensor beside numbers',
    )
  return parts
})

/** The work of some of a job's leaves. */
const select = (work: Work, { kind, job, indices }: Part): Work => {
  const pick = (column: Column<Leaf>): Column<Leaf> => indices.map((i) => column[i] ?? null)
  return {
    ...work,
    job,
    gradients: pick(work.gradients),
    parameters: pick(work.parameters),
    slots: Object.fromEntries(Object.entries(work.slots).map(([name, column]) => [name, pick(column)])),
    // what only the leaves of the other kind share is not for this part
    treeSlots: Object.fromEntries(
      Object.entries(work.treeSlots).filter(([, value]) => value !== null && hostKind(value) === kind),
    ),
  }
}

const together = (work: Work, parts: readonly Part[]): Done => {
  const columns: Record<string, (Leaf | null)[]> = {}
  const tree: Record<string, Leaf> = {}
  for (const part of parts) {
    const done = hostFor(part.kind).run(select(work, part))
    Object.assign(tree, done.tree)
    for (const [name, column] of Object.entries(done.columns)) {
      columns[name] ??= work.job.leaves.map(() => null)
      const all = columns[name]
      for (const [i, index] of part.indices.entries()) all[index] = column[i] ?? null
    }
  }
  return { columns, tree }
}

/**
 * Computes a step, each kind of leaf by its interpreter.
 *
 * Throws `DtypeMismatch`, before anything is computed, for a tree that holds both numbers and tensors where a
 * rule reduces over the tree.
 */
export const interpret: Interpreter = inRounds((work) => {
  const parts = partsOf(work.job)
  const [first] = parts
  if (first === undefined) return { columns: {}, tree: {} }
  return parts.length === 1 ? hostFor(first.kind).run(work) : together(work, parts)
})
