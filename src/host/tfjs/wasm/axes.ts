/**
 * The interpreter for tensors of the WASM backend whose rules are of rows and columns: a pass over the memory for each
 * stage of reductions and one for the outputs, with the kernels that other rules have.
 * All that has a few numbers per row or column is computed by the reference, on the host: it sees the same memory.
 */
import type { Loop } from '../../../compile/loop.js'
import { root32 } from '../../../compile/squares.js'
import { inTurns } from '../../../compile/wasm/turns.js'
import type { Expr, Reduce } from '../../../rule/expr.js'
import { remember } from '../../../rule/intern.js'
import { sizeOf } from '../../../rule/leaf.js'
import { UPDATE } from '../../../rule/rule.js'
import { isAxes, shapeAlong } from '../../../rule/scope.js'
import type { Refusal } from '../../fallback.js'
import { compiler, type Kernel } from '../../kernels/compile.js'
import { viewsOf } from '../../kernels/machine.js'
import { evaluate, finish } from '../../numbers/number.js'
import type { NumberValue } from '../../numbers/values.js'
import { type Column, type Done, type Job, type LeafWork, leafWorks, type Work } from '../../work.js'
import type { Tensor, TensorData, WasmDoor } from './backend.js'
import { type Grid, gridOf } from './grid.js'
import { locate, shared } from './locate.js'
import { placing } from './place.js'
import { reduceElements } from './reduceRows.js'
import { type Engine, type Leaf, loopFor, runRows } from './rows.js'
import { launcher } from './threads.js'

const isUnchanged = (name: string, expr: Expr): boolean =>
  (expr._tag === 'Slot' && expr.name === name) || (expr._tag === 'Parameter' && name === UPDATE)

/** A reduction of what has a few numbers per row or column, by the reference; of the tree the leaf's share. */
const reduceNarrow = ({ leaf: { narrow, work }, known }: Prepared, node: Reduce): NumberValue => {
  const arg = narrow(node.arg)
  const value = evaluate(work, (expr) => (expr === node.arg ? arg : known(expr)))(node)
  if (node.kind !== 'norm' || node.over === 'tree') return value
  return typeof value === 'number' ? root32(value) : Float32Array.from(value, root32)
}

/** A leaf of a step, and the values of its reductions. */
interface Prepared {
  readonly leaf: Leaf
  readonly known: (expr: Expr) => NumberValue | undefined
  readonly reduced: Map<Expr, NumberValue>
}

const stageOf = ({ leaf }: Prepared, stage: number): readonly Reduce[] => leaf.work.plan.stages[stage] ?? []

/** A stage of a leaf's reductions, whose values go where the leaf's terms find them. */
const reduceStage = (engine: Engine, prepared: Prepared, stage: number): void => {
  const { leaf, reduced } = prepared
  const nodes = stageOf(prepared, stage)
  const ofElements = nodes.filter(({ arg }) => arg.scope === 'element')
  for (const node of nodes) if (!ofElements.includes(node)) reduced.set(node, reduceNarrow(prepared, node))
  if (ofElements.length > 0)
    for (const [node, value] of reduceElements(engine, leaf, ofElements)) reduced.set(node, value)
}

/** Puts in the place of the leaves' shares of reductions over the tree what these are together. */
const addUp = (all: readonly Prepared[], stage: number): void => {
  const totals = new Map<string, number>()
  const each = (f: (node: Reduce, reduced: Prepared['reduced']) => void): void => {
    for (const prepared of all)
      for (const node of stageOf(prepared, stage)) if (node.over === 'tree') f(node, prepared.reduced)
  }
  each((node, reduced) => {
    const share = Number(reduced.get(node))
    const before = totals.get(node.site) ?? (node.kind === 'max' ? Number.NEGATIVE_INFINITY : 0)
    totals.set(node.site, node.kind === 'max' ? Math.max(before, share) : before + share)
  })
  each((node, reduced) => {
    const total = totals.get(node.site) ?? Number.NaN
    reduced.set(node, node.kind === 'norm' ? root32(total) : Math.fround(total))
  })
}

/** Where a leaf of a step has its numbers. */
const leafOf = (
  door: WasmDoor,
  grid: Grid,
  work: LeafWork<Tensor>,
  host: ReadonlyMap<Expr, number>,
): Prepared => {
  const { shape } = work.spec
  const reduced = new Map<Expr, NumberValue>()
  const dataOf = (node: Expr): TensorData | null => {
    const tensor =
      node._tag === 'Gradient'
        ? work.gradient
        : node._tag === 'Parameter'
          ? work.parameter
          : node._tag === 'Slot'
            ? (work.slots[node.name] ?? null)
            : null
    return tensor === null ? null : door.dataOf(tensor)
  }
  const known = (expr: Expr): NumberValue | undefined => {
    if (expr._tag === 'Slot' && expr.scope !== 'element') {
      const at = (dataOf(expr)?.memoryOffset ?? 0) >>> 2
      const { f32 } = viewsOf(door.memory.buffer)
      // a copy: it may be written over meanwhile
      return isAxes(expr.scope) ? f32.slice(at, at + sizeOf(shapeAlong(expr.scope, shape))) : f32[at]
    }
    if (expr._tag === 'LeafScalar') return work.scalars.get(expr)
    return expr.scope === 'host' ? host.get(expr) : reduced.get(expr)
  }
  const own: LeafWork<NumberValue> = { ...work, gradient: null, parameter: null, slots: {} }
  const narrow = evaluate(own, known)
  return {
    leaf: { grid, work: own, narrow, address: (node) => dataOf(node)?.memoryOffset ?? 0 },
    known,
    reduced,
  }
}

