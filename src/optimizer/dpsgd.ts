/** dpsgd: gradient descent with differential privacy. */

import {
  type DifferentiallyPrivateAggregateState,
  differentiallyPrivateAggregate,
} from '../block/differentiallyPrivateAggregate.js'
import type { CountState } from '../block/scale.js'
import { type LearningRate, scaleByLearningRate } from '../block/scaleByLearningRate.js'
import { type TraceState, trace } from '../block/trace.js'
import { hyperparameters } from '../declare/hyperparameters.js'
import { inNameOf, required } from '../options.js'
import { chain } from '../transform/chain.js'
import { identity } from '../transform/identity.js'
import type { EmptyState, GradientTransformation } from '../transform/transformation.js'
import type { SgdOptions } from './sgd.js'

/**
 * Options of {@link dpsgd}.
 *
 * @category Optimizers
 */
export interface DpsgdOptions extends SgdOptions {
  /** The greatest norm of one example's gradient, from 0. */
  readonly l2NormClip: number
  /** The noise's standard deviation, in units of that norm, from 0. */
  readonly noiseMultiplier: number
  /** The seed of the noise, an integer that nobody should know. */
  readonly seed: number
}

/**
 * Stochastic gradient descent with differential privacy: {@link differentiallyPrivateAggregate}, {@link trace} if there
 * is momentum, and {@link scaleByLearningRate}.
 *
 * $$u = -\frac{\eta}{B} \left( \sum_{i=1}^{B} g_i \min\!\left(1, \frac{C}{\lVert g_i \rVert}\right) + \sigma C z \right),
 * \qquad z \sim \mathcal{N}(0, 1)$$
 *
 * Takes gradients per example: tensors with one more axis, the first, than the parameters. Throws as {@link
 * differentiallyPrivateAggregate} does.
 *
 * @category Optimizers
 * @see Abadi et al., Deep Learning with Differential Privacy, 2016; Optax, `dpsgd`
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs-core'
 * import { applyUpdates, dispose, dpsgd } from 'gradpipe'
 * import 'gradpipe/tfjs'
 *
 * const tx = dpsgd(0.1, { l2NormClip: 1, noiseMultiplier: 0.01, seed: 3 })
 * const [w, grads] = [tf.tensor1d([1, 1]), tf.tensor2d([[0, 1], [0, 3], [0, 9]])]
 * const [updates] = tx.update<tf.Tensor>(grads, tx.init(w), w)
 * const next = applyUpdates<tf.Tensor>(w, updates)
 * assert.deepEqual(Array.from(next.dataSync(), (x) => x.toFixed(1)), ['1.0', '0.9'])
 * dispose(w, grads, updates, next)
 * ```
 */
export const dpsgd = (
  learningRate: LearningRate,
  given: DpsgdOptions,
): GradientTransformation<
  readonly [DifferentiallyPrivateAggregateState, TraceState | EmptyState, EmptyState | CountState]
> => {
  const { l2NormClip, noiseMultiplier, seed, momentum, nesterov } = hyperparameters(
    'dpsgd',
    {
      l2NormClip: required.number,
      noiseMultiplier: required.number,
      seed: required.number,
      momentum: undefined,
      nesterov: false,
    },
    given,
  )
  const memory: GradientTransformation<TraceState | EmptyState> =
    momentum === undefined ? identity() : trace(momentum, { nesterov })
  return inNameOf('dpsgd', [learningRate, given], () =>
    chain(
      differentiallyPrivateAggregate(l2NormClip, noiseMultiplier, { seed }),
      memory,
      scaleByLearningRate(learningRate),
    ),
  )
}
