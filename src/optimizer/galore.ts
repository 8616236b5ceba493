/** galore: Adam in a subspace of every matrix. */

import { type AddDecayedWeightsState, addDecayedWeights } from '../block/addDecayedWeights.js'
import type { CountState } from '../block/scale.js'
import { type GaloreState, type ScaleByGaloreOptions, scaleByGalore } from '../block/scaleByGalore.js'
import { type LearningRate, scaleByLearningRate } from '../block/scaleByLearningRate.js'
import { hyperparameters } from '../declare/hyperparameters.js'
import { type Mask, masks } from '../declare/labelling.js'
import { inNameOf } from '../options.js'
import type { Schedule } from '../schedule/schedule.js'
import { chain } from '../transform/chain.js'
import type { EmptyState, GradientTransformation } from '../transform/transformation.js'

/**
 * Options of {@link galore}.
 *
 * @category Optimizers
 */
export interface GaloreOptions extends ScaleByGaloreOptions {
  /**
   * Weight decay: the fraction of the parameters that each step subtracts, times the learning rate; or a schedule.
   * Default 0.
   */
  readonly weightDecay?: number | Schedule
  /** Which leaves decay. All by default. */
  readonly mask?: Mask
}

/**
 * GaLore: {@link scaleByGalore}, {@link addDecayedWeights}, {@link scaleByLearningRate}.
 *
 * $$u_t = -\eta \left(s\, P\, \operatorname{base}(P^\top g_t) + \lambda p\right)$$
 *
 * Weight decay is applied here, in all directions, and not in the base, which gets no parameters. It alone needs the
 * parameters. Throws as {@link scaleByGalore} does.
 *
 * @category Optimizers
 * @see Zhao et al., GaLore: Memory-Efficient LLM Training by Gradient Low-Rank Projection, 2024; Optax,
 * `contrib.galore`
 * @example
 * ```ts
 * import { galore } from 'gradpipe'
 *
 * // what is no matrix, Adam has for itself
 * const tx = galore(0.1)
 * assert.ok(Math.abs(tx.update(-3, tx.init(0))[0] - 0.1) < 1e-8)
 * ```
 */
export const galore = (
  learningRate: LearningRate,
  given?: GaloreOptions,
): GradientTransformation<readonly [GaloreState, AddDecayedWeightsState, EmptyState | CountState]> => {
  const { weightDecay, mask, baseOptimizer, weightDimensionNumbers, ...chosen } = hyperparameters(
    'galore',
    {
      rank: 128,
      updateProjGap: 200,
      scale: 1,
      baseOptimizer: undefined,
      weightDimensionNumbers: undefined,
      weightDecay: undefined,
      mask: undefined,
    },
    given,
    { mask: masks },
  )
  return inNameOf('galore', [learningRate, given], () =>
    chain(
      scaleByGalore({
        ...chosen,
        ...(baseOptimizer !== undefined && { baseOptimizer }),
        ...(weightDimensionNumbers !== undefined && { weightDimensionNumbers }),
      }),
      addDecayedWeights(weightDecay ?? 0, mask === undefined ? {} : { mask }),
      scaleByLearningRate(learningRate),
    ),
  )
}
