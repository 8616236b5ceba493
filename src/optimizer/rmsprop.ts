/** rmsprop: gradients over the root of their mean square. */

import type { CountState } from '../block/scale.js'
import { type LearningRate, scaleByLearningRate } from '../block/scaleByLearningRate.js'
import {
  type ScaleByRmsOptions,
  type ScaleByRmsState,
  type ScaleByStddevState,
  scaleByRms,
  scaleByStddev,
} from '../block/scaleByRms.js'
import { type TraceState, trace } from '../block/trace.js'
import { hyperparameters } from '../declare/hyperparameters.js'
import { inNameOf } from '../options.js'
import { chainOfRules } from '../transform/chainOfRules.js'
import { identity } from '../transform/identity.js'
import type { EmptyState, GradientTransformation } from '../transform/transformation.js'

/**
 * Options of {@link rmsprop}.
 *
 * @category Optimizers
 */
export interface RmspropOptions extends ScaleByRmsOptions {
  /** Whether to divide by the standard deviation, not the root mean square. Default false. */
  readonly centered?: boolean
  /** Decay of a momentum of the scaled steps, in [0, 1). None by default. */
  readonly momentum?: number
  /** Whether momentum looks one step ahead (Nesterov). Default false. */
  readonly nesterov?: boolean
}

/**
 * RMSProp: {@link scaleByRms} or {@link scaleByStddev}, {@link scaleByLearningRate} and, with momentum,
 * {@link trace}.
 *
 * {@rule rmsprop(0.1)}
 *
 * The defaults differ from those of PyTorch, TensorFlow and Keras: compare them when you port code.
 *
 * @category Optimizers
 * @see Tieleman and Hinton, Lecture 6.5 (RMSProp), 2012; Graves, Generating Sequences With Recurrent Neural
 * Networks, 2013; Optax, `rmsprop`
 * @example
 * ```ts
 * import { rmsprop } from 'gradpipe'
 *
 * const tx = rmsprop(0.1, { decay: 0.75, eps: 0 })
 * assert.ok(Math.abs(tx.update(3, tx.init(0))[0] + 0.2) < 1e-12)
 * ```
 */
export const rmsprop = (
  learningRate: LearningRate,
  given?: RmspropOptions,
): GradientTransformation<
  readonly [ScaleByRmsState | ScaleByStddevState, EmptyState | CountState, TraceState | EmptyState]
> => {
  const { centered, momentum, nesterov, ...moments } = hyperparameters(
    'rmsprop',
    {
      decay: 0.9,
      eps: 1e-8,
      initialScale: 0,
      epsInSqrt: true,
      biasCorrection: false,
      centered: false,
      momentum: undefined,
      nesterov: false,
    },
    given,
  )
  const memory: GradientTransformation<TraceState | EmptyState> =
    momentum === undefined ? identity() : trace(momentum, { nesterov })
  const scaling = (): GradientTransformation<ScaleByRmsState | ScaleByStddevState> =>
    centered ? scaleByStddev(moments) : scaleByRms(moments)
  return inNameOf('rmsprop', [learningRate, given], () =>
    chainOfRules(scaling(), scaleByLearningRate(learningRate), memory),
  )
}
