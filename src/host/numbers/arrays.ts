/** The interpreter for leaves whose numbers are in arrays: numbers and typed arrays themselves, and whatever holds one. */
import type { Loop } from '../../compile/loop.js'
import { inOrder } from '../../compile/wasm/inOrder.js'
import { subterms } from '../../rule/expr.js'
import { remember } from '../../rule/intern.js'
import { sizeOf } from '../../rule/leaf.js'
import { cloneLeaf, NdArray, type NumberLeaf, numbersOf } from '../../rule/ndarray.js'
import { UPDATE } from '../../rule/rule.js'
import { type Extent, isAxes, shapeAlong } from '../../rule/scope.js'
import { type Refusal, refusal, report } from '../fallback.js'
import { type Binding, bind } from '../kernels/bind.js'
import { compiler } from '../kernels/compile.js'
import type { Machine } from '../kernels/machine.js'
import { runAll } from '../kernels/run.js'
import type { Column, Done, Interpreter, Job, JobLeaf, Work } from '../work.js'
import { ColumnMachine, type Columns, layColumns } from './columns.js'
import type { ArrayDoor } from './door.js'
import { takerOf } from './giveUp.js'
import type { Stepped } from './inputs.js'
import { lay } from './layout.js'
import { machine } from './machine.js'
import { makeMemory } from './memory.js'
import { numberInterpreter } from './number.js'
import { Outputs, ownersOf } from './outputs.js'
import type { NumberValue } from './values.js'

/** The names of a job's slots that have one number for a leaf. */
const singlesOf = remember((job: Job): ReadonlySet<string> => {
  const names = new Set<string>()
  for (const plan of job.plan.leaves.values()) {
    const isSingle = (scope: Extent): boolean => scope !== 'element' && !isAxes(scope)
    for (const [name, { scope }] of Object.entries(plan.outputs)) if (isSingle(scope)) names.add(name)
    for (const node of subterms(Object.values(plan.outputs).map(({ expr }) => expr)))
      if (node._tag === 'Slot' && isSingle(node.scope)) names.add(node.name)
  }
  return names
})

const outputShape = (leaf: JobLeaf | undefined, name: string): readonly number[] =>
  leaf === undefined ? [] : shapeAlong(leaf.plan.outputs[name]?.scope ?? 'leaf', leaf.spec.shape)

/** The step by the reference, operator by operator. */
const byOperators = <V>(door: ArrayDoor<V>, work: Work<V>): Done<V> => {
  const { job, donate } = work
  const singles = singlesOf(job)
  const first = (value: NumberValue): number => (typeof value === 'number' ? value : (value[0] ?? Number.NaN))
  const isSingle = (i: number): boolean => job.leaves[i]?.spec.shape.length === 0
  const numbers = (column: Column<V>, single: boolean): Column<NumberValue> =>
    column.map((leaf, i) => {
      if (leaf === null) return null
      const value = door.read(leaf)
      return single || isSingle(i) ? first(value) : value
    })
  const slots: Record<string, Column<NumberValue>> = {}
  for (const [name, column] of Object.entries(work.slots)) slots[name] = numbers(column, singles.has(name))
  const treeSlots: Record<string, NumberValue | null> = {}
  for (const [name, leaf] of Object.entries(work.treeSlots))
    treeSlots[name] = leaf === null ? null : first(door.read(leaf))
  const done = numberInterpreter({
    ...work,
    gradients: numbers(work.gradients, false),
    parameters: numbers(work.parameters, false),
    slots,
    treeSlots,
  })

  const put = (value: NumberValue, before: V | null, like?: JobLeaf, shape: readonly number[] = []): V => {
    const taken = donate && before !== null && door.take !== null ? door.take(before) : null
    const own = taken === null ? null : door.read(taken)
    if (taken !== null && own !== null && typeof own !== 'number') {
      if (typeof value === 'number') own[0] = value
      else own.set(value)
      return taken
    }
    if (typeof value === 'number' || like === undefined) return door.single(first(value))
    return door.wrap(value, like.kind, shape)
  }
  const columns: Record<string, Column<V>> = {}
  for (const [name, column] of Object.entries(done.columns)) {
    const before = name === UPDATE ? work.parameters : (work.slots[name] ?? [])
    columns[name] = column.map((value, i) =>
      value === null ? null : put(value, before[i] ?? null, job.leaves[i], outputShape(job.leaves[i], name)),
    )
  }
  const tree: Record<string, V> = {}
  for (const [name, value] of Object.entries(done.tree)) tree[name] = put(value, work.treeSlots[name] ?? null)
  return { columns, tree }
}

/** Loops that have the same number for all elements need no kernel. */
const needsKernel = ({ streams }: Loop): boolean => streams.length > 0

