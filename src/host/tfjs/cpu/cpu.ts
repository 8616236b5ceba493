/**
 * The interpreter for tensors of the cpu backend: their numbers are in arrays, and are stepped as those are.
 *
 * Nothing is written over, donated or not: `tf.tensor` keeps the array that it is given, and `dataSync` hands out the
 * backend's own.
 */
import { remember } from '../../../rule/intern.js'
import type { Elements } from '../../../rule/ndarray.js'
import { arrayInterpreter, wayInPlace } from '../../numbers/arrays.js'
import type { ArrayDoor } from '../../numbers/door.js'
import { type Interpreter, staying, type Work } from '../../work.js'
import type { CpuDoor, Tensor } from './backend.js'

const scalar: readonly number[] = []

const single = (values: Elements): Float32Array =>
  values instanceof Float32Array ? values : Float32Array.from(values)

const arraysOf = ({ valuesOf, makeTensor, share }: CpuDoor): ArrayDoor<Tensor> => ({
  read: valuesOf,
  take: null,
  wrap: (values, _, shape) => makeTensor(single(values), shape),
  single: (value) => makeTensor(Float32Array.of(value), scalar),
  keep: share,
})

/** The same, where tensors stay and get other arrays. */
const inPlaceOf = (door: CpuDoor): ArrayDoor<Tensor> => ({
  ...arraysOf(door),
  keep: (tensor) => tensor,
  put: (tensor, values) => {
    door.renew(tensor, single(values))
    return tensor
  },
})

/** The interpreter for tensors of a cpu backend. */
export const cpuInterpreter: (door: CpuDoor) => Interpreter<Tensor> = remember((door: CpuDoor) => {
  const arrays = arraysOf(door)
  return arrayInterpreter(() => arrays)
})

/** As `inPlace` of a host. */
export const cpuInPlace = (door: CpuDoor, work: Work<Tensor>): (() => boolean) | null => {
  const way = wayInPlace(work.job)
  if (way === null) return null
  const arrays = inPlaceOf(door)
  const all = staying(work)
  return () => {
    for (const tensor of all) if (!door.isAlone(tensor)) return false
    way.run(arrays, work)
    return true
  }
}
