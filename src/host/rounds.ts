/**
 * Rounds: a step with orthogonal factors in it, as several without. What a factor is made of comes out of one round; the
 * host multiplies; and the factor goes into the next, as a slot does. So everything before a factor is one job, and
 * everything after it another, each fused by whoever computes it.
 */
import { type Expr, type Orthogonal, parts, type Reduce, rewrite, Slot, subterms } from '../rule/expr.js'
import { remember } from '../rule/intern.js'
import type { Leaf } from '../rule/leaf.js'
import { type Orthogonalization, wideStack } from '../rule/matrices.js'
import { isNumberLeaf } from '../rule/ndarray.js'
import { type LeafPlan, passesOver, plan } from '../rule/plan.js'
import { type Output, type Outputs, UPDATE } from '../rule/rule.js'
import type { Stack } from '../rule/stack.js'
import { disposeLeaf, hostOfTensors } from './hosts.js'
import { orthogonalLeaves } from './numbers/orthogonal.js'
import type { Column, Done, Interpreter, Job, JobLeaf, Work } from './work.js'

// model

/** Factors that are computed together: of one kind, of leaves of one shape. */
interface Product {
  /** The column that has what the factors are made of, and then the factors. */
  readonly name: string
  /** Which leaves of the whole job these are. */
  readonly leaves: readonly number[]
  readonly stack: Stack
  readonly by: Orthogonalization
  /** Which of the job's host terms is added to norms. */
  readonly eps: number
}

/** One of a job's rounds. */
interface Round {
  readonly job: Job
  /** Which leaves of the whole job it has. */
  readonly leaves: readonly number[]
  /** Which of the whole job's host terms it has. */
  readonly host: readonly number[]
  /** What is computed of its results, before the next one. */
  readonly products: readonly Product[]
}

// which round

const nameOf = (node: Orthogonal): string => `orthogonal ${node.id}`

const termsOf = (outputs: Outputs): readonly Expr[] => Object.values(outputs).map(({ expr }) => expr)

const isOfTree = (node: Expr): node is Reduce => node._tag === 'Reduce' && node.over === 'tree'

/** A term with a slot in the place of every factor. */
const cut = rewrite(
  (node) => node,
  undefined,
  (node) => Slot(nameOf(node), 'element'),
)

/** What the leaves reduce together: the nodes of each site, and those that one plan has. */
interface Sites {
  readonly all: ReadonlyMap<string, readonly Reduce[]>
  readonly own: ReadonlyMap<LeafPlan, ReadonlyMap<string, Reduce>>
}

const sitesOf = (plans: readonly LeafPlan[]): Sites => {
  const all = new Map<string, Reduce[]>()
  const own = new Map<LeafPlan, Map<string, Reduce>>()
  for (const each of plans) {
    const mine = new Map<string, Reduce>()
    for (const node of subterms(termsOf(each.outputs)).filter(isOfTree)) {
      all.set(node.site, [...(all.get(node.site) ?? []), node])
      mine.set(node.site, node)
    }
    own.set(each, mine)
  }
  return { all, own }
}

/** How many factors lie one below the other in a term; of a sum over the tree, in any leaf's share of it. */
const depths = ({ all }: Sites): ((node: Expr) => number) => {
  const known = new Map<Expr | string, number>()
  const remembered = (key: Expr | string, make: () => number): number => {
    const depth = known.get(key) ?? make()
    known.set(key, depth)
    return depth
  }
  const most = (nodes: readonly Expr[]): number =>
    nodes.reduce((depth, node) => Math.max(depth, depthOf(node)), 0)
  const depthOf = (node: Expr): number =>
    remembered(node, () =>
      node._tag === 'Orthogonal'
        ? 1 + depthOf(node.arg)
        : isOfTree(node)
          ? remembered(node.site, () => most((all.get(node.site) ?? []).map(({ arg }) => arg)))
          : most(parts(node)),
    )
  return depthOf
}

const SHARE = 'share '

/** Per round what each plan computes in it, under the names of its outputs, of factors, and of shares. */
type Rounds = readonly ReadonlyMap<LeafPlan, Outputs>[]

/**
 * Which output is computed when: as soon as it can be, but not before the last round that reads what it replaces, so that it
 * may take the place of that.
 */
