/** Steadiness: a gradient that stays the same makes nothing infinite. */

import * as fc from 'fast-check'
import { tree } from '../src/index.js'
import { trial } from './arbitrary.js'
import type { Signal } from './closedForm.js'
import { follow, stateTree } from './follow.js'
import { allKinds, readTree } from './kind.js'
import type { Law, Tx } from './law.js'
import { firstOf, unless } from './violation.js'

/**
 * A finite gradient, the same at every step, makes finite updates and a finite state.
 *
 * The variance of a constant gradient is zero, and the computed one may be a rounding below that, where a root would
 * be NaN.
 *
 * @category Laws of closed forms
 * @example
 * ```ts
 * import { scaleByStddev } from 'gradpipe'
 * import { checkLaws, steadyStaysFinite } from 'gradpipe/laws'
 *
 * checkLaws(scaleByStddev({ biasCorrection: true }), [steadyStaysFinite], { runs: 20 })
 * ```
 */
export const steadyStaysFinite: Law<Tx, Signal> = {
  name: 'steadyStaysFinite',
  statement: 'a constant finite g leaves updates and states finite',
  conditions: '|g| from 1e-12 to 1e12, and zero; as many as 60 steps',
  kinds: allKinds,
  arbitrary: (kind) => fc.record({ on: trial(kind, { steps: 1 }), steps: fc.integer({ min: 1, max: 60 }) }),
  predicate: (tx, { on: { params, grads }, steps }, kind) => {
    const [first = null] = grads
    const { updates, states } = follow(
      tx,
      { params, grads: Array.from({ length: steps }, () => first) },
      kind,
    )
    const finite = (where: string, of: typeof first) =>
      tree
        .leaves(of)
        .map(([path, { data }]) =>
          unless(
            data.every(Number.isFinite),
            tree.showPath([where, ...path]),
            'finite numbers',
            `[${[...data]}]`,
          ),
        )
    return firstOf([
      ...updates.flatMap((update, i) => finite(`update ${i + 1}`, update)),
      ...states.flatMap((state, i) => finite(`state ${i}`, readTree(stateTree(state)))),
    ])
  },
}
