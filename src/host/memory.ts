/** The memory of leaves: arrays are copied and collected, tensors have handles to clone and to dispose. */
import type { Leaf } from '../rule/leaf.js'
import { cloneTensor, isTensor, makeTensor, readTensor, readTensorLater } from './tfjs/operations.js'

/** The same value in memory of its own: a copied array, a tensor's new handle. */
export const clone = (leaf: Leaf): Leaf =>
  typeof leaf === 'number'
    ? leaf
    : leaf instanceof Float32Array || leaf instanceof Float64Array
      ? leaf.slice()
      : isTensor(leaf)
        ? cloneTensor(leaf)
        : leaf

/** Gives a leaf's memory back; numbers and arrays have none to give. */
export const disposeLeaf = (leaf: Leaf): void => {
  if (isTensor(leaf)) leaf.dispose()
}

/** A leaf of the kind and shape of another, with numbers of its own: row by row, as many as it has elements. */
export const leafLike = (like: Leaf, values: Float32Array): Leaf =>
  typeof like === 'number'
    ? (values[0] ?? Number.NaN)
    : like instanceof Float64Array
      ? Float64Array.from(values)
      : like instanceof Float32Array
        ? values
        : makeTensor(values, like.shape)

/** The number of a scalar leaf. */
export const readLeaf = (leaf: Leaf): number =>
  isTensor(leaf) ? readTensor(leaf) : typeof leaf === 'number' ? leaf : Number.NaN

/** The same without blocking on the device. */
export const readLeafLater = async (leaf: Leaf): Promise<number> =>
  isTensor(leaf) ? readTensorLater(leaf) : readLeaf(leaf)
