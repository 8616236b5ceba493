/** Computes steps: on numbers and arrays, and in parts or rounds once somebody needs these. */
import { brought } from './brought.js'
import { hostFor } from './hosts.js'
import type { Interpreter } from './work.js'

/**
 * Computes a step.
 *
 * Throws `DtypeMismatch`, before anything is computed, for a tree that holds both numbers and tensors where a
 * rule reduces over the tree.
 */
export const interpret: Interpreter = (work) => {
  const { parts = hostFor('number').run, rounds } = brought
  return rounds === undefined ? parts(work) : rounds(parts, work)
}
