/** Reads numbers from the device, where the host has to know them. */
import { readLeaf, readLeafLater } from '../host/hosts.js'
import { type Process, wait } from './process.js'
import type { TreeValue } from './transformation.js'

/** Reads a number that may be on the device; of nothing it is zero. */
export function* readNumber(value: TreeValue): Process<number> {
  if (value === null || typeof value === 'number') return value ?? 0
  return yield* wait({ now: () => readLeaf(value), later: () => readLeafLater(value) })
}
