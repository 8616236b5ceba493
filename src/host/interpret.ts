/**
 * The choice of interpreter: numbers and typed arrays are computed here, tensors by TensorFlow.js.
 *
 * A tree may hold both, as long as nothing is reduced over all of it.
 */
import { GradpipeError } from '../error.js'
import { remember } from '../rule/intern.js'
import type { Leaf, LeafKind } from '../rule/leaf.js'
import { showPath } from '../tree/path.js'
import { ownInterpreter } from './numbers/arrays.js'
import type { NumberValue } from './numbers/number.js'
import { fusedInterpreter } from './tfjs/choice.js'
import { isTensor } from './tfjs/operations.js'
import type { Column, Done, Job, Work } from './work.js'

const isNumber = (leaf: Leaf): leaf is NumberValue =>
  typeof leaf === 'number' || leaf instanceof Float32Array || leaf instanceof Float64Array

/** A part of a job whose leaves are of one kind, and which leaves of the job they are. */
interface Part {
  readonly kind: LeafKind
  readonly job: Job
  readonly indices: readonly number[]
}

/**
 * A job's parts.
 *
 * Throws `DtypeMismatch` where leaves of both kinds share something.
 */
const partsOf = remember((job: Job): readonly Part[] => {
  const kinds: readonly LeafKind[] = ['number', 'tensor']
  const parts = kinds.flatMap((kind) => {
    const indices = job.leaves.flatMap((leaf, i) => (leaf.kind === kind ? [i] : []))
    const leaves = job.leaves.filter((leaf) => leaf.kind === kind)
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

const hasOnly = <V extends Leaf>(
  column: Column<Leaf>,
  is: (value: Leaf) => value is V,
): column is Column<V> => column.every((value) => value === null || is(value))

/** The same work, known to be of one kind. */
const narrow = <V extends Leaf>(work: Work, is: (value: Leaf) => value is V): Work<V> => {
  const only = (column: Column<Leaf>): Column<V> => {
    if (hasOnly(column, is)) return column
    const { spec, kind } = work.job.leaves[column.findIndex((value) => value !== null && !is(value))] ?? {}
    throw new GradpipeError('DtypeMismatch', showPath(spec?.path ?? []), `a ${kind}`, 'another kind of leaf')
  }
  const slots: Record<string, Column<V>> = {}
  for (const name of Object.keys(work.slots)) slots[name] = only(work.slots[name] ?? [])
  const treeSlots: Record<string, V | null> = {}
  for (const name of Object.keys(work.treeSlots))
    treeSlots[name] = only([work.treeSlots[name] ?? null])[0] ?? null
  return { ...work, gradients: only(work.gradients), parameters: only(work.parameters), slots, treeSlots }
}

const run = (kind: LeafKind, work: Work): Done =>
  kind === 'number' ? ownInterpreter(narrow(work, isNumber)) : fusedInterpreter(narrow(work, isTensor))

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
      Object.entries(work.treeSlots).filter(
        ([, value]) => value !== null && (kind === 'number') === isNumber(value),
      ),
    ),
  }
}

const together = (work: Work, parts: readonly Part[]): Done => {
  const columns: Record<string, (Leaf | null)[]> = {}
  const tree: Record<string, Leaf> = {}
  for (const part of parts) {
    const done = run(part.kind, select(work, part))
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
export const interpret = (work: Work): Done => {
  const parts = partsOf(work.job)
  const [first] = parts
  if (first === undefined) return { columns: {}, tree: {} }
  return parts.length === 1 ? run(first.kind, work) : together(work, parts)
}
