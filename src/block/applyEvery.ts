/** applyEvery: updates that are saved up and given out together. */
import { hyperparameters } from '../declare/hyperparameters.js'
import { steps } from '../range.js'
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
  /** The sum of updates since it was last applied, shaped like the parameters. */
  readonly gradAcc: Params
}

/**
 * Applies the sum of `k` updates in every `k`th step, and zeros in between.
 *
 * {@rule `applyEvery({ k: 4 })`}
 *
 * What comes before it in a chain runs in every step; `multiSteps` accumulates gradients before anything else. A sum
 * that is not finite is dropped once it was applied; in Optax it stays.
 *
 * Throws `InvalidArgument` unless `k` is a positive integer.
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
  const { k } = hyperparameters('applyEvery', { k: 1 }, given, { k: steps })
  return fromRule({
    call: ['applyEvery', given],
    slots: { gradAcc: zeros },
    scalars: ({ count, t }) => ({ sinceLast: count % k, untilNext: t % k }),
    step: ({ g, ...old }, { sinceLast, untilNext }) => {
      // a product with zero would keep what is not finite
      const gradAcc = select(sinceLast.eq(0), g, old.gradAcc.add(g))
      return { update: select(untilNext.eq(0), gradAcc, 0), gradAcc }
    },
  })
}
