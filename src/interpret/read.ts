/** Reading from the device: one number of a tensor, at once or later. */
import type { Leaf } from '../rule/leaf.js'
import { isTensor } from './tensor.js'

/** A number that can be had at once where the backend may be waited for, and later everywhere. */
export interface Reading {
  /** Blocks until the device has computed it. */
  readonly now: () => number
  /** Does not. */
  readonly later: () => Promise<number>
}

/** The leaf's only element; `null` of a leaf that has not exactly one. */
export const readElement = (leaf: Leaf): Reading | null => {
  if (typeof leaf === 'number') return { now: () => leaf, later: async () => leaf }
  if (!isTensor(leaf) || leaf.size !== 1 || leaf.dtype !== 'float32') return null
  return {
    now: () => leaf.dataSync()[0] ?? Number.NaN,
    later: async () => (await leaf.data())[0] ?? Number.NaN,
  }
}
