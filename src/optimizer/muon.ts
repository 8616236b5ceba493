/** muon: orthogonal updates for matrices, AdamW for all else. */

import type { LearningRate } from '../block/scaleByLearningRate.js'
import type { MuonState as MomentumState, ScaleByMuonOptions } from '../block/scaleByMuon.js'
import { scaleByShape } from '../block/scaleByShape.js'
import { hyperparameters } from '../declare/hyperparameters.js'
import { inNameOf } from '../options.js'
import { notNegative } from '../range.js'
import { chain } from '../transform/chain.js'
import type { EmptyState, GradientTransformation } from '../transform/transformation.js'
import {
  type BesideAdamwOptions,
  type BesideAdamwState,
  besideAdamw,
  defaults,
  type EndingState,
  momentum,
  ranges,
} from './besideAdamw.js'

/**
 * Options of {@link muon}.
 *
 * @category Optimizers
 */
export interface MuonOptions extends BesideAdamwOptions, Pick<ScaleByMuonOptions, 'adaptive' | 'balancing'> {
  /**
   * The root mean square of the updates before the learning rate, whatever a matrix's shape; 0.2 is that of AdamW.
   * By default they are scaled by $\sqrt{\max(1, \text{fan out}/\text{fan in})}$.
   */
  readonly consistentRms?: number
}

/**
 * State of {@link muon}, by what its leaves are.
 *
 * @category Optimizers
 */
export type MuonPartitionState = BesideAdamwState<readonly [MomentumState, EmptyState, ...EndingState]>

/**
 * Muon for matrices: {@link scaleByMuon}, a factor by shape, {@link addDecayedWeights}, {@link scaleByLearningRate};
 * {@link adamw} for all other leaves.
 *
 * $$u_t = -\eta \left(\sqrt{\max\left(1, \frac{n}{m}\right)}\, X_n + \lambda p\right)$$
 *
 * for a matrix of $m$ rows, which are summed over, and $n$ columns; $X_n$ is the orthogonal momentum. `eps` and
 * `nesterov` also apply to AdamW, as in Optax. Needs the parameters if there is weight decay. Numbers and flat
 * arrays go to AdamW.
 *
 * Throws as {@link scaleByMuon} does.
 *
 * @category Optimizers
 * @see Jordan, Muon, 2024; Liu et al., Muon is Scalable for LLM Training, 2025; Optax, `contrib.muon`
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs-core'
 * import { dispose, muon, step } from 'gradpipe'
 * import 'gradpipe/tfjs'
 *
 * const tx = muon(0.1)
 * const first = { kernel: tf.ones([3, 2]), bias: tf.zeros([2]) }
 * const grads = { kernel: tf.tensor2d([[1, 0], [0, 1], [0, 0]]), bias: tf.tensor1d([1, -1]) }
 * const start = tx.init(first)
 * const [params, state] = step(tx)(first, start, grads)
 * assert.deepEqual(Array.from(params.bias.dataSync(), (x) => Math.round(10 * x)), [-1, 1])
 * dispose(first, grads, start, params, state)
 * ```
 */
export const muon = (
  learningRate: LearningRate,
  given?: MuonOptions,
): GradientTransformation<MuonPartitionState> => {
  const { adaptive, balancing, consistentRms, ...chosen } = hyperparameters(
    'muon',
    { ...defaults, adaptive: false, balancing: undefined, consistentRms: undefined },
    given,
    { ...ranges, consistentRms: notNegative },
  )
  return inNameOf('muon', [learningRate, given], () =>
    besideAdamw(learningRate, chosen, (axes, ...ending) =>
      chain(
        momentum(chosen, axes, { adaptive, ...(balancing !== undefined && { balancing }) }),
        scaleByShape(axes, consistentRms),
        ...ending,
      ),
    ),
  )
}
