/** Flat: leaves one after the other as one vector, and back. */
import { GradpipeError } from '../error.js'
import type { Leaf } from '../rule/leaf.js'
import { concatTensors, isTensor, partOfTensor, zerosOf } from './tfjs/operations.js'

const isFloat32 = (leaf: Leaf): leaf is Float32Array => leaf instanceof Float32Array

const isFloat64 = (leaf: Leaf): leaf is number | Float64Array =>
  typeof leaf === 'number' || leaf instanceof Float64Array

const joined = <A extends Float32Array | Float64Array>(whole: A, arrays: readonly ArrayLike<number>[]): A => {
  let from = 0
  for (const array of arrays) {
    whole.set(array, from)
    from += array.length
  }
  return whole
}

const total = (arrays: readonly ArrayLike<number>[]): number =>
  arrays.reduce((length, array) => length + array.length, 0)

/**
 * Leaves one after the other, as one. Numbers and Float64Arrays go together; other kinds do not.
 *
 * Throws `DtypeMismatch`, with `path` as its path, for leaves of several kinds.
 */
export const concatLeaves = (leaves: readonly Leaf[], path: string): Leaf => {
  if (leaves.every(isTensor)) return concatTensors(leaves)
  if (leaves.every(isFloat32)) return joined(new Float32Array(total(leaves)), leaves)
  if (leaves.every(isFloat64)) {
    const arrays = leaves.map((leaf) => (typeof leaf === 'number' ? [leaf] : leaf))
    return joined(new Float64Array(total(arrays)), arrays)
  }
  throw new GradpipeError('DtypeMismatch', path, 'leaves of one kind', 'several')
}

const sizeOf = (leaf: Leaf): number =>
  isTensor(leaf) ? leaf.size : typeof leaf === 'number' ? 1 : lengthOf(leaf)

const lengthOf = (leaf: Leaf): number => (isFloat32(leaf) || leaf instanceof Float64Array ? leaf.length : 0)

/** The leaves, each like one of `likes`, that lie one after the other in a vector. */
export const splitLeaf = (flat: Leaf, likes: readonly Leaf[]): readonly Leaf[] => {
  let next = 0
  return likes.map((like) => {
    const from = next
    next += sizeOf(like)
    if (isTensor(flat) && isTensor(like)) return partOfTensor(flat, from, like)
    if (flat instanceof Float32Array) return flat.slice(from, next)
    if (flat instanceof Float64Array)
      return typeof like === 'number' ? (flat[from] ?? Number.NaN) : flat.slice(from, next)
    return flat
  })
}

/** A leaf of zeros. */
export const zerosLikeLeaf = (like: Leaf): Leaf =>
  isTensor(like)
    ? zerosOf(like.shape)
    : isFloat32(like)
      ? new Float32Array(like.length)
      : like instanceof Float64Array
        ? new Float64Array(like.length)
        : 0