/** A way to compute the steps of a job. */
export interface Way {
  readonly run: <V>(door: ArrayDoor<V>, work: Work<V>) => Done<V>
}

const wayOf = <L>(binding: Binding<L>, machineOf: <V>(stepped: Stepped<V>) => Machine<L>): Way => {
  const owners = ownersOf(binding)
  return {
    run: (door, work) => {
      const outputs = new Outputs(door, work, binding, owners)
      runAll(machineOf({ door, work, outputs }), work, binding)
      return outputs.done
    },
  }
}

const bindColumns = (job: Job): Binding<Columns> | Refusal => bind(job, () => null, layColumns)

const columnWay = (binding: Binding<Columns>): Way => wayOf(binding, (stepped) => new ColumnMachine(stepped))

/** Loops over columns, which compile nothing. */
export const columnsOf: (job: Job) => Way | Refusal = remember((job: Job) => {
  const binding = bindColumns(job)
  return '_tag' in binding ? binding : columnWay(binding)
})

const makeKernels = (): ((job: Job) => Way | Refusal) => {
  const memory = makeMemory()
  const compile = compiler({ memory: memory.memory, isShared: false, sums: inOrder })
  return (job) => {
    const binding = bind(job, (loop, precision) => (needsKernel(loop) ? compile(loop, precision) : null), lay)
    if ('_tag' in binding) return binding
    // there is room, or none is looked for in the middle of a step
    for (const { bytes } of phasesOf(binding)) memory.views(bytes)
    return wayOf(binding, (stepped) => machine(memory, stepped))
  }
}

let kernels: ReturnType<typeof makeKernels> | undefined

/** Kernels in a memory of our own; a refusal where WebAssembly is not there, or not allowed. */
export const kernelsOf: (job: Job) => Way | Refusal = remember((job: Job) => {
  try {
    kernels ??= makeKernels()
    return kernels(job)
  } catch (error) {
    return refusal('wasm', String(error))
  }
})

/** More elements are never few. */
const FEW = 512

/**
 * How many operations on single elements loops may take for each kernel: what they cost more than a vector's is less
 * than to copy the elements into the kernel's memory, and out again.
 */
const OPERATIONS = 512

const phasesOf = <L>({ groups }: Binding<L>): readonly L[] =>
  groups.flatMap(({ stages, final }) => [...stages, final].map(({ layout }) => layout))

const operationsOf = ({ window, written }: Columns): number => window.size * written.instructions.length

const hasFew = ({ leaves }: Job): boolean =>
  leaves.length <= FEW && leaves.reduce((total, { spec }) => total + sizeOf(spec.shape), 0) <= FEW

/** Loops over columns where they are worth it; `null` where kernels are. */
const bindFew = (job: Job): Binding<Columns> | null => {
  const binding = hasFew(job) ? bindColumns(job) : null
  if (binding === null || '_tag' in binding) return null
  const phases = phasesOf(binding)
  const operations = phases.reduce((sum, layout) => sum + operationsOf(layout), 0)
  return operations <= OPERATIONS * phases.length ? binding : null
}

const wayFor = remember((job: Job): Way | Refusal => {
  const few = bindFew(job)
  return few === null ? kernelsOf(job) : columnWay(few)
})

/**
 * The interpreter for leaves of a kind: what the door is may depend on the step, as which memory is held elsewhere
 * does.
 */
export const arrayInterpreter =
  <V>(doorOf: (work: Work<V>) => ArrayDoor<V>): Interpreter<V> =>
  (work) => {
    const door = doorOf(work)
    // what differs along some axes has no kernels yet
    if (work.job.byAxes) return byOperators(door, work)
    const way = wayFor(work.job)
    if (!('_tag' in way)) return way.run(door, work)
    report(way)
    return byOperators(door, work)
  }

/** The way to compute a job's steps, where there is one for which leaves may stay. */
export const wayInPlace = (job: Job): Way | null => {
  const way = job.byAxes ? null : wayFor(job)
  return way === null || '_tag' in way ? null : way
}

/** The door of numbers, typed arrays and arrays with a shape. */
export const ownDoor: ArrayDoor<NumberLeaf> = {
  read: numbersOf,
  take: null,
  wrap: (values, kind, shape) => (kind === 'ndarray' ? new NdArray(values, shape) : values),
  single: (value) => value,
  keep: cloneLeaf,
}

/** Computes steps on numbers, typed arrays and arrays with a shape. */
export const ownInterpreter: Interpreter<NumberLeaf> = arrayInterpreter((work) => {
  const take = takerOf(work)
  return take === null ? ownDoor : { ...ownDoor, take }
})
