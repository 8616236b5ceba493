/** The host of numbers and typed arrays: the garbage collector sees to their memory. */
import type { Host } from '../host.js'
import { ownInterpreter } from './arrays.js'
import type { NumberValue } from './values.js'

const isFloat32 = (leaf: NumberValue): leaf is Float32Array => leaf instanceof Float32Array

const isFloat64 = (leaf: NumberValue): leaf is number | Float64Array => !isFloat32(leaf)

const sizeOf = (leaf: NumberValue): number => (typeof leaf === 'number' ? 1 : leaf.length)

const joined = <A extends Float32Array | Float64Array>(whole: A, leaves: readonly NumberValue[]): A => {
  let from = 0
  for (const leaf of leaves) {
    if (typeof leaf === 'number') whole[from] = leaf
    else whole.set(leaf, from)
    from += sizeOf(leaf)
  }
  return whole
}

/** The host. */
export const numberHost: Host<NumberValue> = {
  owns: (leaf): leaf is NumberValue =>
    typeof leaf === 'number' || leaf instanceof Float32Array || leaf instanceof Float64Array,
  run: ownInterpreter,
  clone: (leaf) => (typeof leaf === 'number' ? leaf : leaf.slice()),
  dispose: () => {},
  like: (leaf, values) =>
    typeof leaf === 'number'
      ? (values[0] ?? Number.NaN)
      : isFloat32(leaf)
        ? values
        : Float64Array.from(values),
  zerosLike: (leaf) =>
    typeof leaf === 'number'
      ? 0
      : isFloat32(leaf)
        ? new Float32Array(leaf.length)
        : new Float64Array(leaf.length),
  read: (leaf) => (typeof leaf === 'number' ? leaf : Number.NaN),
  readLater: async (leaf) => (typeof leaf === 'number' ? leaf : Number.NaN),
  sizeOf,
  concat: (leaves) => {
    const size = leaves.reduce<number>((sum, leaf) => sum + sizeOf(leaf), 0)
    if (leaves.every(isFloat32)) return joined(new Float32Array(size), leaves)
    return leaves.every(isFloat64) ? joined(new Float64Array(size), leaves) : null
  },
  part: (vector, from, like) =>
    typeof vector === 'number'
      ? vector
      : typeof like === 'number'
        ? (vector[from] ?? Number.NaN)
        : vector.slice(from, from + like.length),
}
