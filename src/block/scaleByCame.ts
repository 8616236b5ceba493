/** scaleByCame: Adafactor's direction with momentum, smaller where it differs from the momentum. */
import { hyperparameters } from '../declare/hyperparameters.js'
import { mean, rms } from '../declare/reduction.js'
import { called } from '../options.js'
import { positive } from '../range.js'
import type { LeafSpec, Params } from '../rule/leaf.js'
import { slot, zeros } from '../rule/slot.js'
import { constant, mix, type Term } from '../rule/term.js'
import type { RowsAndColumns } from '../rule/view.js'
import { byKind } from '../transform/byKind.js'
import { fromRule as fromAnyRule } from '../transform/fromAnyRule.js'
import { fromRule } from '../transform/fromRule.js'
import type { GradientTransformation } from '../transform/transformation.js'

/**
 * Options of {@link scaleByCame}.
 *
 * @category Building blocks
 */
export interface ScaleByCameOptions {
  /** Decay of the momentum, in [0, 1). Default 0.9. */
  readonly b1?: number
  /** Decay of the squared gradient's means, in [0, 1). Default 0.999. */
  readonly b2?: number
  /** Decay of the instability's means, in [0, 1). Default 0.9999. */
  readonly b3?: number
  /** Added to the squared gradient, above 0. Default 1e-30. */
  readonly eps1?: number
  /** Added to the instability, above 0. Default 1e-16. */
  readonly eps2?: number
  /** The greatest root mean square of a leaf's scaled gradient, above 0; what is larger is scaled down. Default 1. */
  readonly clippingThreshold?: number
}

/**
 * State of {@link scaleByCame}. A leaf of rank 2 or more has the means of rows and columns, any other leaf a `v`.
 *
 * @category Building blocks
 */
export interface CameState {
  /** The momentum, shaped like the parameters. */
  readonly mu: Params
  /** Means of the squared gradient over the last axis. */
  readonly vRow: Params
  /** Means of the squared gradient over the last axis but one. */
  readonly vCol: Params
  /** Means of the instability over the last axis. */
  readonly sRow: Params
  /** Means of the instability over the last axis but one. */
  readonly sCol: Params
  /** The squared gradient's average, shaped like the parameters. */
  readonly v: Params
}

/** The last two axes, or none of a leaf that has not as many. */
const lastAxes = ({ shape: { length } }: LeafSpec): RowsAndColumns | null =>
  length < 2 ? null : { rows: -2, columns: -1 }

/** Over the root of what the means of rows and columns make: two factors, as their product might be no number. */
const overRoot = (x: Term<'element'>, row: Term<'row'>, column: Term<'column'>): Term<'element'> =>
  x.mul(constant(1).div(row.div(mean(row, 'matrix')).sqrt())).mul(constant(1).div(column.sqrt()))

/**
 * CAME: Adafactor's scaled gradient $x$, averaged, and divided by the root of how far it is from its average: the less an
 * update can be trusted, the smaller it is. Of both squares, a matrix keeps the means of rows and columns alone.
 *
 * $$v_t = \beta_2 v_{t-1} + (1 - \beta_2)(g_t^2 + \epsilon_1) \qquad y_t = \frac{g_t}{\sqrt{v_t}} \qquad
 * x_t = \frac{y_t}{\max(1, \operatorname{rms}(y_t) / \tau)} \qquad \mu_t = \beta_1 \mu_{t-1} + (1 - \beta_1) x_t$$
 *
 * $$s_t = \beta_3 s_{t-1} + (1 - \beta_3)((x_t - \mu_t)^2 + \epsilon_2) \qquad u_t = \frac{\mu_t}{\sqrt{s_t}}$$
 *
 * of which $v$ and $s$ are kept as the means of their rows, $r$, and of their columns, $c$: the matrix is
 * $r_i c_j / \operatorname{mean}_i r_i$. The last two axes of a leaf are its matrix; all others tell one from the next. What is
 * no matrix has a whole $v$, and $u_t = \mu_t$, as in the authors' code.
 *
 * There is no bias correction: in the first steps $v$ is small and $x$ is held by $\tau$. Throws `InvalidArgument` for an
 * unknown option and one out of range.
 *
 * @category Building blocks
 * @see Luo et al., CAME: Confidence-guided Adaptive Memory Efficient Optimization, 2023
 * @example
 * ```ts
 * import { ndarray, scaleByCame } from 'gradpipe'
 *
 * const tx = scaleByCame()
 * const g = ndarray(Float64Array.of(1, -2, 3, -6), [2, 2])
 * const [u, state] = tx.update(g, tx.init(g))
 * // of a product of a column and a row the signs are left; the first average is a tenth, 0.9 away from x
 * assert.deepEqual(Array.from(u.data, (x) => (x * 0.9 * Math.sqrt(1e-4)).toFixed(4)), ['0.1000', '-0.1000', '0.1000', '-0.1000'])
 * ```
 */
export const scaleByCame = (given?: ScaleByCameOptions): GradientTransformation<CameState> => {
  const scalars = hyperparameters(
    'scaleByCame',
    { b1: 0.9, b2: 0.999, b3: 0.9999, eps1: 1e-30, eps2: 1e-16, clippingThreshold: 1 },
    given,
    { eps1: positive, eps2: positive, clippingThreshold: positive },
  )
  const clipped = (x: Term<'element'>, threshold: Term<'host'>): Term<'element'> =>
    x.div(rms(x, 'leaf').div(threshold).max(1))
  const whole = fromRule({
    slots: { mu: zeros, v: zeros },
    scalars,
    step: ({ g, ...old }, { b1, b2, eps1, clippingThreshold }) => {
      const v = mix(b2, old.v, g.square().add(eps1))
      const mu = mix(b1, old.mu, clipped(g.div(v.sqrt()), clippingThreshold))
      return { update: mu, mu, v }
    },
  })
  const byMeans = fromAnyRule({
    axes: lastAxes,
    slots: {
      mu: zeros,
      vRow: slot('row', 0),
      vCol: slot('column', 0),
      sRow: slot('row', 0),
      sCol: slot('column', 0),
    },
    scalars,
    step: ({ g, ...old }, { b1, b2, b3, eps1, eps2, clippingThreshold }) => {
      const square = g.square()
      const vRow = mix(b2, old.vRow, mean(square, 'row').add(eps1))
      const vCol = mix(b2, old.vCol, mean(square, 'column').add(eps1))
      const x = clipped(overRoot(g, vRow, vCol), clippingThreshold)
      const mu = mix(b1, old.mu, x)
      const instability = x.sub(mu).square()
      const sRow = mix(b3, old.sRow, mean(instability, 'row').add(eps2))
      const sCol = mix(b3, old.sCol, mean(instability, 'column').add(eps2))
      return { update: overRoot(mu, sRow, sCol), mu, vRow, vCol, sRow, sCol }
    },
  })
  return called(
    ['scaleByCame', given],
    byKind<CameState>((leaf) => lastAxes(leaf) === null, whole, byMeans),
  )
}
