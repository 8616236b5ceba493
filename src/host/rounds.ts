/**
 * Rounds: a step with terms of matrices in it, orthogonal factors and products, as several without. What such a term is made
 * of comes out of one round; the host multiplies; and the result goes into the next, as a slot does. So everything before it
 * is one job, and everything after it another, each fused by whoever computes it.
 */
import { isMatrixTerm, type MatrixTerm } from '../rule/expr.js'
import { subterms } from '../rule/fold.js'
import { remember } from '../rule/intern.js'
import type { Leaf } from '../rule/leaf.js'
import { wideStack } from '../rule/matrices.js'
import { isNumberLeaf } from '../rule/ndarray.js'
import { plan } from '../rule/plan.js'
import { exprsOf, UPDATE } from '../rule/rule.js'
import type { Stack } from '../rule/stack.js'
import type { Matrices } from './host.js'
import { disposeLeaf, hostOfTensors } from './hosts.js'
import { numberMatrices } from './numbers/products.js'
import { isOperand, nameOf, operandNames, type PlannedRound, roundsOf, SHARE } from './roundsOf.js'
import type { Column, Done, Interpreter, Job, JobLeaf, Work } from './work.js'

// model

/** A term of matrices that is computed at once for leaves of one shape. */
interface Operation {
  readonly node: MatrixTerm
  /** Which leaves of the whole job these are. */
  readonly leaves: readonly number[]
  /** The columns of what it is made of, in the order in which the host takes them. */
  readonly operands: readonly string[]
  /** Those of them that nobody reads after it. */
  readonly last: readonly string[]
  readonly stack: Stack
  /** Which of the job's host terms is added to norms; none where there are no norms. */
  readonly eps: number
}

/** One of a job's rounds. */
interface Round {
  readonly job: Job
  /** Which leaves of the whole job it has. */
  readonly leaves: readonly number[]
  /** Which of the whole job's host terms it has. */
  readonly host: readonly number[]
  /** What is made of its results, before the next one. */
  readonly operations: readonly Operation[]
}

// a job's rounds

/** The terms of matrices that are made of a round's results, those of one shape together. */
const operationsOf = (job: Job, { matrices }: PlannedRound): readonly Operation[] => {
  const operations = new Map<string, Omit<Operation, 'last'> & { readonly leaves: number[] }>()
  for (const [i, leaf] of job.leaves.entries())
    for (const node of matrices.get(leaf.plan) ?? []) {
      const { isTurned, ...stack } = wideStack(leaf.spec, node.view)
      const key = JSON.stringify([node.id, stack, leaf.kind, leaf.spec.shape, leaf.spec.dtype])
      const known = operations.get(key)
      if (known !== undefined) known.leaves.push(i)
      else {
        const names = operandNames(node)
        // a product that is turned over is that of its operands, turned over, from the last to the first
        const operands = isTurned ? [...names].reverse() : names
        const eps = node._tag === 'Orthogonal' ? job.host.indexOf(node.args[1]) : -1
        operations.set(key, { node, leaves: [i], operands, stack, eps })
      }
    }
  const all = [...operations.values()]
  return all.map((each, k) => {
    const later = all.slice(k + 1).filter(({ leaves }) => leaves.some((i) => each.leaves.includes(i)))
    // a term of matrices is read by kernels too
    const isLast = (name: string): boolean =>
      isOperand(name) && !later.some(({ operands }) => operands.includes(name))
    return { ...each, last: [...new Set(each.operands)].filter(isLast) }
  })
}

const roundOf = (job: Job, round: PlannedRound): Round => {
  const { outputs } = round
  const leaves = job.leaves.flatMap(({ plan: own }, i) => (outputs.has(own) ? [i] : []))
  const used = leaves.map((i) => job.leaves[i] as JobLeaf) // one of the job's
  const planned = plan(used.flatMap(({ plan: own }) => [outputs.get(own) ?? {}]))
  const made = used.flatMap((leaf) => {
    const own = planned.leaves.get(outputs.get(leaf.plan) ?? {})
    return own === undefined ? [] : [{ ...leaf, plan: own }]
  })
  const host = [...new Set([...planned.leaves.values()].flatMap((each) => each.host))]
  return {
    job: { plan: planned, leaves: made, host, byAxes: made.some(({ plan: own }) => own.byAxes) },
    leaves,
    host: host.map((term) => job.host.indexOf(term)),
    operations: operationsOf(job, round),
  }
}

/** The rounds of a job; `null` of one without terms of matrices. Throws `ShapeMismatch` for a leaf that has no matrices. */
const split = remember((job: Job): { readonly rounds: readonly Round[] | null } => {
  const plans = [...job.plan.leaves.values()]
  const has = plans.some(({ outputs }) => subterms(exprsOf(outputs)).some(isMatrixTerm))
  return { rounds: has ? roundsOf(plans).map((round) => roundOf(job, round)) : null }
})

