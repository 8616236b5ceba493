/** The limit that memory sets: a rule's least traffic at the speed of a copy of as many floats. */

import type { Result } from './result.js'
import { rules } from './rules.js'

/** A copy reads and writes four bytes for each float. */
const copied = 8

/**
 * A limit for each rule and layout that was measured along with a copy. Where the tensors of a rule do not fit in
 * a cache that holds the two of the copy, it cannot be reached.
 */
export const limits = (results: readonly Result[]): readonly Result[] => {
  const copies = results.filter(({ rule }) => rule === 'copy')
  return copies.flatMap((copy) => {
    const measured = results.filter(
      ({ runtime, layout }) => runtime === copy.runtime && layout === copy.layout,
    )
    return Object.entries(rules)
      .filter(([name]) => measured.some(({ rule }) => rule === name))
      .map(([name, { bytes }]): Result => {
        const share = bytes / copied
        // the names of `rules` are names of rules
        const rule = name as Result['rule']
        return { ...copy, peer: 'limit of memory', rule, ms: copy.ms * share, least: copy.least * share }
      })
  })
}
