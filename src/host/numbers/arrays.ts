/** The interpreter for leaves whose numbers are in arrays: numbers and typed arrays themselves, and whatever holds one. */
import type { Loop } from '../../compile/loop.js'
import { remember } from '../../rule/intern.js'
import { sizeOf } from '../../rule/leaf.js'
import { cloneLeaf, NdArray, type NumberLeaf, numbersOf } from '../../rule/ndarray.js'
import { brought, reductions } from '../brought.js'
import { type Refusal, refusal, report } from '../fallback.js'
import { bind } from '../kernels/bind.js'
import type { Binding } from '../kernels/binding.js'
import { type Compile, compiler } from '../kernels/compile.js'
import type { Machine } from '../kernels/machine.js'
import { runAll } from '../kernels/run.js'
import type { Done, Interpreter, Job, Work } from '../work.js'
import { ColumnMachine } from './columnMachine.js'
import { type Columns, keepsColumns, layColumns } from './columns.js'
import type { ArrayDoor } from './door.js'
import type { Stepped } from './inputs.js'
import { lay } from './layout.js'
import { KernelMachine } from './machine.js'
import { ownMemory } from './memory.js'
import { Outputs, placesOf } from './outputs.js'

/** Loops that have the same number for all elements need no kernel. */
const needsKernel = ({ streams }: Loop): boolean => streams.length > 0

/** A way to compute the steps of a job. */
export interface Way {
  readonly run: <V>(door: ArrayDoor<V>, work: Work<V>) => Done<V>
}

const wayOf = <L>(binding: Binding<L>, machineOf: <V>(stepped: Stepped<V>) => Machine<L>): Way => {
  const places = placesOf(binding)
  return {
    run: (door, work) => {
      const outputs = new Outputs(door, work, binding, places)
      runAll(machineOf({ door, work, outputs }), work, binding)
      return outputs.done
    },
  }
}

const bindColumns = (job: Job): Binding<Columns> => {
  const binding = bind(job, () => null, layColumns, keepsColumns)
  if ('_tag' in binding) throw new TypeError('loops over columns compile nothing')
  return binding
}

const columnWay = (binding: Binding<Columns>): Way => wayOf(binding, (stepped) => new ColumnMachine(stepped))

/** Loops over columns. */
export const columnsOf: (job: Job) => Way = remember((job: Job) => columnWay(bindColumns(job)))

let compile: Compile | undefined

/** Kernels in a memory of our own; a refusal where WebAssembly is not there, or not allowed. */
export const kernelsOf: (job: Job) => Way | Refusal = remember((job: Job) => {
  try {
    const memory = ownMemory()
    compile ??= compiler({
      memory: memory.memory,
      isShared: false,
      sums: (widths) => reductions().inOrder(widths),
    })
    const known = compile
    const binding = bind(job, (loop, precision) => (needsKernel(loop) ? known(loop, precision) : null), lay)
    if ('_tag' in binding) return binding
    // there is room, or none is looked for in the middle of a step
    for (const { bytes } of phasesOf(binding)) memory.views(bytes)
    return wayOf(binding, (stepped) => new KernelMachine(memory, stepped))
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

const hasFew = ({ leaves }: Job): boolean =>
  leaves.length <= FEW && leaves.reduce((total, { spec }) => total + sizeOf(spec.shape), 0) <= FEW

/** Whether loops over columns are worth it, on few elements: in one window. */
const areWorthIt = (phases: readonly Columns[]): boolean =>
  phases.reduce(
    (sum, { windows, written }) => sum + (windows[0]?.size ?? 0) * written.instructions.length,
    0,
  ) <=
  OPERATIONS * phases.length

const wayFor = remember((job: Job): Way | Refusal => {
  const few = hasFew(job) ? bindColumns(job) : null
  return few !== null && areWorthIt(phasesOf(few)) ? columnWay(few) : kernelsOf(job)
})

/**
 * The interpreter for leaves of a kind: what the door is may depend on the step, as which memory is held elsewhere
 * does.
 */
export const arrayInterpreter =
  <V>(doorOf: (work: Work<V>) => ArrayDoor<V>): Interpreter<V> =>
  (work) => {
    const door = doorOf(work)
    const { job } = work
    if (job.byAxes) {
      if (brought.axes === undefined) throw new TypeError('a rule of axes brings what computes them')
      return brought.axes(door, work)
    }
    const way = wayFor(job)
    if (!('_tag' in way)) return way.run(door, work)
    report(way)
    return columnsOf(job).run(door, work)
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
  const take = brought.takerOf?.(work) ?? null
  return take === null ? ownDoor : { ...ownDoor, take }
})
