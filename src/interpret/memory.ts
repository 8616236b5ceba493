/** The memory of leaves: arrays are copied and collected, tensors have handles to clone and to dispose. */
import type { Leaf } from '../rule/leaf.js'
import { cloneTensor, isTensor, readTensor, readTensorLater } from './tensor.js'

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

/** The number of a scalar leaf. */
export const readLeaf = (leaf: Leaf): number =>
  isTensor(leaf) ? readTensor(leaf) : typeof leaf === 'number' ? leaf : Number.NaN

/** The same without blocking on the device. */
export const readLeafLater = async (leaf: Leaf): Promise<number> =>
  isTensor(leaf) ? readTensorLater(leaf) : readLeaf(leaf)
