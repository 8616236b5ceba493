/** came: confidence-guided steps in little memory. */
import { type AddDecayedWeightsState, addDecayedWeights } from '../block/addDecayedWeights.js'
import type { CountState } from '../block/scale.js'
import { type CameState, type ScaleByCameOptions, scaleByCame } from '../block/scaleByCame.js'
import { type LearningRate, scaleByLearningRate } from '../block/scaleByLearningRate.js'
import { hyperparameters } from '../declare/hyperparameters.js'
import { type Mask, masks } from '../declare/labelling.js'
import { inNameOf } from '../options.js'
import type { Schedule } from '../schedule/schedule.js'
import { chain } from '../transform/chain.js'
import type { EmptyState, GradientTransformation } from '../transform/transformation.js'

/**
 * Options of {@link came}.
 *
 * @category Optimizers
 */
export interface CameOptions extends ScaleByCameOptions {
  /**
   * Weight decay: the fraction of the parameters that each step subtracts, times the learning rate; or a schedule.
   * Default 0.
   */
  readonly weightDecay?: number | Schedule
  /** Which leaves decay. All by default. */
  readonly mask?: Mask
}

/**
 * CAME: {@link scaleByCame}, {@link addDecayedWeights}, {@link scaleByLearningRate}.
 *
 * $$p_{t} = p_{t-1} - \eta\left(\frac{\mu_t}{\sqrt{s_t}} + \lambda p_{t-1}\right)$$
 *
 * A matrix of $m \times n$ keeps $2(m + n)$ numbers besides its momentum. The authors take a learning rate of 0.5 to 0.9 times
 * AdamW's. Needs the parameters if there is weight decay.
 *
 * @category Optimizers
 * @see Luo et al., CAME: Confidence-guided Adaptive Memory Efficient Optimization, 2023
 * @example
 * ```ts
 * import { came } from 'gradpipe'
 *
 * // what is no matrix: a tenth of the clipped first step
 * const tx = came(0.1)
 * assert.ok(Math.abs(tx.update(-5, tx.init(0))[0] - 0.01) < 1e-12)
 * ```
 */
export const came = (
  learningRate: LearningRate,
  given?: CameOptions,
): GradientTransformation<readonly [CameState, AddDecayedWeightsState, EmptyState | CountState]> => {
  const {
    weightDecay = 0,
    mask,
    ...moments
  } = hyperparameters(
    'came',
    {
      ...{ b1: 0.9, b2: 0.999, b3: 0.9999, eps1: 1e-30, eps2: 1e-16, clippingThreshold: 1 },
      ...{ weightDecay: undefined, mask: undefined },
    },
    given,
    { mask: masks },
  )
  return inNameOf('came', [learningRate, given], () =>
    chain(
      scaleByCame(moments),
      addDecayedWeights(weightDecay, mask === undefined ? {} : { mask }),
      scaleByLearningRate(learningRate),
    ),
  )
}