// a step

type Columns = Record<string, (Leaf | null)[]>

/** Whether a job has rounds. */
export const hasRounds = (job: Job): boolean => split(job).rounds !== null

/** Computes a step round by round, each as a step without terms of matrices. */
export const inRounds = (run: Interpreter, work: Work): Done => {
  const { rounds } = split(work.job)
  return rounds === null ? run(work) : runRounds(run, work, rounds)
}

/** A term of matrices for leaves of one shape, of what it is made of: a leaf for each of them. */
const computed = (
  { node, stack }: Operation,
  [a = [], b = [], c = []]: readonly (readonly Leaf[])[],
  eps: number,
): readonly Leaf[] => {
  const host: Matrices = a.every(isNumberLeaf) ? numberMatrices : hostOfTensors()
  return node._tag === 'Orthogonal'
    ? host.orthogonalize(a, stack, node.by, eps)
    : host.multiply(a, b, c, stack)
}

const runRounds = (run: Interpreter, work: Work, rounds: readonly Round[]): Done => {
  const columns: Columns = {}
  const tree: Record<string, Leaf> = {}
  // terms of matrices, and what the next of them are made of
  const matrices: Columns = {}
  const dispose = (leaves: readonly (Leaf | null)[]): void => {
    for (const leaf of leaves) if (leaf !== null) disposeLeaf(leaf)
  }
  const put = (of: Columns, name: string, which: readonly number[], leaves: Column<Leaf>): void => {
    of[name] ??= work.job.leaves.map(() => null)
    const column = of[name]
    for (const [k, i] of which.entries()) column[i] = leaves[k] ?? column[i] ?? null
  }
  const compute = (operation: Operation): void => {
    const { node, leaves, last, eps } = operation
    const names = [...new Set(operation.operands)]
    // the same column twice is the same list twice
    const given = new Map(names.map((name) => [name, leaves.flatMap((i) => matrices[name]?.[i] ?? [])]))
    const operands = operation.operands.map((name) => given.get(name) ?? [])
    put(matrices, nameOf(node), leaves, computed(operation, operands, work.host[eps] ?? Number.NaN))
    for (const name of last) {
      dispose(given.get(name) ?? [])
      const column = matrices[name] ?? []
      for (const i of leaves) column[i] = null
    }
  }
  try {
    for (const round of rounds) {
      const done = run(workOf(work, round, { columns, tree }, matrices))
      for (const [name, own] of Object.entries(done.columns))
        put(isOperand(name) ? matrices : columns, name, round.leaves, own)
      for (const [name, value] of Object.entries(done.tree))
        if (name.startsWith(SHARE)) disposeLeaf(value)
        else tree[name] = value
      round.operations.forEach(compute)
    }
    return { columns, tree }
  } catch (error) {
    for (const own of Object.values(columns)) dispose(own)
    dispose(Object.values(tree))
    throw error
  } finally {
    for (const own of Object.values(matrices)) dispose(own)
  }
}

/** The work of a round: what an earlier one has replaced is no longer there. */
const workOf = (work: Work, { job, leaves, host }: Round, done: Done, matrices: Readonly<Columns>): Work => {
  const pick = (column: Column<Leaf>, name: string | null): Column<Leaf> =>
    leaves.map((i) => (name !== null && isDone(name, i) ? null : (column[i] ?? null)))
  const isDone = (name: string, i: number): boolean => (done.columns[name]?.[i] ?? null) !== null
  const rest = (column: Column<Leaf>, name: string | null): Column<Leaf> =>
    column.filter((_, i) => !leaves.includes(i) && !(name !== null && isDone(name, i)))
  const slots = Object.entries(work.slots)
  const sub: Work = {
    job,
    gradients: pick(work.gradients, null),
    parameters: pick(work.parameters, UPDATE),
    slots: Object.fromEntries([
      ...slots.map(([name, column]) => [name, pick(column, name)] as const),
      ...Object.entries(matrices).map(([name, column]) => [name, pick(column, null)] as const),
    ]),
    treeSlots: Object.fromEntries(
      Object.entries(work.treeSlots).filter(([name]) => !Object.hasOwn(done.tree, name)),
    ),
    host: Float64Array.from(host, (i) => work.host[i] ?? Number.NaN),
    donate: work.donate,
  }
  if (!work.donate) return sub
  const beside = [
    ...(work.beside ?? []),
    rest(work.gradients, null),
    rest(work.parameters, UPDATE),
    ...slots.map(([name, column]) => rest(column, name)),
  ]
  return { ...sub, beside }
}
