/**
 * Giving up: an array that is given to a donating step may be written over, and must not go on to show other numbers. Its
 * buffer is handed over to a new array, and the old one is empty from then on.
 */
import { remember } from '../../rule/intern.js'
import { sizeOf } from '../../rule/leaf.js'
import {
  type Elements,
  isElements,
  isNumberLeaf,
  likeLeaf,
  type NumberLeaf,
  numbersOf,
} from '../../rule/ndarray.js'
import type { Job, Work } from '../work.js'

/**
 * In bytes: smaller arrays are copied faster than a buffer is handed over. To clone one with `transfer` takes 2.4 µs each, the
 * function of newer engines a fifth of it: a step of Adam on a thousand numbers of float64 takes 7.0 µs by it in Node 24,
 * where copies take 9.8; at 2 KiB both take as long.
 */
const LEAST = 'transfer' in ArrayBuffer.prototype ? 2 ** 11 : 2 ** 14

const isLarge = (value: unknown): value is Elements => isElements(value) && value.byteLength >= LEAST

/** Whether any array of a job can be worth it. */
const hasLarge = remember(({ leaves }: Job): boolean =>
  leaves.some(({ spec }) => sizeOf(spec.shape) * (spec.dtype === 'float32' ? 4 : 8) >= LEAST),
)

/** The buffers of large arrays that stand in several places of a step. */
const sharedBuffers = ({
  gradients,
  parameters,
  slots,
  beside = [],
}: Work<NumberLeaf>): ReadonlySet<ArrayBufferLike> => {
  const seen = new Set<ArrayBufferLike>()
  const shared = new Set<ArrayBufferLike>()
  for (const column of [gradients, parameters, ...Object.values(slots), ...beside])
    for (const leaf of column) {
      const numbers = isNumberLeaf(leaf) ? numbersOf(leaf) : null
      if (!isLarge(numbers)) continue
      if (seen.has(numbers.buffer)) shared.add(numbers.buffer)
      seen.add(numbers.buffer)
    }
  return shared
}

/** Newer engines have a function for it; a copy that takes the original along does the same. */
const handOver = (buffer: ArrayBuffer & { readonly transfer?: () => ArrayBuffer }): ArrayBuffer =>
  typeof buffer.transfer === 'function' ? buffer.transfer() : structuredClone(buffer, { transfer: [buffer] })

const isResizable = (buffer: ArrayBuffer): boolean => 'resizable' in buffer && buffer.resizable === true

/** An array with the buffer of another, which is empty from now on; `null` where that must stay as it is. */
const taken = (leaf: NumberLeaf, shared: ReadonlySet<ArrayBufferLike>): NumberLeaf | null => {
  const numbers = numbersOf(leaf)
  if (!isLarge(numbers)) return null
  const { buffer, byteLength } = numbers
  // a view into a larger buffer, or one that others see too
  if (!(buffer instanceof ArrayBuffer) || byteLength !== buffer.byteLength) return null
  if (shared.has(buffer) || isResizable(buffer)) return null
  try {
    const own = handOver(buffer)
    return likeLeaf(leaf, numbers instanceof Float32Array ? new Float32Array(own) : new Float64Array(own))
  } catch {
    // that of a WebAssembly memory, or an engine that hands nothing over
    return null
  }
}

/** What may take over the arrays of a step; `null` where that is not worth while. */
export const takerOf = (work: Work<NumberLeaf>): ((leaf: NumberLeaf) => NumberLeaf | null) | null => {
  if (!work.donate || !hasLarge(work.job)) return null
  const shared = sharedBuffers(work)
  return (leaf) => taken(leaf, shared)
}