const roundsOf = (plans: readonly LeafPlan[]): Rounds => {
  const sites = sitesOf(plans)
  const depthOf = depths(sites)
  const count = 1 + Math.max(0, ...plans.flatMap(({ outputs }) => termsOf(outputs).map(depthOf)))
  const placed = new Map(
    plans.map((each) => [
      each,
      new Map(Object.entries(each.outputs).map(([name, { expr }]) => [name, depthOf(expr)])),
    ]),
  )

  const itemsIn = (round: number, each: LeafPlan): Record<string, Output> => {
    const items: Record<string, Output> = {}
    for (const [name, { expr, scope }] of Object.entries(each.outputs))
      if (placed.get(each)?.get(name) === round) items[name] = { expr: cut(expr), scope }
    for (const node of subterms(termsOf(each.outputs)))
      if (node._tag === 'Orthogonal' && depthOf(node.arg) === round)
        items[nameOf(node)] = { expr: cut(node.arg), scope: 'element' }
    return items
  }

  /** A sum over the tree wants every leaf's share, whether or not the leaf has any other use for it. */
  const withShares = (round: number): Map<LeafPlan, Record<string, Output>> => {
    const items = new Map(plans.map((each) => [each, itemsIn(round, each)]))
    for (let grown = true; grown; ) {
      grown = false
      const wanted = new Set(
        [...items.values()].flatMap((own) =>
          subterms(termsOf(own))
            .filter(isOfTree)
            .map(({ site }) => site),
        ),
      )
      for (const [each, own] of items) {
        const had = new Set(
          subterms(termsOf(own))
            .filter(isOfTree)
            .map(({ site }) => site),
        )
        for (const [site, node] of sites.own.get(each) ?? [])
          if (wanted.has(site) && !had.has(site)) {
            own[SHARE + site] = { expr: cut(node), scope: 'tree' }
            grown = true
          }
      }
    }
    return items
  }

  /** Puts off what would be replaced while it is still read; whether there was any. */
  const putOff = (round: number): boolean => {
    let some = false
    const later = (each: LeafPlan, name: string): void => {
      const places = placed.get(each)
      if ((places?.get(name) ?? round) >= round) return
      places?.set(name, round)
      some = true
    }
    for (const [each, own] of withShares(round))
      for (const node of subterms(termsOf(own)))
        if (node._tag === 'Parameter') later(each, UPDATE)
        else if (node._tag === 'Slot')
          for (const other of node.scope === 'tree' ? plans : [each]) later(other, node.name)
    return some
  }

  for (let moved = true; moved; ) {
    moved = false
    for (let round = 1; round < count; round++) moved = putOff(round) || moved
    // one number for all leaves
    for (const [each, places] of placed)
      for (const [name, round] of places)
        if (each.outputs[name]?.scope === 'tree')
          for (const other of placed.values())
            if ((other.get(name) ?? round) < round) moved = other.set(name, round) === other
  }
  return Array.from({ length: count }, (_, round) => withShares(round))
}

/** How often a step of one leaf's outputs goes over memory, its products left out. */
export const passesBesideProducts = (outputs: Outputs): number =>
  roundsOf([...plan([outputs]).leaves.values()])
    .flatMap((ofRound) => [...plan([...ofRound.values()]).leaves.values()])
    .reduce((passes, leaf) => passes + passesOver(leaf), 0)

// a job's rounds

/** The factors that are made of a round's results, those of one shape together. */
const productsOf = (
  job: Job,
  leaves: readonly number[],
  ofRound: ReadonlyMap<LeafPlan, Outputs>,
): readonly Product[] => {
  const products = new Map<string, Product & { readonly leaves: number[] }>()
  for (const i of leaves) {
    const leaf = job.leaves[i] as JobLeaf // one of the job's
    const names = new Set(Object.keys(ofRound.get(leaf.plan) ?? {}))
    for (const node of subterms(termsOf(leaf.plan.outputs))) {
      if (node._tag !== 'Orthogonal' || !names.has(nameOf(node))) continue
      const { by, view, eps } = node
      const stack = wideStack(leaf.spec, view)
      const key = JSON.stringify([
        by,
        stack,
        eps.id,
        leaf.kind,
        leaf.spec.shape,
        leaf.spec.dtype,
        nameOf(node),
      ])
      const known = products.get(key)
      if (known !== undefined) known.leaves.push(i)
      else products.set(key, { name: nameOf(node), leaves: [i], stack, by, eps: job.host.indexOf(eps) })
    }
  }
  return [...products.values()]
}

