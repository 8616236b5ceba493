/** novograd: momentum of gradients over the norms of their leaves. */

import type { CountState } from '../block/scale.js'
import { type LearningRate, scaleByLearningRate } from '../block/scaleByLearningRate.js'
import {
  type ScaleByNovogradOptions,
  type ScaleByNovogradState,
  scaleByNovograd,
} from '../block/scaleByNovograd.js'
import { hyperparameters } from '../declare/hyperparameters.js'
import { inNameOf } from '../options.js'
import { chainOfRules } from '../transform/chainOfRules.js'
import type { EmptyState, GradientTransformation } from '../transform/transformation.js'

/**
 * NovoGrad: {@link scaleByNovograd} and {@link scaleByLearningRate}.
 *
 * {@rule novograd(0.1)}
 *
 * `eps` is 1e-6 by default here. With weight decay, needs the parameters.
 *
 * @category Optimizers
 * @see Ginsburg et al., Stochastic Gradient Methods with Layer-wise Adaptive Moments for Training of Deep Networks,
 * 2019; Optax, `novograd`
 * @example
 * ```ts
 * import { novograd } from 'gradpipe'
 *
 * const tx = novograd(0.5, { eps: 0 })
 * const p = new Float64Array(2)
 * assert.deepEqual([...tx.update(Float64Array.of(3, 4), tx.init(p))[0]], [-0.3, -0.4])
 * ```
 */
export const novograd = (
  learningRate: LearningRate,
  given?: ScaleByNovogradOptions,
): GradientTransformation<readonly [ScaleByNovogradState, EmptyState | CountState]> => {
  const { weightDecay, ...moments } = hyperparameters(
    'novograd',
    { b1: 0.9, b2: 0.25, eps: 1e-6, epsRoot: 0, weightDecay: undefined },
    given,
  )
  return inNameOf('novograd', [learningRate, given], () =>
    chainOfRules(
      scaleByNovograd({ ...moments, weightDecay: weightDecay ?? 0 }),
      scaleByLearningRate(learningRate),
    ),
  )
}
