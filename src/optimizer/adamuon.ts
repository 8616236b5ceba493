/** adamuon: orthogonal updates with a second moment for every element, AdamW for all other leaves. */

import type { LearningRate } from '../block/scaleByLearningRate.js'
import { type ScaleByMatrixRmsState, scaleByMatrixRms } from '../block/scaleByMatrixRms.js'
import type { MuonState } from '../block/scaleByMuon.js'
import { hyperparameters } from '../declare/hyperparameters.js'
import { inNameOf } from '../options.js'
import { notNegative } from '../range.js'
import { chain } from '../transform/chain.js'
import type { GradientTransformation } from '../transform/transformation.js'
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
 * Options of {@link adamuon}.
 *
 * @category Optimizers
 */
export interface AdamuonOptions extends BesideAdamwOptions {
  /** Decay of the second moment, in [0, 1). Default 0.95. */
  readonly b2?: number
  /** The root mean square of the updates before the learning rate, whatever a matrix's shape. Default 0.2, as AdamW's. */
  readonly consistentRms?: number
  /** Whether the momentum's signs are made orthogonal, in place of the momentum. Default true. */
  readonly signMomentum?: boolean
}

/**
 * State of {@link adamuon}, by what its leaves are.
 *
 * @category Optimizers
 */
export type AdamuonState = BesideAdamwState<readonly [MuonState, ScaleByMatrixRmsState, ...EndingState]>

/**
 * AdaMuon: the signs of the momentum made orthogonal, and divided by the root of their mean square so far, element by
 * element ({@link scaleByMatrixRms}).
 *
 * $$\nu_t = \beta_2 \nu_{t-1} + (1 - \beta_2) X^2 \qquad x = \frac{X}{\sqrt{\nu_t} + \epsilon} \qquad
 * u_t = -\eta \left(\rho\sqrt{mn}\, \frac{x}{\|x\| + \epsilon} + \lambda p\right)$$
 *
 * for a matrix of $m \times n$; $X$ is what the signs of the momentum become. The paper's algorithm is without `nesterov`,
 * its authors' code with; some of what goes by the name leaves the signs out, as `signMomentum: false` does. `eps` and
 * `nesterov` also apply to AdamW, as in {@link muon}. Needs the parameters if there is weight decay.
 *
 * Throws as {@link scaleByMuon} does.
 *
 * @category Optimizers
 * @see Si et al., AdaMuon: Adaptive Muon Optimizer, 2025
 * @example
 * ```ts
 * import { adamuon, ndarray } from 'gradpipe'
 *
 * // of the first gradient, signs alone are left, where the signs are orthogonal already
 * const tx = adamuon(1)
 * const g = ndarray(Float64Array.of(1, 7, -3, 2), [2, 2])
 * const [u] = tx.update(g, tx.init(g), g)
 * assert.deepEqual(Array.from(u.data, (x) => Math.round(1000 * x) / 1000), [-0.2, -0.2, 0.2, -0.2])
 * ```
 */
export const adamuon = (
  learningRate: LearningRate,
  given?: AdamuonOptions,
): GradientTransformation<AdamuonState> => {
  const { b2, consistentRms, signMomentum, ...chosen } = hyperparameters(
    'adamuon',
    { ...defaults, b2: 0.95, consistentRms: 0.2, signMomentum: true },
    given,
    { ...ranges, consistentRms: notNegative },
  )
  const { eps } = chosen
  return inNameOf('adamuon', [learningRate, given], () =>
    besideAdamw(learningRate, chosen, (weightDimensionNumbers, ...ending) =>
      chain(
        momentum(chosen, weightDimensionNumbers, signMomentum ? { balancing: 'sign' } : {}),
        scaleByMatrixRms({ b2, eps, per: 'element', consistentRms, weightDimensionNumbers }),
        ...ending,
      ),
    ),
  )
}
