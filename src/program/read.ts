/** Reads numbers from the device that the host has to know. */
import { readLeaf, readLeafLater } from '../host/hosts.js'
import { type Process, wait } from './process.js'
import type { TreeValue } from './program.js'

/** Reads a number that may be on the device; nothing counts as zero. */
export function* readNumber(value: TreeValue): Process<number> {
  if (value === null || typeof value === 'number') return value ?? 0
  return yield* wait({ now: () => readLeaf(value), later: () => readLeafLater(value) })
}
