/** scaleByMatrixRms: the updates of matrices over their root mean square so far, as long as they were before. */
import { hyperparameters } from '../declare/hyperparameters.js'
import { axesOfMatrices, type MatrixAxes, rowsBy } from '../declare/matrixView.js'
import { mean, norm, size } from '../declare/reduction.js'
import { notNegative, oneOf } from '../range.js'
import type { Params } from '../rule/leaf.js'
import { lengthened } from '../rule/ratio.js'
import { slot, zeros } from '../rule/slot.js'
import { mix, type Term } from '../rule/term.js'
import { fromRule } from '../transform/fromAnyRule.js'
import type { GradientTransformation } from '../transform/transformation.js'

/**
 * Options of {@link scaleByMatrixRms}.
 *
 * @category Building blocks
 */
export interface ScaleByMatrixRmsOptions {
  /** Decay of the second moment, in [0, 1). Default 0.95. */
  readonly b2?: number
  /** Added to the roots and norms that are divided by. Default 1e-8. */
  readonly eps?: number
  /** Whether there is a second moment for each output, as in NorMuon, or for each element, as in AdaMuon. Default `output`. */
  readonly per?: 'output' | 'element'
  /** The root mean square of a matrix's update, whatever it was; by default the update is as long as it was. */
  readonly consistentRms?: number
  /** Which axes of a leaf make its matrix; one without matrices passes unchanged. By default the first two of every leaf. */
  readonly weightDimensionNumbers?: MatrixAxes
}

/**
 * State of {@link scaleByMatrixRms}.
 *
 * @category Building blocks
 */
export interface ScaleByMatrixRmsState {
  /** Second moment, one number for each output, or shaped like the parameters. */
  readonly nu: Params
}

/**
 * Divides the updates of matrices by the root of their mean square so far, output by output or element by element, and
 * makes the whole as long as it was: what NorMuon and AdaMuon do to orthogonal updates.
 *
 * $$\nu_t = \beta_2 \nu_{t-1} + (1 - \beta_2) \operatorname{mean}_i g_{ij}^2 \qquad
 * x_{ij} = \frac{g_{ij}}{\sqrt{\nu_j} + \epsilon} \qquad u_t = x_t \frac{\|g_t\|}{\|x_t\| + \epsilon}$$
 *
 * for a matrix whose rows $i$ are summed over; with `consistentRms` $\rho$, $u_t = \rho\sqrt{mn}\, x_t/(\|x_t\| + \epsilon)$.
 * There is no bias correction: it would be the same factor everywhere, and the length is set afterwards.
 *
 * Throws `ShapeMismatch` for a leaf that has not these axes, `InvalidArgument` for an unknown option and one out of range.
 *
 * @category Building blocks
 * @see Li et al., NorMuon: Making Muon more efficient and scalable, 2025; Si et al., AdaMuon: Adaptive Muon Optimizer, 2025
 * @example
 * ```ts
 * import { ndarray, scaleByMatrixRms } from 'gradpipe'
 *
 * // both outputs, the columns, move as far, and the whole as far as before
 * const tx = scaleByMatrixRms()
 * const g = ndarray(Float64Array.of(1, 7, -1, 7), [2, 2])
 * const [u] = tx.update(g, tx.init(g))
 * assert.deepEqual(Array.from(u.data, Math.round), [5, 5, -5, 5])
 * ```
 */
export const scaleByMatrixRms = (
  given?: ScaleByMatrixRmsOptions,
): GradientTransformation<ScaleByMatrixRmsState> => {
  const { b2, eps, per, consistentRms, ...rest } = hyperparameters(
    'scaleByMatrixRms',
    { b2: 0.95, eps: 1e-8, per: 'output', consistentRms: undefined, weightDimensionNumbers: undefined },
    given,
    { per: oneOf('output', 'element'), consistentRms: notNegative, weightDimensionNumbers: axesOfMatrices },
  )
  const { weightDimensionNumbers = {} } = rest
  const common = {
    call: ['scaleByMatrixRms', given],
    axes: rowsBy(weightDimensionNumbers),
    scalars: { b2, eps, rms: consistentRms ?? 1 },
  } as const
  const update = (
    g: Term<'element'>,
    nu: Term<'element'> | Term<'column'>,
    { eps, rms }: Readonly<Record<'eps' | 'rms', Term<'host'>>>,
  ): Term<'element'> => {
    const x = g.div(nu.sqrt().add(eps))
    const length = consistentRms === undefined ? norm(g, 'matrix') : size('matrix').sqrt().mul(rms)
    return lengthened(x, norm(x, 'matrix').add(eps), length)
  }
  if (per === 'element')
    return fromRule({
      ...common,
      slots: { nu: zeros },
      step: ({ g, ...old }, { b2, ...scalars }) => {
        const nu = mix(b2, old.nu, g.square())
        return { update: update(g, nu, scalars), nu }
      },
    })
  return fromRule({
    ...common,
    slots: { nu: slot('column', 0) },
    step: ({ g, ...old }, { b2, ...scalars }) => {
      const nu = mix(b2, old.nu, mean(g.square(), 'column'))
      return { update: update(g, nu, scalars), nu }
    },
  })
}
