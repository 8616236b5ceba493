/**
 * The interpreter for tensors of the WASM backend whose rules are of rows and columns: a pass over the memory for each
 * traversal that reduces and one for the outputs, with the kernels that other rules have.
 * All that has a few numbers per row or column is computed by the reference, on the host: it sees the same memory.
 */
import type { Loop } from '../../../compile/loop.js'
import { inColumns } from '../../../compile/wasm/inColumns.js'
import { inTurns } from '../../../compile/wasm/turns.js'
import type { Expr } from '../../../rule/expr.js'
import { remember } from '../../../rule/intern.js'
import { sizeOf } from '../../../rule/leaf.js'
import { isReplaced, UPDATE } from '../../../rule/rule.js'
import { isAxes, shapeAlong } from '../../../rule/scope.js'
import type { Refusal } from '../../fallback.js'
import { compiler, type Kernel } from '../../kernels/compile.js'
import { viewsOf } from '../../kernels/machine.js'
import { finish } from '../../numbers/number.js'
import type { NumberValue } from '../../numbers/values.js'
import { type Grid, gridOf } from '../../rows/grid.js'
import { atWork, type LeafAtWork, type ReduceElements, reduceStages, together } from '../../rows/stages.js'
import { type Column, type Done, type Job, type LeafWork, leafWorks, type Work } from '../../work.js'
import type { Tensor, TensorData, WasmDoor } from './backend.js'
import { locate, shared } from './locate.js'
import { placing } from './place.js'
import { reduceElements } from './reduceRows.js'
import { type Engine, type Leaf, loopFor, runRows } from './rows.js'
import { launcher } from './threads.js'

/** A leaf of a step: what is known of it, and where its elements are. */
interface Prepared {
  readonly at: LeafAtWork
  readonly leaf: Leaf
}

/** Where a leaf of a step has its numbers. */
const leafOf = (
  engine: Engine,
  grid: Grid,
  work: LeafWork<Tensor>,
  host: ReadonlyMap<Expr, number>,
): Prepared => {
  const { shape } = work.spec
  const { door } = engine
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
  const numbersOf = (slot: Expr): NumberValue | undefined => {
    const at = (dataOf(slot)?.memoryOffset ?? 0) >>> 2
    const { f32 } = viewsOf(door.memory.buffer)
    // a copy: it may be written over meanwhile
    return isAxes(slot.scope) ? f32.slice(at, at + sizeOf(shapeAlong(slot.scope, shape))) : f32[at]
  }
  const own: LeafWork<NumberValue> = { ...work, gradient: null, parameter: null, slots: {} }
  const placed = (narrow: LeafAtWork['narrow']): Leaf => ({
    ...{ grid, work: own, narrow },
    address: (node) => dataOf(node)?.memoryOffset ?? 0,
  })
  // all tensors are float32, whose squares are never lost in float64
  const reducer =
    (narrow: LeafAtWork['narrow']): ReduceElements =>
    (nodes, _, traversal) =>
      reduceElements(engine, placed(narrow), nodes, traversal)
  const at = atWork(own, host, reducer, numbersOf)
  return { at, leaf: placed(at.narrow) }
}

/** Computes a leaf's outputs, and writes them where they belong. */
const writeOutputs = (
  engine: Engine,
  { leaf }: Prepared,
  place: (name: string, shape: readonly number[]) => number,
): void => {
  const { work } = leaf
  const changed = Object.entries(work.plan.outputs).filter(([name, { expr }]) => !isReplaced(name, expr))
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
    runRows(engine, leaf, { loop, stores, accumulators: new Map(), given: new Map() })
  }
  const addresses = others.map(([name, { scope }]) => place(name, shapeAlong(scope, shape)))
  const { f32 } = viewsOf(engine.door.memory.buffer)
  for (const [i, [name]] of others.entries()) {
    const [value = Number.NaN, at] = [values[name], (addresses[i] ?? 0) >>> 2]
    if (typeof value === 'number') f32[at] = value
    else f32.set(value, at)
  }
}

/** Many rows of fewer columns are no work for a kernel that begins anew with each of them. */
const MANY = 256
const LEAST = 16

const isWorthIt = ({ rows, columns }: Grid): boolean => rows <= MANY || columns >= LEAST

/** The grids of a job's leaves; `null` where any has none, or one that is not worth it. */
const gridsOf = remember((job: Job): { readonly grids: readonly Grid[] | null } => {
  const grids = job.leaves.map(({ plan, spec }) =>
    Object.values(plan.outputs).some(({ scope }) => scope === 'tree') ? null : gridOf(plan, spec.shape),
  )
  return { grids: grids.every((grid): grid is Grid => grid !== null && isWorthIt(grid)) ? grids : null }
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
  const { memory, isShared } = door
  const kernels = (sums: typeof inTurns): Engine['kernelOf'] => {
    const compile = compiler({ memory, isShared, sums })
    return remember((loop: Loop): Kernel => {
      const kernel = compile(loop, 'float32')
      if ('_tag' in kernel) throw new Refused(kernel)
      return kernel
    })
  }
  const [kernelOf, columnsOf] = [kernels(inTurns), kernels(inColumns)]
  const engine: Engine = { door, launch: launcher(door), kernelOf, columnsOf }
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
      for (const group of together(leaves)) {
        const all = group.map((i) => leafOf(engine, grids[i] as Grid, leaves[i] as LeafWork<Tensor>, host)) // as many as leaves
        reduceStages(
          all.map(({ at }) => at),
          work.job.plan.stages,
        )
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
            if (old !== null && isReplaced(name, expr)) columnOf(name)[i] = to.share(old)
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
