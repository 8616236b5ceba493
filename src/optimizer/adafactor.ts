/** adafactor: adaptive steps in little memory, in proportion to the parameters. */

import { addDecayedWeights } from '../block/addDecayedWeights.js'
import { clipByBlockRms } from '../block/clip.js'
import { ema } from '../block/ema.js'
import { scale } from '../block/scale.js'
import { type FactoredState, scaleByFactoredRms } from '../block/scaleByFactoredRms.js'
import { type LearningRate, scaleByLearningRate } from '../block/scaleByLearningRate.js'
import { scaleByParamBlockRms } from '../block/scaleByParamBlock.js'
import { hyperparameters } from '../declare/hyperparameters.js'
import { type Mask, masks } from '../declare/labelling.js'
import { inNameOf } from '../options.js'
import { count, decay, finite, integer, notNegative, orNull, orSchedule, positive } from '../range.js'
import type { Schedule } from '../schedule/schedule.js'
import { chain } from '../transform/chain.js'
import type { GradientTransformation } from '../transform/transformation.js'

/**
 * Options of {@link adafactor}.
 *
 * @category Optimizers
 */
export interface AdafactorOptions {
  /** A leaf is factored if its two longest axes have at least this length. Default 128. */
  readonly minDimSizeToFactor?: number
  /** How fast the decay of the second moment approaches 1: $1 - t^{-c}$. Default 0.8. */
  readonly decayRate?: number
  /** The count from which the decay starts, for fine-tuning. Default 0. */
  readonly decayOffset?: number
  /** Whether updates are in proportion to the parameters' root mean square. Default true. */
  readonly multiplyByParameterScale?: boolean
  /** The greatest root mean square of a leaf's update before the learning rate; `null` for none. Default 1. */
  readonly clippingThreshold?: number | null
  /** Decay of the momentum, in [0, 1); `null` for none. Default `null`. */
  readonly momentum?: number | null
  /**
   * Weight decay: the fraction of the parameters that each step subtracts, whatever the learning rate; or a schedule.
   * None by default.
   */
  readonly weightDecayRate?: number | Schedule
  /** Which leaves decay. All by default. */
  readonly weightDecayMask?: Mask
  /** Added to the squared gradient. Default 1e-30. */
  readonly eps?: number
  /** Whether to factor the second moment. Default true. */
  readonly factored?: boolean
}

/**
 * Adafactor: {@link scaleByFactoredRms}, {@link clipByBlockRms}, {@link scaleByLearningRate},
 * {@link scaleByParamBlockRms}, {@link ema}, {@link addDecayedWeights}, of which the options leave some out.
 *
 * $$u_t = -\eta\, \max(\operatorname{rms}(p), 10^{-3}) \frac{x_t}{\max(1, \operatorname{rms}(x_t) / \tau)} \qquad
 * x_t = \frac{g_t}{\sqrt{v_t}}$$
 *
 * Without a learning rate it is 1. A matrix of $m \times n$ keeps $m + n$ numbers for its second moment $v$. The
 * state begins with that of {@link scaleByFactoredRms}. Needs the parameters if updates are in proportion to them, or
 * weights decay.
 *
 * @category Optimizers
 * @see Shazeer and Stern, Adafactor: Adaptive Learning Rates with Sublinear Memory Cost, 2018; Optax, `adafactor`
 * @example
 * ```ts
 * import { adafactor } from 'gradpipe'
 *
 * // a hundredth of the parameter, against the gradient
 * const tx = adafactor(0.01)
 * assert.ok(Math.abs(tx.update(3, tx.init(5), 5)[0] + 0.05) < 1e-12)
 * ```
 */
export const adafactor = (
  learningRate?: LearningRate,
  given?: AdafactorOptions,
): GradientTransformation<readonly [FactoredState, ...unknown[]]> => {
  const {
    decayRate,
    decayOffset: stepOffset,
    minDimSizeToFactor,
    eps: epsilon,
    factored,
    ...chosen
  } = hyperparameters(
    'adafactor',
    {
      minDimSizeToFactor: 128,
      decayRate: 0.8,
      decayOffset: 0,
      multiplyByParameterScale: true,
      clippingThreshold: undefined,
      momentum: undefined,
      weightDecayRate: undefined,
      weightDecayMask: undefined,
      eps: 1e-30,
      factored: true,
    },
    given,
    {
      minDimSizeToFactor: count,
      decayRate: positive,
      decayOffset: integer,
      clippingThreshold: orNull(notNegative),
      momentum: orNull(decay),
      weightDecayRate: orSchedule(finite),
      eps: positive,
      weightDecayMask: masks,
    },
  )
  const { clippingThreshold = 1, momentum = null, weightDecayRate, weightDecayMask: mask } = chosen
  return inNameOf('adafactor', [learningRate, given], () =>
    chain(
      scaleByFactoredRms({ factored, decayRate, stepOffset, minDimSizeToFactor, epsilon }),
      ...(clippingThreshold === null ? [] : [clipByBlockRms(clippingThreshold)]),
      ...(learningRate === undefined ? [] : [scaleByLearningRate(learningRate, { flipSign: false })]),
      ...(chosen.multiplyByParameterScale ? [scaleByParamBlockRms()] : []),
      ...(momentum === null ? [] : [ema(momentum, { debias: false })]),
      ...(weightDecayRate === undefined
        ? []
        : [addDecayedWeights(weightDecayRate, mask === undefined ? {} : { mask })]),
      scale(-1),
    ),
  )
}
