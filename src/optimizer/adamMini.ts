/** adamMini: AdamW with one second moment for each block of a leaf. */
import { type AddDecayedWeightsState, addDecayedWeights } from '../block/addDecayedWeights.js'
import type { CountState } from '../block/scale.js'
import {
  type ScaleByAdamMiniOptions,
  type ScaleByAdamMiniState,
  scaleByAdamMini,
} from '../block/scaleByAdamMini.js'
import { type LearningRate, scaleByLearningRate } from '../block/scaleByLearningRate.js'
import { hyperparameters } from '../declare/hyperparameters.js'
import { type Mask, masks } from '../declare/labelling.js'
import { inNameOf } from '../options.js'
import type { Schedule } from '../schedule/schedule.js'
import { chain } from '../transform/chain.js'
import type { EmptyState, GradientTransformation } from '../transform/transformation.js'

/**
 * Options of {@link adamMini}.
 *
 * @category Optimizers
 */
export interface AdamMiniOptions extends ScaleByAdamMiniOptions {
  /**
   * Weight decay: the fraction of the parameters that each step subtracts, times the learning rate; or a schedule.
   * Default 0.
   */
  readonly weightDecay?: number | Schedule
  /** Which leaves decay. All by default. */
  readonly mask?: Mask
}

/**
 * Adam-mini: {@link scaleByAdamMini}, {@link addDecayedWeights}, {@link scaleByLearningRate}. The learning rate is AdamW's.
 *
 * $$u_t = -\eta\left(\frac{\hat\mu_t}{\sqrt{\hat\nu_t} + \epsilon} + \lambda p\right)$$
 *
 * with one number $\nu$ for each block of parameters, of which `blockAxes` tells. Needs the parameters if there is weight
 * decay.
 *
 * @category Optimizers
 * @see Zhang et al., Adam-mini: Use Fewer Learning Rates To Gain More, 2024
 * @example
 * ```ts
 * import { adamMini, NdArray, ndarray, tree } from 'gradpipe'
 *
 * // a block for each neuron, for each token of the embedding; biases and scales are one each
 * const tx = adamMini(1e-3, {
 *   blockAxes: ({ path, shape }) => (shape.length < 2 ? [] : path[0] === 'embedding' ? 0 : -1),
 * })
 * const params = {
 *   bias: ndarray(new Float32Array(3), [3]),
 *   embedding: ndarray(new Float32Array(20), [10, 2]),
 *   kernel: ndarray(new Float32Array(6), [2, 3]),
 * }
 * const [{ nu }] = tx.init(params)
 * const sizes = tree.leaves(nu).map(([, leaf]) => (leaf instanceof NdArray ? leaf.data.length : 1))
 * assert.deepEqual(sizes, [1, 10, 3])
 * ```
 */
export const adamMini = (
  learningRate: LearningRate,
  given?: AdamMiniOptions,
): GradientTransformation<
  readonly [ScaleByAdamMiniState, AddDecayedWeightsState, EmptyState | CountState]
> => {
  const {
    weightDecay = 0,
    mask,
    blockAxes,
    ...moments
  } = hyperparameters(
    'adamMini',
    { b1: 0.9, b2: 0.999, eps: 1e-8, blockAxes: undefined, weightDecay: undefined, mask: undefined },
    given,
    { mask: masks },
  )
  return inNameOf('adamMini', [learningRate, given], () =>
    chain(
      scaleByAdamMini({ ...moments, ...(blockAxes !== undefined && { blockAxes }) }),
      addDecayedWeights(weightDecay, mask === undefined ? {} : { mask }),
      scaleByLearningRate(learningRate),
    ),
  )
}