/** Computes a leaf's outputs, and writes them where they belong. */
const writeOutputs = (
  engine: Engine,
  { leaf }: Prepared,
  place: (name: string, shape: readonly number[]) => number,
): void => {
  const { work } = leaf
  const changed = Object.entries(work.plan.outputs).filter(([name, { expr }]) => !isUnchanged(name, expr))
  const elements = changed.filter(([, { scope }]) => scope === 'element')
  const others = changed.filter(([, { scope }]) => scope !== 'element')
  // before anything is written over
  const values = finish(
    leaf.work,
    Object.fromEntries(others.map(([name, { expr }]) => [name, leaf.narrow(expr)])),
  )
  const { shape } = work.spec
  if (elements.length > 0) {
    const stores = elements.map(([name]) => place(name, shape))
    const loop = loopFor(leaf, 'outputs', () => ({ stores: elements.map(([, { expr }]) => expr) }))
    runRows(engine, leaf, loop, stores)
  }
  const addresses = others.map(([name, { scope }]) => place(name, shapeAlong(scope, shape)))
  const { f32 } = viewsOf(engine.door.memory.buffer)
  for (const [i, [name]] of others.entries()) {
    const [value = Number.NaN, at] = [values[name], (addresses[i] ?? 0) >>> 2]
    if (typeof value === 'number') f32[at] = value
    else f32.set(value, at)
  }
}

/** The grids of a job's leaves; `null` where any has none. */
const gridsOf = remember((job: Job): { readonly grids: readonly Grid[] | null } => {
  const grids = job.leaves.map(({ plan, spec }) =>
    Object.values(plan.outputs).some(({ scope }) => scope === 'tree') ? null : gridOf(plan, spec.shape),
  )
  return { grids: grids.every((grid) => grid !== null) ? grids : null }
})

/** A step, where its leaves lie so; `null` where they do not. */
type AxesInterpreter = (work: Work<Tensor>) => Done<Tensor> | Refusal | null

/** A kernel that the engine does not compile: none is, and nothing was written. */
class Refused extends Error {
  constructor(readonly why: Refusal) {
    super(why.reason)
  }
}

/** The interpreter for tensors of a WASM backend whose rules are of rows and columns. */
export const axesInterpreter: (door: WasmDoor) => AxesInterpreter = remember((door: WasmDoor) => {
  const compile = compiler({ memory: door.memory, isShared: door.isShared, sums: inTurns })
  const kernelOf = remember((loop: Loop): Kernel => {
    const kernel = compile(loop, 'float32')
    if ('_tag' in kernel) throw new Refused(kernel)
    return kernel
  })
  const engine: Engine = { door, launch: launcher(door), kernelOf }
  return (work: Work<Tensor>) => {
    const { grids } = gridsOf(work.job)
    if (grids === null) return null
    const located = locate(door, work)
    const to = placing(door, work.donate, work.donate ? shared(located) : new Set())
    const host = new Map(work.job.host.map((expr, i) => [expr, work.host[i] ?? Number.NaN]))
    const columns: Record<string, (Tensor | null)[]> = {}
    const none = work.job.leaves.map(() => null)
    const before = (name: string): Column<Tensor> =>
      name === UPDATE ? work.parameters : (work.slots[name] ?? none)
    try {
      const leaves = leafWorks(work)
      // those that share something go stage by stage; of others each as a whole, while it is in the caches
      const together = leaves.map((_, i) => i)
      const groups = leaves.some(({ plan }) => plan.shares) ? [together] : together.map((i) => [i])
      for (const group of groups) {
        const all = group.map((i) => leafOf(door, grids[i] as Grid, leaves[i] as LeafWork<Tensor>, host)) // as many as leaves
        for (let stage = 0; stage < work.job.plan.stages; stage++) {
          for (const prepared of all) reduceStage(engine, prepared, stage)
          addUp(all, stage)
        }
        for (const [k, i] of group.entries()) {
          const columnOf = (name: string): (Tensor | null)[] => (columns[name] ??= [...none])
          const prepared = all[k] as Prepared // as many as in the group
          writeOutputs(engine, prepared, (name, shape) => {
            const old = before(name)[i] ?? null
            const data = old === null ? null : door.dataOf(old)
            return to.place(old, data, shape, sizeOf(shape), columnOf(name), i)
          })
          for (const [name, { expr }] of Object.entries(prepared.leaf.work.plan.outputs)) {
            const old = before(name)[i] ?? null
            if (old !== null && isUnchanged(name, expr)) columnOf(name)[i] = to.share(old)
          }
        }
      }
    } catch (error) {
      to.dispose()
      if (error instanceof Refused) return error.why
      throw error
    }
    for (const [name, column] of Object.entries(columns))
      for (const [i, leaf] of work.job.leaves.entries()) {
        const old = before(name)[i] ?? null
        if (column[i] === null && old !== null && leaf.plan.outputs[name] !== undefined)
          column[i] = door.takeOver(old)
      }
    return { columns, tree: {} }
  }
})
