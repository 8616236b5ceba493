/** applyEvery: updates that are saved up and given out together. */
import { GradpipeError } from '../error.js'
import { options } from '../options.js'
import type { Params } from '../rule/leaf.js'
import { zeros } from '../rule/slot.js'
import { select } from '../rule/term.js'
import { fromRule } from '../transform/fromRule.js'
import type { GradientTransformation } from '../transform/transformation.js'

/**
 * Options of {@link applyEvery}.
 *
 * @category Building blocks
 */
export interface ApplyEveryOptions {
  /** How many updates are saved up, at least 1. Default 1. */
  readonly k?: number
}

/**
 * State of {@link applyEvery}.
 *
 * @category Building blocks
 */
export interface ApplyEveryState {
  /** Updates made. */
  readonly count: number
  /** The sum since the last time that it was given out, shaped like the parameters. */
  readonly gradAcc: Params
}

/**
 * Gives out the sum of `k` updates at every `k`th step, and zeros in between.
 *
 * {@rule `applyEvery({ k: 4 })`}
 *
 * What stands before it in a chain runs at every step; `multiSteps` saves up gradients before they are worked on.
 * A sum that is not finite is gone once it was given out; in Optax it stays.
 *
 * Throws `InvalidArgument` for a `k` that is not a whole number from 1 on.
 *
 * @category Building blocks
 * @see Optax, `apply_every`
 * @example
 * ```ts
 * import { applyEvery } from 'gradpipe'
 *
 * const tx = applyEvery({ k: 2 })
 * const [first, state] = tx.update(3, tx.init(0))
 * const [second] = tx.update(4, state)
 * assert.deepEqual([first, second], [0, 7])
 * ```
 */
export const applyEvery = (given?: ApplyEveryOptions): GradientTransformation<ApplyEveryState> => {
  const { k } = options('applyEvery', { k: 1 }, given)
  if (!Number.isSafeInteger(k) || k < 1)
    throw new GradpipeError('InvalidArgument', 'applyEvery.k', 'a whole number from 1 on', String(k))
  return fromRule({
    slots: { gradAcc: zeros },
    scalars: ({ count, t }) => ({ sinceLast: count % k, untilNext: t % k }),
    step: ({ g, ...old }, { sinceLast, untilNext }) => {
      // a product with zero would keep what is not finite
      const gradAcc = select(sinceLast.eq(0), g, old.gradAcc.add(g))
      return { update: select(untilNext.eq(0), gradAcc, 0), gradAcc }
    },
  })
}
