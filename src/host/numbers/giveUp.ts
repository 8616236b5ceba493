/**
 * Giving up: an array that is given to a donating step may be written over, and must not go on to show other numbers. Its
 * buffer is handed over to a new array, and the old one is empty from then on.
 */
import { remember } from '../../rule/intern.js'
import { sizeOf } from '../../rule/leaf.js'
import type { Job, Work } from '../work.js'
import type { Elements, NumberValue } from './values.js'

/** In bytes: smaller arrays are copied faster than a buffer is handed over. */
const LEAST = 2 ** 14

const isLarge = (value: unknown): value is Elements =>
  (value instanceof Float32Array || value instanceof Float64Array) && value.byteLength >= LEAST

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
}: Work<NumberValue>): ReadonlySet<ArrayBufferLike> => {
  const seen = new Set<ArrayBufferLike>()
  const shared = new Set<ArrayBufferLike>()
  for (const column of [gradients, parameters, ...Object.values(slots), ...beside])
    for (const leaf of column)
      if (isLarge(leaf)) {
        if (seen.has(leaf.buffer)) shared.add(leaf.buffer)
        seen.add(leaf.buffer)
      }
  return shared
}

/** Newer engines have a function for it; a copy that takes the original along does the same. */
const handOver = (buffer: ArrayBuffer & { readonly transfer?: () => ArrayBuffer }): ArrayBuffer =>
  typeof buffer.transfer === 'function' ? buffer.transfer() : structuredClone(buffer, { transfer: [buffer] })

const isResizable = (buffer: ArrayBuffer): boolean => 'resizable' in buffer && buffer.resizable === true

/** An array with the buffer of another, which is empty from now on; `null` where that must stay as it is. */
const taken = (leaf: NumberValue, shared: ReadonlySet<ArrayBufferLike>): NumberValue | null => {
  if (!isLarge(leaf)) return null
  const { buffer, byteLength } = leaf
  // a view into a larger buffer, or one that others see too
  if (!(buffer instanceof ArrayBuffer) || byteLength !== buffer.byteLength) return null
  if (shared.has(buffer) || isResizable(buffer)) return null
  try {
    const own = handOver(buffer)
    return leaf instanceof Float32Array ? new Float32Array(own) : new Float64Array(own)
  } catch {
    // that of a WebAssembly memory, or an engine that hands nothing over
    return null
  }
}

/** What may take over the arrays of a step; `null` where that is not worth while. */
export const takerOf = (work: Work<NumberValue>): ((leaf: NumberValue) => NumberValue | null) | null => {
  if (!work.donate || !hasLarge(work.job)) return null
  const shared = sharedBuffers(work)
  return (leaf) => taken(leaf, shared)
}
