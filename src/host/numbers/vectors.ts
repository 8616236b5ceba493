/** What the host of numbers makes of its leaves besides steps: others like them, and vectors. */
import { countOf, isNumberLeaf, likeLeaf, type NumberLeaf, numbersOf } from '../../rule/ndarray.js'
import type { Vectors } from '../host.js'

const isFloat32 = (leaf: NumberLeaf): boolean => numbersOf(leaf) instanceof Float32Array

const joined = <A extends Float32Array | Float64Array>(whole: A, leaves: readonly NumberLeaf[]): A => {
  let from = 0
  for (const leaf of leaves) {
    const numbers = numbersOf(leaf)
    if (typeof numbers === 'number') whole[from] = numbers
    else whole.set(numbers, from)
    from += countOf(leaf)
  }
  return whole
}

/** Numbers, typed arrays and arrays with a shape. */
export const numberVectors: Vectors<NumberLeaf> = {
  owns: isNumberLeaf,
  like: likeLeaf,
  zerosLike: (leaf) => {
    const size = countOf(leaf)
    return likeLeaf(leaf, isFloat32(leaf) ? new Float32Array(size) : new Float64Array(size))
  },
  sizeOf: countOf,
  concat: (leaves) => {
    const size = leaves.reduce<number>((sum, leaf) => sum + countOf(leaf), 0)
    if (leaves.every(isFloat32)) return joined(new Float32Array(size), leaves)
    return leaves.some(isFloat32) ? null : joined(new Float64Array(size), leaves)
  },
  part: (vector, from, like) => {
    const numbers = numbersOf(vector)
    return typeof numbers === 'number' ? numbers : likeLeaf(like, numbers.slice(from, from + countOf(like)))
  },
}
