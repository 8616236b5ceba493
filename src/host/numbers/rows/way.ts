/**
 * Steps on arrays whose rules are of rows and columns: kernels go through the rows, and what has a few numbers per row or column
 * is computed by the reference, as are leaves of one number, or none.
 */
import { inColumns } from '../../../compile/wasm/inColumns.js'
import { inOrder } from '../../../compile/wasm/inOrder.js'
import type { Precision } from '../../../compile/wasm/width.js'
import type { Expr } from '../../../rule/expr.js'
import { remember } from '../../../rule/intern.js'
import { sizeOf } from '../../../rule/leaf.js'
import { type Elements, isElements } from '../../../rule/ndarray.js'
import { isReplaced, UPDATE } from '../../../rule/rule.js'
import { type Traversal, traversalsOf } from '../../../rule/traversals.js'
import { type Refusal, refusal, report } from '../../fallback.js'
import { type Compile, compiler } from '../../kernels/compile.js'
import { type Grid, gridOf } from '../../rows/grid.js'
import { atWork, type LeafAtWork, reduceStages, together } from '../../rows/stages.js'
import { type Done, input, type Job, type JobLeaf, type LeafWork, leafWorks, type Work } from '../../work.js'
import type { ArrayDoor } from '../door.js'
import { type Memory, ownMemory } from '../memory.js'
import { finish } from '../number.js'
import { byOperators, numbersOf, put, replacedBy, takenOver } from '../operators.js'
import type { NumberValue } from '../values.js'
import { goThrough, takeOut } from './go.js'
import { type BoundLoop, type Go, layOut } from './layout.js'
import { reducing, storing, type Task } from './loops.js'
import { elementsReducer } from './reduce.js'

// what stays

/** What is done on a leaf: a go for each traversal that reduces elements, and one for the outputs. */
interface BoundLeaf {
  readonly traversals: readonly { readonly traversal: Traversal; readonly go: Go }[]
  readonly final: Go
  /** The outputs per element that change. */
  readonly stored: readonly string[]
}

/** What is done on each leaf of a job; `null` of those without kernels. */
interface BoundJob {
  readonly memory: Memory
  readonly leaves: readonly (BoundLeaf | null)[]
}

/** A kernel that is not compiled. */
class Refused extends Error {
  constructor(readonly why: Refusal) {
    super(why.reason)
  }
}

const compilers = remember(({ memory }: Memory): Readonly<Record<Task['makes'], Compile>> => {
  const inTurn = compiler({ memory, isShared: false, sums: inOrder })
  return { stores: inTurn, cells: inTurn, columns: compiler({ memory, isShared: false, sums: inColumns }) }
})

const bindLeaf = (memory: Memory, { plan, spec }: JobLeaf, grid: Grid): BoundLeaf => {
  const precision: Precision = spec.dtype === 'float32' ? 'float32' : 'float64'
  const compiled = (task: Task): Task & { readonly loops: readonly BoundLoop[] } => ({
    ...task,
    loops: task.loops.map((each) => {
      const kernel = compilers(memory)[task.makes](each.loop, precision)
      if (kernel === null) throw new TypeError('every loop over rows has a kernel')
      if ('_tag' in kernel) throw new Refused(kernel)
      return { ...each, kernel }
    }),
  })
  const goOf = (tasks: readonly Task[], stored: readonly string[]): Go => {
    const go = layOut(grid, precision, tasks.map(compiled), stored)
    // there is room, or none is looked for in the middle of a step
    memory.views(go.needs)
    return go
  }
  const outputs = Object.entries(plan.outputs).filter(
    ([name, { expr, scope }]) => scope === 'element' && !isReplaced(name, expr),
  )
  const stored = outputs.map(([name]) => name)
  return {
    traversals: traversalsOf(plan).map((traversal) => ({
      traversal,
      go: goOf(
        traversal.phases.flatMap((nodes) => reducing(grid, nodes)),
        [],
      ),
    })),
    final: goOf(
      storing(
        grid,
        outputs.map(([, { expr }]) => expr),
      ),
      stored,
    ),
    stored,
  }
}

const bound = remember((job: Job): BoundJob | Refusal => {
  try {
    const memory = ownMemory()
    const leaves = job.leaves.map((leaf) => {
      const { shape } = leaf.spec
      const grid = shape.length === 0 ? null : gridOf(leaf.plan, shape)
      return grid === null ? null : bindLeaf(memory, leaf, grid)
    })
    return { memory, leaves }
  } catch (error) {
    return error instanceof Refused ? error.why : refusal('wasm', String(error))
  }
})

// a step

/** A leaf of a step, whose arrays may be those that an output has taken over. */
interface Stepped<V> {
  readonly leaf: LeafAtWork
  readonly bound: BoundLeaf | null
  /** By name the leaves whose memory is the output's now. */
  readonly taken: Map<string, V>
  readonly elementsOf: (node: Expr) => Elements
}

const nameOf = (node: Expr): string => (node._tag === 'Slot' ? node.name : UPDATE)

