/** scaleByRss: updates over the root of the sum of all squares so far. */
import { hyperparameters } from '../declare/hyperparameters.js'
import { notNegative } from '../range.js'
import type { Params } from '../rule/leaf.js'
import { slot } from '../rule/slot.js'
import { select } from '../rule/term.js'
import { fromRule } from '../transform/fromRule.js'
import type { GradientTransformation } from '../transform/transformation.js'

/**
 * Options of {@link scaleByRss}.
 *
 * @category Building blocks
 */
export interface ScaleByRssOptions {
  /** First value of the sum. Default 0.1. */
  readonly initialAccumulatorValue?: number
  /** Added under the root. Default 1e-7. */
  readonly eps?: number
}

/**
 * State of {@link scaleByRss}.
 *
 * @category Building blocks
 */
export interface ScaleByRssState {
  /** The sum of squares, shaped like the parameters. */
  readonly sumOfSquares: Params
}

/**
 * Divides updates by the root of the sum of their squares so far; where that is zero, so is the update.
 *
 * {@rule scaleByRss()}
 *
 * As in Optax the sum starts at 0.1, and `eps` stands under the root; in PyTorch it starts at 0, and `eps` is added to the
 * root. A first gradient of 0.1 becomes 0.30 here, and 1 there.
 *
 * @category Building blocks
 * @see Duchi, Hazan and Singer, Adaptive Subgradient Methods for Online Learning and Stochastic Optimization, 2011; Optax,
 * `scale_by_rss`
 * @example
 * ```ts
 * import { scaleByRss } from 'gradpipe'
 *
 * const tx = scaleByRss({ initialAccumulatorValue: 0, eps: 0 })
 * const [first, state] = tx.update(3, tx.init(0))
 * assert.deepEqual([first, tx.update(4, state)[0]], [1, 0.8])
 * ```
 */
export const scaleByRss = (given?: ScaleByRssOptions): GradientTransformation<ScaleByRssState> => {
  const chosen = hyperparameters('scaleByRss', { initialAccumulatorValue: 0.1, eps: 1e-7 }, given, {
    initialAccumulatorValue: notNegative,
  })
  return fromRule({
    call: ['scaleByRss', given],
    slots: { sumOfSquares: slot('element', chosen.initialAccumulatorValue) },
    scalars: { eps: chosen.eps },
    step: ({ g, ...old }, { eps }) => {
      const sumOfSquares = old.sumOfSquares.add(g.square())
      return { update: select(sumOfSquares.gt(0), g.div(sumOfSquares.add(eps).sqrt()), 0), sumOfSquares }
    },
  })
}
