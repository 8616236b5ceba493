/** skipNotFinite, skipLargeUpdates: which gradients `multiSteps` leaves out. */

import { sum } from '../declare/reduction.js'
import { clone } from '../host/hosts.js'
import { called } from '../options.js'
import type { TreeValue } from '../program/program.js'
import { checkRanges, real } from '../range.js'
import type { Params } from '../rule/leaf.js'
import { slot } from '../rule/slot.js'
import { constant, select } from '../rule/term.js'
import { fromRule } from '../transform/fromRule.js'
import { observe } from '../transform/observe.js'

/**
 * Whether `multiSteps` skips gradients, and what its state keeps about that. The first can be a scalar tensor, which
 * `multiSteps` reads and then frees; 0 and `null` mean no. Before the first step it is called with gradients of zero.
 *
 * @category Wrappers
 */
export type ShouldSkipUpdate<T> = (
  updates: Params,
  gradientStep: number,
  params: Params | undefined,
) => readonly [skip: boolean | TreeValue, skipState: T]

/** What both rules keep. */
interface Skipped {
  /** 1 if the last gradients were left out, else 0. */
  readonly shouldSkip: TreeValue
}

/** The answer that was observed, with a handle of its own on what is to be read. */
const answer = <T extends Skipped>(observed: T): readonly [TreeValue, T] => {
  const { shouldSkip } = observed
  return [shouldSkip === null ? null : clone(shouldSkip), observed]
}

/**
 * What {@link skipNotFinite} keeps.
 *
 * @category Wrappers
 */
export interface SkipNotFiniteState extends Skipped {
  /** How many elements of the last gradients were not finite. */
  readonly numNotFinite: TreeValue
}

const notFinite = observe(
  fromRule({
    slots: { shouldSkip: slot('tree', 0), numNotFinite: slot('tree', 0) },
    scalars: {},
    step: ({ g }) => {
      const numNotFinite = sum(select(g.abs().lt(Number.POSITIVE_INFINITY), 0, 1), 'tree')
      return { update: constant(0), shouldSkip: select(numNotFinite.gt(0), 1, 0), numNotFinite }
    },
  }),
)

/**
 * Skips gradients with an element that is NaN or infinite.
 *
 * @category Wrappers
 * @see Optax, `skip_not_finite`
 * @example
 * ```ts
 * import { skipNotFinite } from 'gradpipe'
 *
 * const [skip, { numNotFinite }] = skipNotFinite([1, Number.NaN, Number.POSITIVE_INFINITY])
 * assert.deepEqual([skip, numNotFinite], [1, 2])
 * ```
 */
export const skipNotFinite: (updates: Params) => readonly [skip: TreeValue, skipState: SkipNotFiniteState] =
  /* @__PURE__ */ called(['skipNotFinite'], (updates: Params) => answer(notFinite(updates)))

/**
 * What {@link skipLargeUpdates} keeps.
 *
 * @category Wrappers
 */
export interface SkipLargeUpdatesState extends Skipped {
  /** The squared norm of the last gradients. */
  readonly normSquared: TreeValue
}

/**
 * Skips gradients whose squared norm over the whole tree is not below a bound, NaN included.
 *
 * Throws `InvalidArgument` for a bound that is not a number.
 *
 * @category Wrappers
 * @see Optax, `skip_large_updates`
 * @example
 * ```ts
 * import { skipLargeUpdates } from 'gradpipe'
 *
 * const skip = skipLargeUpdates(25)
 * assert.deepEqual(skip([3, 3]), [0, { shouldSkip: 0, normSquared: 18 }])
 * assert.deepEqual(skip([3, 4]), [1, { shouldSkip: 1, normSquared: 25 }])
 * ```
 */
export const skipLargeUpdates = (
  maxSquaredNorm: number,
): ((updates: Params) => readonly [skip: TreeValue, skipState: SkipLargeUpdatesState]) => {
  checkRanges('skipLargeUpdates', { maxSquaredNorm }, { maxSquaredNorm: real })
  const large = observe(
    fromRule({
      slots: { shouldSkip: slot('tree', 0), normSquared: slot('tree', 0) },
      scalars: { maxSquaredNorm },
      step: ({ g }, { maxSquaredNorm }) => {
        const normSquared = sum(g.square(), 'tree')
        return {
          update: constant(0),
          shouldSkip: select(normSquared.lt(maxSquaredNorm), 0, 1),
          normSquared,
        }
      },
    }),
  )
  return called(['skipLargeUpdates', maxSquaredNorm], (updates: Params) => answer(large(updates)))
}