const roundOf = (job: Job, ofRound: ReadonlyMap<LeafPlan, Outputs>): Round => {
  const leaves = job.leaves.flatMap(({ plan: own }, i) =>
    Object.keys(ofRound.get(own) ?? {}).length > 0 ? [i] : [],
  )
  const used = leaves.map((i) => job.leaves[i] as JobLeaf) // as above
  const planned = plan(used.flatMap(({ plan: own }) => [ofRound.get(own) ?? {}]))
  const made = used.flatMap((leaf) => {
    const own = planned.leaves.get(ofRound.get(leaf.plan) ?? {})
    return own === undefined ? [] : [{ ...leaf, plan: own }]
  })
  const host = [...new Set([...planned.leaves.values()].flatMap((each) => each.host))]
  return {
    job: { plan: planned, leaves: made, host, byAxes: made.some(({ plan: own }) => own.byAxes) },
    leaves,
    host: host.map((term) => job.host.indexOf(term)),
    products: productsOf(job, leaves, ofRound),
  }
}

/** The rounds of a job; `null` of one without factors. Throws `ShapeMismatch` for a leaf that has no matrices. */
const split = remember((job: Job): { readonly rounds: readonly Round[] | null } => {
  const plans = [...job.plan.leaves.values()]
  const has = plans.some(({ outputs }) =>
    subterms(termsOf(outputs)).some(({ _tag }) => _tag === 'Orthogonal'),
  )
  return { rounds: has ? roundsOf(plans).map((ofRound) => roundOf(job, ofRound)) : null }
})

// a step

type Columns = Record<string, (Leaf | null)[]>

/** Whether a job has rounds. */
export const hasRounds = (job: Job): boolean => split(job).rounds !== null

/** Computes a step round by round, each as a step without factors. */
export const inRounds = (run: Interpreter, work: Work): Done => {
  const { rounds } = split(work.job)
  return rounds === null ? run(work) : runRounds(run, work, rounds)
}

const runRounds = (run: Interpreter, work: Work, rounds: readonly Round[]): Done => {
  const columns: Columns = {}
  const tree: Record<string, Leaf> = {}
  const factors: Columns = {}
  const dispose = (leaves: readonly (Leaf | null)[]): void => {
    for (const leaf of leaves) if (leaf !== null) disposeLeaf(leaf)
  }
  const column = (of: Columns, name: string): (Leaf | null)[] => {
    of[name] ??= work.job.leaves.map(() => null)
    return of[name]
  }
  try {
    for (const round of rounds) {
      const done = run(workOf(work, round, { columns, tree }, factors))
      const args = new Set(round.products.map(({ name }) => name))
      for (const [name, own] of Object.entries(done.columns)) {
        const into = column(args.has(name) ? factors : columns, name)
        for (const [k, i] of round.leaves.entries()) into[i] = own[k] ?? into[i] ?? null
      }
      for (const [name, value] of Object.entries(done.tree))
        if (name.startsWith(SHARE)) disposeLeaf(value)
        else tree[name] = value
      for (const { name, leaves, stack, by, eps } of round.products) {
        const own = column(factors, name)
        const given = leaves.flatMap((i) => own[i] ?? [])
        if (given.length === 0) continue
        const tiny = work.host[eps] ?? Number.NaN
        const made = given.every(isNumberLeaf)
          ? orthogonalLeaves(given, stack, by, tiny)
          : hostOfTensors().orthogonalize(given, stack, by, tiny)
        for (const [k, i] of leaves.entries()) own[i] = made[k] ?? null
        dispose(given)
      }
    }
    return { columns, tree }
  } catch (error) {
    for (const own of Object.values(columns)) dispose(own)
    dispose(Object.values(tree))
    throw error
  } finally {
    for (const own of Object.values(factors)) dispose(own)
  }
}

/** The work of a round: what an earlier one has replaced is no longer there. */
const workOf = (work: Work, { job, leaves, host }: Round, done: Done, factors: Readonly<Columns>): Work => {
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
      ...Object.entries(factors).map(([name, column]) => [name, pick(column, null)] as const),
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
