/** muon: orthogonal updates for matrices, AdamW for all else. */

import { type AddDecayedWeightsState, addDecayedWeights } from '../block/addDecayedWeights.js'
import { axesOfMatrices, type MatrixAxes } from '../block/matrixView.js'
import type { CountState } from '../block/scale.js'
import { type LearningRate, scaleByLearningRate } from '../block/scaleByLearningRate.js'
import {
  type MuonState as MomentumState,
  type ScaleByMuonOptions,
  scaleByMuon,
} from '../block/scaleByMuon.js'
import { scaleByShape } from '../block/scaleByShape.js'
import { inNameOf } from '../options.js'
import { decay, finite, notNegative, orSchedule } from '../range.js'
import type { Schedule } from '../schedule/schedule.js'
import { chain } from '../transform/chain.js'
import { hyperparameters } from '../transform/hyperparameters.js'
import type { Mask } from '../transform/labelling.js'
import type { EmptyState, GradientTransformation } from '../transform/transformation.js'
import { type PartitionState, partition } from '../wrapper/partition.js'
import { type AdamwState, adamw } from './adam.js'

/**
 * Options of {@link muon}.
 *
 * @category Optimizers
 */
export interface MuonOptions extends Omit<ScaleByMuonOptions, 'weightDimensionNumbers'> {
  /**
   * Weight decay: the fraction of the matrices that each step subtracts, times the learning rate; or a schedule.
   * Default 0.
   */
  readonly weightDecay?: number | Schedule
  /** Which matrices decay. All by default. */
  readonly weightDecayMask?: Mask
  /** Decay of Adam's first moment, in [0, 1). Default 0.9. */
  readonly adamB1?: number
  /** Decay of Adam's second moment, in [0, 1). Default 0.999. */
  readonly adamB2?: number
  /** Added under Adam's root. Default 0. */
  readonly adamEpsRoot?: number
  /** Weight decay of the leaves that AdamW has; or a schedule. Default 0. */
  readonly adamWeightDecay?: number | Schedule
  /** Learning rate of the leaves that AdamW has. Muon's by default. */
  readonly adamLearningRate?: LearningRate
  /**
   * Which axes of a leaf make its matrix; leaves for which a function returns `null` go to AdamW. By default every
   * leaf of rank 2 is a matrix, and no other.
   */
  readonly muonWeightDimensionNumbers?: MatrixAxes
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
export type MuonPartitionState = PartitionState<{
  /** Of matrices. */
  readonly muon: readonly [MomentumState, EmptyState, AddDecayedWeightsState, EmptyState | CountState]
  /** Of all other leaves. */
  readonly adam: AdamwState
}>

const byRank: MatrixAxes = ({ shape }) => (shape.length === 2 ? {} : null)

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
  const {
    adamB1: b1,
    adamB2: b2,
    adamEpsRoot: epsRoot,
    ...chosen
  } = hyperparameters(
    'muon',
    {
      nsCoeffs: undefined,
      nsSteps: 5,
      beta: 0.95,
      eps: 1e-8,
      weightDecay: undefined,
      weightDecayMask: undefined,
      nesterov: true,
      adaptive: false,
      preconditioning: undefined,
      adamB1: 0.9,
      adamB2: 0.999,
      adamEpsRoot: 0,
      adamWeightDecay: undefined,
      adamLearningRate: undefined,
      muonWeightDimensionNumbers: undefined,
      consistentRms: undefined,
    },
    given,
    {
      adamB1: decay,
      adamB2: decay,
      adamEpsRoot: notNegative,
      adamWeightDecay: orSchedule(finite),
      adamLearningRate: orSchedule(finite),
      muonWeightDimensionNumbers: axesOfMatrices,
      consistentRms: notNegative,
    },
  )
  const { weightDecay = 0, weightDecayMask, adamWeightDecay = 0, adamLearningRate = learningRate } = chosen
  const {
    muonWeightDimensionNumbers: axes = byRank,
    consistentRms,
    nsSteps,
    beta,
    eps,
    nesterov,
    adaptive,
  } = chosen
  const { nsCoeffs, preconditioning } = chosen
  return inNameOf('muon', [learningRate, given], () =>
    partition(
      {
        muon: chain(
          scaleByMuon({
            nsSteps,
            beta,
            eps,
            nesterov,
            adaptive,
            weightDimensionNumbers: axes,
            ...(nsCoeffs !== undefined && { nsCoeffs }),
            ...(preconditioning !== undefined && { preconditioning }),
          }),
          scaleByShape(axes, consistentRms),
          addDecayedWeights(weightDecay, weightDecayMask === undefined ? {} : { mask: weightDecayMask }),
          scaleByLearningRate(learningRate),
        ),
        adam: adamw(adamLearningRate, { b1, b2, eps, epsRoot, nesterov, weightDecay: adamWeightDecay }),
      },
      (leaf) => (typeof axes === 'function' && axes(leaf) === null ? 'adam' : 'muon'),
    ),
  )
}
