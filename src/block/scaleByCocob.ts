/** scaleByCocob: every coordinate bets on its gradient's sign, and moves as far as it has won. */
import { hyperparameters } from '../declare/hyperparameters.js'
import { notNegative } from '../range.js'
import type { Params } from '../rule/leaf.js'
import { parameter, slot, zeros } from '../rule/slot.js'
import { fromRule } from '../transform/fromRule.js'
import type { GradientTransformation } from '../transform/transformation.js'

/**
 * Options of {@link scaleByCocob}.
 *
 * @category Building blocks
 */
export interface ScaleByCocobOptions {
  /**
   * Keeps the first bets small: the fraction to bet is divided by at least this many times the largest gradient.
   * Default 100.
   */
  readonly alpha?: number
  /**
   * Initial value of the largest gradient. Must be above 0, or a coordinate without a gradient would be 0/0. Default
   * 1e-8.
   */
  readonly eps?: number
}

/**
 * State of {@link scaleByCocob}; all shaped like the parameters.
 *
 * @category Building blocks
 */
export interface ScaleByCocobState {
  /** The first parameters. */
  readonly initParticles: Params
  /** Sum of the negative gradients. */
  readonly cumulativeGradients: Params
  /** The greatest gradient so far. */
  readonly scale: Params
  /** Sum of the gradients' sizes. */
  readonly subgradients: Params
  /** What was won. */
  readonly reward: Params
}

/**
 * Turns gradients into steps by the coin betting of COCOB-Backprop. It has no learning rate.
 *
 * {@rule scaleByCocob()}
 *
 * Use it as the last member of a chain: a step leads to a place, not in a direction, so the parameters must be the
 * ones that its own updates lead to. Needs the parameters.
 *
 * @category Building blocks
 * @see Orabona and Tommasi, Training Deep Networks without Learning Rates Through Coin Betting, 2017, algorithm 2;
 * Optax, `contrib.scale_by_cocob`
 * @example
 * ```ts
 * import { scaleByCocob } from 'gradpipe'
 *
 * // the first step is 1/α against the gradient, whatever its size
 * const tx = scaleByCocob()
 * assert.ok(Math.abs(tx.update(-50, tx.init(3), 3)[0] - 0.01) < 1e-12)
 * ```
 */
export const scaleByCocob = (given?: ScaleByCocobOptions): GradientTransformation<ScaleByCocobState> => {
  const { alpha, eps } = hyperparameters('scaleByCocob', { alpha: 100, eps: 1e-8 }, given, {
    alpha: notNegative,
    eps: notNegative,
  })
  return fromRule({
    call: ['scaleByCocob', given],
    slots: {
      initParticles: slot('element', parameter),
      cumulativeGradients: zeros,
      scale: slot('element', eps),
      subgradients: zeros,
      reward: zeros,
    },
    scalars: { alpha },
    step: ({ g, p, initParticles, ...old }, { alpha }) => {
      const size = g.abs()
      const scale = old.scale.max(size)
      const subgradients = old.subgradients.add(size)
      const reward = old.reward.sub(g.mul(p.sub(initParticles))).max(0)
      const cumulativeGradients = old.cumulativeGradients.sub(g)
      const bet = cumulativeGradients.div(scale.mul(subgradients.add(scale).max(alpha.mul(scale))))
      const update = initParticles.sub(p).add(bet.mul(scale.add(reward)))
      return { update, initParticles, cumulativeGradients, scale, subgradients, reward }
    },
  })
}
