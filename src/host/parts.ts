/**
 * Parts of a step: each kind of leaf is computed by its host, and what differs along axes by itself.
 *
 * A tree may hold both, as long as nothing is reduced over all of it.
 */
import { GradpipeError } from '../error.js'
import { remember } from '../rule/intern.js'
import { type HostKind, hostKind, type Leaf, type LeafKind } from '../rule/leaf.js'
import { showPath } from '../tree/path.js'
import { brought } from './brought.js'
import { hostFor } from './hosts.js'
import type { Column, Done, Interpreter, Job, JobLeaf, Work } from './work.js'

/** A part of a job whose leaves are computed together, and which leaves of the job they are. */
interface Part {
  readonly kind: HostKind
  readonly job: Job
  readonly indices: readonly number[]
}

/** Who computes with a kind of leaves. */
const hostOf = (kind: LeafKind): HostKind => (kind === 'tensor' ? 'tensor' : 'number')

/** The part of a job with the leaves that are told; none where there are none. */
const partOf = (job: Job, kind: HostKind, takes: (leaf: JobLeaf) => boolean): readonly Part[] => {
  const indices = job.leaves.flatMap((leaf, i) => (takes(leaf) ? [i] : []))
  const leaves = job.leaves.filter(takes)
  if (leaves.length === 0) return []
  if (leaves.length === job.leaves.length) return [{ kind, indices, job }]
  return [{ kind, indices, job: { ...job, leaves, byAxes: leaves.some(({ plan }) => plan.byAxes) } }]
}

/**
 * A job's parts: leaves of one kind, and of these, unless they share anything, those that differ along axes by themselves,
 * since not all that is said of elements can be computed of axes.
 *
 * Throws `DtypeMismatch` where leaves of both kinds share something.
 */
const partsOf = remember((job: Job): readonly Part[] => {
  const kinds: readonly HostKind[] = ['number', 'tensor']
  const parts = kinds.flatMap((kind) => partOf(job, kind, (leaf) => hostOf(leaf.kind) === kind))
  const [numbers, tensors] = parts
  const sharing = ({ job: { leaves } }: Part): JobLeaf | undefined => leaves.find(({ plan }) => plan.shares)
  if (numbers !== undefined && tensors !== undefined) {
    const odd = sharing(tensors)
    if (odd !== undefined && sharing(numbers) !== undefined)
      throw new GradpipeError(
        'DtypeMismatch',
        showPath(odd.spec.path),
        'leaves of one kind, tensors or numbers',
        'a tensor beside numbers',
      )
  }
  return parts.flatMap((part) =>
    !part.job.byAxes || sharing(part) !== undefined
      ? [part]
      : [false, true].flatMap((byAxes) =>
          partOf(job, part.kind, ({ kind, plan }) => hostOf(kind) === part.kind && plan.byAxes === byAxes),
        ),
  )
})

/** What the leaves of a job have that are not of a part of it. */
const otherColumns = ({ gradients, parameters, slots }: Work, { indices }: Part): readonly Column<Leaf>[] =>
  [gradients, parameters, ...Object.values(slots)].map((column) => {
    const own = new Set(indices)
    return column.filter((_, i) => !own.has(i))
  })

/** The work of some of a job's leaves. */
const select = (work: Work, part: Part): Work => {
  const { kind, job, indices } = part
  const pick = (column: Column<Leaf>): Column<Leaf> => indices.map((i) => column[i] ?? null)
  return {
    ...work,
    job,
    gradients: pick(work.gradients),
    parameters: pick(work.parameters),
    slots: Object.fromEntries(Object.entries(work.slots).map(([name, column]) => [name, pick(column)])),
    // whoever shares memory with another part's leaf holds it with somebody else
    ...(work.donate && { beside: [...(work.beside ?? []), ...otherColumns(work, part)] }),
    // what only the leaves of the other kind share is not for this part
    treeSlots: Object.fromEntries(
      Object.entries(work.treeSlots).filter(([, value]) => value !== null && hostKind(value) === kind),
    ),
  }
}

/** Whether any tensor stands in several parts: the first one must not take its memory, nor its handle. */
const isShared = (work: Work, parts: readonly Part[]): boolean => {
  const owners = new Map<Leaf, Part>()
  return parts.some((part) =>
    [work.gradients, work.parameters, ...Object.values(work.slots)].some((column) =>
      part.indices.some((i) => {
        const leaf = column[i] ?? null
        if (leaf === null || typeof leaf === 'number') return false
        const owner = owners.get(leaf) ?? part
        owners.set(leaf, part)
        return owner !== part
      }),
    ),
  )
}

const together = (whole: Work, parts: readonly Part[]): Done => {
  const work = whole.donate && isShared(whole, parts) ? { ...whole, donate: false } : whole
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
 * Computes a step, each kind of leaf by its host.
 *
 * Throws `DtypeMismatch`, before anything is computed, for a tree that holds both numbers and tensors where a
 * rule reduces over the tree.
 */
export const byParts: Interpreter = (work) => {
  const parts = partsOf(work.job)
  const [first] = parts
  if (first === undefined) return { columns: {}, tree: {} }
  return parts.length === 1 ? hostFor(first.kind).run(work) : together(work, parts)
}

/** As `inPlace` of a host. */
export const stepsInPlace = (work: Work): (() => boolean) | null => {
  const { job } = work
  const [first, second] = partsOf(job)
  if (first === undefined || second !== undefined || brought.hasRounds?.(job) === true) return null
  return hostFor(first.kind).inPlace?.(work) ?? null
}