const stepped = <V>(
  door: ArrayDoor<V>,
  memory: Memory,
  boundLeaf: BoundLeaf | null,
  work: LeafWork<NumberValue>,
  host: ReadonlyMap<Expr, number>,
): Stepped<V> => {
  const taken = new Map<string, V>()
  const elementsOf = (node: Expr): Elements => {
    const own = node._tag === 'Gradient' ? undefined : taken.get(nameOf(node))
    const numbers = own === undefined ? input(work, node) : door.read(own)
    return isElements(numbers) ? numbers : Float64Array.of(numbers)
  }
  const leaf = atWork(work, host, (narrow) => {
    if (boundLeaf === null) return null
    const inputs = { narrow, elementsOf }
    return (nodes, power, whole) =>
      boundLeaf.traversals.flatMap(({ traversal, go }) => {
        const own = nodes.filter((node) => go.tasks.some(({ reductions }) => reductions.includes(node)))
        if (own.length === 0) return []
        return [
          ...elementsReducer(memory, go, work, inputs)(own, power, traversal === whole ? whole : undefined),
        ]
      })
  })
  return { leaf, bound: boundLeaf, taken, elementsOf }
}

/** Where outputs go. */
interface Results<V> {
  readonly columns: Record<string, (V | null)[]>
  readonly tree: Record<string, V>
}

/** Computes the outputs of a leaf, the i-th of the job. */
const writeOutputs = <V>(
  door: ArrayDoor<V>,
  memory: Memory,
  work: Work<V>,
  { leaf, bound: own, taken, elementsOf }: Stepped<V>,
  i: number,
  { columns, tree }: Results<V>,
): void => {
  const job = work.job.leaves[i] as JobLeaf // one of the job's
  const columnOf = (name: string): (V | null)[] => (columns[name] ??= work.job.leaves.map(() => null))
  const before = (name: string): V | null => replacedBy(work, name)[i] ?? null
  const take = (name: string): V | null => {
    const mine = takenOver(door, work, before(name))
    if (mine !== null) taken.set(name, mine)
    return mine
  }
  const outputs = Object.entries(job.plan.outputs).filter(([name]) => !Object.hasOwn(tree, name))
  const isKernels = (scope: string): boolean => own !== null && scope === 'element'
  const others = outputs.filter(([, { scope }]) => !isKernels(scope))
  // before anything is written over
  const values = finish(
    leaf.work,
    Object.fromEntries(others.map(([name, { expr }]) => [name, leaf.narrow(expr)])),
  )
  if (own !== null) {
    for (const [name, { scope, expr }] of outputs)
      if (isKernels(scope) && isReplaced(name, expr)) {
        const old = before(name)
        columnOf(name)[i] = old === null ? null : (take(name) ?? door.keep(old))
      }
    const size = sizeOf(job.spec.shape)
    const into = own.stored.map((name) => {
      const mine = take(name)
      const numbers = mine === null ? null : door.read(mine)
      if (isElements(numbers)) return numbers
      return job.spec.dtype === 'float32' ? new Float32Array(size) : new Float64Array(size)
    })
    if (own.stored.length > 0)
      goThrough(memory, own.final, own.final.tasks, { narrow: leaf.narrow, elementsOf }, (piece, view) => {
        for (const [k, array] of into.entries()) takeOut(own.final, piece, view, k, array)
      })
    for (const [k, name] of own.stored.entries())
      columnOf(name)[i] = taken.get(name) ?? door.wrap(into[k] as Elements, job.kind, job.spec.shape) // one for each
  }
  for (const [name, { scope }] of others) {
    const value = values[name] ?? Number.NaN
    if (scope === 'tree') tree[name] = put(door, work, value, work.treeSlots[name] ?? null)
    else columnOf(name)[i] = put(door, work, value, before(name), job, scope)
  }
}

const byKernels = <V>(door: ArrayDoor<V>, work: Work<V>, { memory, leaves }: BoundJob): Done<V> => {
  const { job } = work
  const works = leafWorks(numbersOf(door, work))
  const host = new Map(job.host.map((expr, i) => [expr, work.host[i] ?? Number.NaN]))
  const results: Results<V> = { columns: {}, tree: {} }
  for (const group of together(works)) {
    const all = group.map((i) =>
      stepped(door, memory, leaves[i] ?? null, works[i] as LeafWork<NumberValue>, host),
    ) // as many as leaves
    reduceStages(
      all.map(({ leaf }) => leaf),
      job.plan.stages,
    )
    for (const [k, i] of group.entries()) writeOutputs(door, memory, work, all[k] as Stepped<V>, i, results) // as many as in the group
  }
  return results
}

/** Computes a step whose leaves have rows and columns. */
export const byRows = <V>(door: ArrayDoor<V>, work: Work<V>): Done<V> => {
  const job = bound(work.job)
  if ('_tag' in job) {
    report(job)
    return byOperators(door, work)
  }
  return job.leaves.every((leaf) => leaf === null) ? byOperators(door, work) : byKernels(door, work, job)
}
