/** scaleByFactoredRms: Adafactor's second moment, of which a matrix keeps a row's and a column's means. */
import { hyperparameters } from '../declare/hyperparameters.js'
import { mean } from '../declare/reduction.js'
import type { Clock } from '../declare/ruleSpec.js'
import { called, nameInForce } from '../options.js'
import { callable, checkedAt, count, integer, positive, share } from '../range.js'
import { type LeafSpec, type Params, sizeOf } from '../rule/leaf.js'
import { slot, zeros } from '../rule/slot.js'
import { constant, mix } from '../rule/term.js'
import type { RowsAndColumns } from '../rule/view.js'
import { byKind } from '../transform/byKind.js'
import { fromRule as fromAnyRule } from '../transform/fromAnyRule.js'
import { fromRule } from '../transform/fromRule.js'
import type { GradientTransformation } from '../transform/transformation.js'

/**
 * Options of {@link scaleByFactoredRms}.
 *
 * @category Building blocks
 */
export interface ScaleByFactoredRmsOptions {
  /** Whether to factor the moment at all. Default true. */
  readonly factored?: boolean
  /** How fast the decay comes near 1: $1 - t^{-c}$. Above 0; default 0.8. */
  readonly decayRate?: number
  /** The count from which the decay starts, for fine-tuning; up to it the decay is 0. Default 0. */
  readonly stepOffset?: number
  /** A leaf is factored if its two longest axes have at least this length. Default 128. */
  readonly minDimSizeToFactor?: number
  /** Added to the squared gradient. Above 0; default 1e-30. */
  readonly epsilon?: number
  /** The decay in place of $1 - t^{-c}$, from `count - stepOffset` and `decayRate`; from 0 to 1. */
  readonly decayRateFn?: (step: number, decayRate: number) => number
}

/**
 * State of {@link scaleByFactoredRms}. A leaf has either a `v`, or a `vRow` and a `vCol`.
 *
 * @category Building blocks
 */
export interface FactoredState {
  /** Updates made. */
  readonly count: number
  /** Means of the squared gradient over the longest axis. */
  readonly vRow: Params
  /** Means of the squared gradient over the second longest axis. */
  readonly vCol: Params
  /** The squared gradient's average, shaped like the parameters. */
  readonly v: Params
}

const powerDecay = (step: number, decayRate: number): number => 1 - Math.max(1, step + 1) ** -decayRate

/**
 * The longest axis, along which a row lies, and the second longest, of equal ones the last; `null` if the leaf is not to be
 * factored.
 */
const factoredAxes = ({ shape }: LeafSpec, minimum: number): RowsAndColumns | null => {
  const byLength = shape.map((n, axis) => ({ n, axis })).sort((a, b) => a.n - b.n || a.axis - b.axis)
  const [second, largest] = byLength.slice(-2)
  if (second === undefined || largest === undefined || sizeOf(shape) === 0 || second.n < minimum) return null
  return { rows: second.axis, columns: largest.axis }
}

/**
 * Scales updates by the root of the averaged squared gradient. For leaves with two long axes it keeps only the means
 * of that average.
 *
 * $$v_t = d_t v_{t-1} + (1 - d_t)(g_t^2 + \epsilon) \qquad d_t = 1 - t^{-c} \qquad u_t = \frac{g_t}{\sqrt{v_t}}$$
 *
 * Factored, $v$ is the product of its means $r$ over the longest axis and $c$ over the second longest, relative to
 * the whole:
 *
 * $$v_{ij} = \frac{r_i c_j}{\operatorname{mean}_i r_i}$$
 *
 * A matrix of $m \times n$ keeps $m + n$ numbers. Throws `InvalidArgument` for an unknown option and one out of range.
 *
 * Up to the count `stepOffset` the decay is 0, where Optax has a power of a negative number.
 *
 * @category Building blocks
 * @see Shazeer and Stern, Adafactor: Adaptive Learning Rates with Sublinear Memory Cost, 2018, algorithms 1 and 4;
 * Optax, `scale_by_factored_rms`
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs-core'
 * import { dispose, scaleByFactoredRms } from 'gradpipe'
 * import 'gradpipe/tfjs'
 *
 * // of a gradient that is a product of a column and a row, the first update has the signs alone
 * const tx = scaleByFactoredRms({ minDimSizeToFactor: 2 })
 * const g = tf.tensor2d([[1, -2], [3, -6]])
 * const start = tx.init(g)
 * const [u, state] = tx.update(g, start)
 * assert.deepEqual(Array.from(u.dataSync(), Math.round), [1, -1, 1, -1])
 * dispose(g, u, start, state)
 * ```
 */
export const scaleByFactoredRms = (
  given?: ScaleByFactoredRmsOptions,
): GradientTransformation<FactoredState> => {
  const { factored, decayRate, stepOffset, minDimSizeToFactor, epsilon, ...rest } = hyperparameters(
    'scaleByFactoredRms',
    {
      factored: true,
      decayRate: 0.8,
      stepOffset: 0,
      minDimSizeToFactor: 128,
      epsilon: 1e-30,
      decayRateFn: undefined,
    },
    given,
    {
      decayRate: positive,
      stepOffset: integer,
      minDimSizeToFactor: count,
      epsilon: positive,
      decayRateFn: callable,
    },
  )
  const { decayRateFn = powerDecay } = rest
  const path = `${nameInForce('scaleByFactoredRms')}.decayRateFn`
  const decayAt = (count: number): number => {
    const decay = decayRateFn(count - stepOffset, decayRate)
    // of what comes before the offset no function need know
    return count < stepOffset ? decay : checkedAt(path, count, decay, share)
  }
  const axes = (leaf: LeafSpec): RowsAndColumns | null =>
    factored ? factoredAxes(leaf, minDimSizeToFactor) : null
  const scalars = ({ count }: Clock) => ({ decay: decayAt(count), epsilon })
  const whole = fromRule({
    slots: { v: zeros },
    scalars,
    step: ({ g, ...old }, { decay, epsilon }) => {
      const v = mix(decay, old.v, g.square().add(epsilon))
      return { update: g.div(v.sqrt()), v }
    },
  })
  const byMeans = fromAnyRule({
    axes,
    slots: { vRow: slot('row', 0), vCol: slot('column', 0) },
    scalars,
    step: ({ g, ...old }, { decay, epsilon }) => {
      const square = g.square()
      const vRow = mix(decay, old.vRow, mean(square, 'row').add(epsilon))
      const vCol = mix(decay, old.vCol, mean(square, 'column').add(epsilon))
      // two factors: their product might be no number
      const byRow = constant(1).div(vRow.div(mean(vRow, 'matrix')).sqrt())
      return { update: g.mul(byRow).mul(constant(1).div(vCol.sqrt())), vRow, vCol }
    },
  })
  return called(
    ['scaleByFactoredRms', given],
    byKind<FactoredState>((leaf) => axes(leaf) === null, whole, byMeans),
  )
}
