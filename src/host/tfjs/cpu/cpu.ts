/**
 * The interpreter for tensors of the cpu backend: their numbers are Float32Arrays, and are stepped as those are.
 *
 * Nothing is written over, donated or not: `tf.tensor` keeps the array that it is given, and `dataSync` hands out the
 * backend's own.
 */
import { remember } from '../../../rule/intern.js'
import { type NumberValue, numberInterpreter } from '../../numbers/number.js'
import type { Column, Done, Interpreter, Work } from '../../work.js'
import type { CpuDoor, Tensor } from './backend.js'

// tensors' numbers

/** The numbers of a tensor, as those of an array or of a scalar. */
const numbersOf = (door: CpuDoor, tensor: Tensor | null | undefined): NumberValue | null => {
  if (tensor === null || tensor === undefined) return null
  const values = door.valuesOf(tensor)
  return tensor.shape.length === 0 ? (values[0] ?? Number.NaN) : values
}

const valuesOf = (door: CpuDoor, column: Column<Tensor>): Column<NumberValue> =>
  column.map((tensor) => numbersOf(door, tensor))

const mapRecord = <A, B>(record: Readonly<Record<string, A>>, f: (a: A) => B): Record<string, B> => {
  const mapped: Record<string, B> = {}
  for (const name of Object.keys(record)) mapped[name] = f(record[name] as A)
  return mapped
}

/** The same work on numbers. */
const read = (door: CpuDoor, work: Work<Tensor>): Work<NumberValue> => ({
  job: work.job,
  gradients: valuesOf(door, work.gradients),
  parameters: valuesOf(door, work.parameters),
  slots: mapRecord(work.slots, (column) => valuesOf(door, column)),
  treeSlots: mapRecord(work.treeSlots, (tensor) => numbersOf(door, tensor)),
  host: work.host,
  donate: false,
})

// results

const scalarShape: readonly number[] = []

/** The numbers of an output, as a tensor. They are nobody else's. */
const tensorOf = (door: CpuDoor, value: NumberValue, shape: readonly number[]): Tensor =>
  door.makeTensor(
    value instanceof Float32Array
      ? value
      : typeof value === 'number'
        ? Float32Array.of(value)
        : Float32Array.from(value),
    shape,
  )

/** The numbers of results, as tensors. */
const write = (door: CpuDoor, { job }: Work<Tensor>, { columns, tree }: Done<NumberValue>): Done<Tensor> => {
  const tensors: Record<string, Column<Tensor>> = {}
  for (const name of Object.keys(columns))
    tensors[name] = job.leaves.map(({ spec, plan }, i) => {
      const value = columns[name]?.[i] ?? null
      if (value === null) return null
      return tensorOf(door, value, plan.outputs[name]?.scope === 'element' ? spec.shape : scalarShape)
    })
  return { columns: tensors, tree: mapRecord(tree, (value) => tensorOf(door, value, scalarShape)) }
}

/** The interpreter for tensors of a cpu backend. */
export const cpuInterpreter: (door: CpuDoor) => Interpreter<Tensor> = remember(
  (door: CpuDoor): Interpreter<Tensor> =>
    (work) =>
      write(door, work, numberInterpreter(read(door, work))),
)
