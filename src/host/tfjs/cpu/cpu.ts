/**
 * The interpreter for tensors of the cpu backend: their numbers are in arrays, and are stepped as those are.
 *
 * Nothing is written over, donated or not: `tf.tensor` keeps the array that it is given, and `dataSync` hands out the
 * backend's own.
 */
import { remember } from '../../../rule/intern.js'
import { arrayInterpreter } from '../../numbers/arrays.js'
import type { ArrayDoor } from '../../numbers/door.js'
import type { Interpreter } from '../../work.js'
import type { CpuDoor, Tensor } from './backend.js'

const scalar: readonly number[] = []

const arraysOf = ({ valuesOf, makeTensor, share }: CpuDoor): ArrayDoor<Tensor> => ({
  read: valuesOf,
  take: null,
  wrap: (values, _, shape) =>
    makeTensor(values instanceof Float32Array ? values : Float32Array.from(values), shape),
  single: (value) => makeTensor(Float32Array.of(value), scalar),
  keep: share,
})

/** The interpreter for tensors of a cpu backend. */
export const cpuInterpreter: (door: CpuDoor) => Interpreter<Tensor> = remember((door: CpuDoor) => {
  const arrays = arraysOf(door)
  return arrayInterpreter(() => arrays)
})
