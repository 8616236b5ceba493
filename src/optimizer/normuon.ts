/** normuon: orthogonal updates that move every output as far, AdamW for all other leaves. */

import type { LearningRate } from '../block/scaleByLearningRate.js'
import { type ScaleByMatrixRmsState, scaleByMatrixRms } from '../block/scaleByMatrixRms.js'
import type { MuonState } from '../block/scaleByMuon.js'
import { scaleByShape } from '../block/scaleByShape.js'
import { hyperparameters } from '../declare/hyperparameters.js'
import { inNameOf } from '../options.js'
import { notNegative } from '../range.js'
import { chain } from '../transform/chain.js'
import { identity } from '../transform/identity.js'
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
 * Options of {@link normuon}.
 *
 * @category Optimizers
 */
export interface NormuonOptions extends BesideAdamwOptions {
  /** Decay of the second moment, in [0, 1). Default 0.95. */
  readonly b2?: number
  /**
   * The root mean square of the updates before the learning rate, whatever a matrix's shape; in the paper 0.2. By default
   * they are as long as Muon's, and scaled by $\sqrt{\max(1, \text{fan out}/\text{fan in})}$, as in the authors' code.
   */
  readonly consistentRms?: number
}

/**
 * State of {@link normuon}, by what its leaves are.
 *
 * @category Optimizers
 */
export type NormuonState = BesideAdamwState<
  readonly [MuonState, ScaleByMatrixRmsState, EmptyState, ...EndingState]
>

/**
 * NorMuon: {@link muon} whose updates are divided by the root of their mean square so far, output by output
 * ({@link scaleByMatrixRms}), so that no neuron moves further than another for long. It keeps one number more for each
 * output.
 *
 * $$\nu_t = \beta_2 \nu_{t-1} + (1 - \beta_2) \operatorname{mean}_i X_{ij}^2 \qquad
 * x_{ij} = \frac{X_{ij}}{\sqrt{\nu_j} + \epsilon} \qquad
 * u_t = -\eta \left(\sqrt{\max\left(1, \frac{n}{m}\right)} \frac{\|X\|}{\|x\| + \epsilon}\, x + \lambda p\right)$$
 *
 * for a matrix of $m$ rows, which are summed over, and $n$ columns; $X$ is the orthogonal momentum. With `consistentRms` 0.2
 * and without `nesterov` this is the paper's algorithm. `eps` and `nesterov` also apply to AdamW, as in {@link muon}. The
 * code of others corrects no bias; then the first steps of Nesterov momentum differ, and `variant: 'paper'` has their
 * numbers. Needs the parameters if there is weight decay.
 *
 * Throws as {@link scaleByMuon} does.
 *
 * @category Optimizers
 * @see Li et al., NorMuon: Making Muon more efficient and scalable, 2025
 * @example
 * ```ts
 * import { ndarray, normuon, step } from 'gradpipe'
 *
 * const tx = normuon(0.1, { consistentRms: 0.2 })
 * const params = { kernel: ndarray(Float64Array.of(1, 1, 1, 1), [2, 2]), bias: 0 }
 * const grads = { kernel: ndarray(Float64Array.of(1, 7, -1, 7), [2, 2]), bias: 3 }
 * const [next] = step(tx)(params, tx.init(params), grads)
 * // both columns move by 0.1 · 0.2
 * const moved = Array.from(next.kernel.data, (x) => Math.round(1000 * x) / 1000)
 * assert.deepEqual(moved, [0.98, 0.98, 1.02, 0.98])
 * ```
 */
export const normuon = (
  learningRate: LearningRate,
  given?: NormuonOptions,
): GradientTransformation<NormuonState> => {
  const { b2, consistentRms, ...chosen } = hyperparameters(
    'normuon',
    { ...defaults, b2: 0.95, consistentRms: undefined },
    given,
    { ...ranges, consistentRms: notNegative },
  )
  const { eps } = chosen
  return inNameOf('normuon', [learningRate, given], () =>
    besideAdamw(learningRate, chosen, (weightDimensionNumbers, ...ending) =>
      chain(
        momentum(chosen, weightDimensionNumbers),
        scaleByMatrixRms({
          ...{ b2, eps, weightDimensionNumbers },
          ...(consistentRms !== undefined && { consistentRms }),
        }),
        consistentRms === undefined ? scaleByShape(weightDimensionNumbers, undefined) : identity(),
        ...ending,
      ),
    ),
  )
}
