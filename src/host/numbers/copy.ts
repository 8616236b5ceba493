/** Copies a part of an array into another one. */
import type { Elements } from '../../rule/ndarray.js'

/** Up to so many elements, a loop costs less than a call that copies them: all of an array, or a part. */
const FEW = { whole: 6, part: 16 }

/** Copies so many elements from an index on to another one. */
export const copyInto = (x: Elements, from: number, size: number, into: Elements, at: number): void => {
  const isWhole = size === x.length
  if (size <= (isWhole ? FEW.whole : FEW.part))
    for (let i = 0; i < size; i++) into[at + i] = x[from + i] as number
  else into.set(isWhole ? x : x.subarray(from, from + size), at)
}
