/** scaleByMuon: the momentum of a matrix, made orthogonal. */

import { hyperparameters } from '../declare/hyperparameters.js'
import { axesOfMatrices, type DimensionNumbers, type MatrixAxes, rowsBy } from '../declare/matrixView.js'
import { orthogonalize, preconditionings } from '../declare/orthogonalize.js'
import { sum } from '../declare/reduction.js'
import { GradpipeError } from '../error.js'
import { few, oneOf } from '../range.js'
import { type LeafSpec, type Params, showShape } from '../rule/leaf.js'
import type { Coefficients, Preconditioning } from '../rule/matrices.js'
import { zeros } from '../rule/slot.js'
import { mix, type Term } from '../rule/term.js'
import { fromRule } from '../transform/fromAnyRule.js'
import type { GradientTransformation } from '../transform/transformation.js'
import { showPath } from '../tree/path.js'
import { debiasMean } from './debias.js'

// model

/**
 * Coefficients of the Newton–Schulz iterations: three for all, three for each, or those that go by a name.
 *
 * @category Building blocks
 */
export type NewtonSchulzCoefficients =
  | readonly [number, number, number]
  | readonly (readonly [number, number, number])[]
  | 'standard'
  | 'dion'

/**
 * What is done to the momentum before it is made orthogonal.
 *
 * - `output`, `reduction`: what belongs to one output, or to one index of the reduction, is divided by its norm, so that
 *   none of them counts more than another; `both`: by both norms. MuonEq's R, C and RC: its rows are our outputs.
 * - `sign`: every element becomes its sign, as in AdaMuon.
 *
 * @category Building blocks
 */
export type Balancing = 'output' | 'reduction' | 'both' | 'sign'

/**
 * Options of {@link scaleByMuon}.
 *
 * @category Building blocks
 */
export interface ScaleByMuonOptions {
  /** Coefficients of the iterations. Default `'standard'`: 3.4445, -4.775, 2.0315. */
  readonly nsCoeffs?: NewtonSchulzCoefficients
  /** How many iterations, at least 1. If there are coefficients for each, the last ones are used. Default 5. */
  readonly nsSteps?: number
  /** Decay of the momentum, in [0, 1). Default 0.95. */
  readonly beta?: number
  /** Added to the norm that the momentum is divided by, and under the roots of `balancing`. Default 1e-8. */
  readonly eps?: number
  /** Whether to use Nesterov momentum. Default true. */
  readonly nesterov?: boolean
  /** What is done to the momentum before it is made orthogonal. Nothing by default. */
  readonly balancing?: Balancing
  /** `paper` has no bias correction, as Jordan's and PyTorch's code. Default `optax`. */
  readonly variant?: 'optax' | 'paper'
  /** Whether to scale the result by its product with the momentum, the dual norm. Default false. */
  readonly adaptive?: boolean
  /**
   * What is divided by before the iterations: `'frobenius'`, the default; `'spectral'`, the greatest singular value,
   * which costs as much as the iterations and more; `'schatten'`, the Schatten-4 norm, and `'aol'`, a factor for each
   * row, which cost next to nothing and need fewer iterations: Turbo-Muon is `'aol'` with 4 steps, of `'dion'` for instance.
   */
  readonly preconditioning?: Preconditioning
  /** Which axes of a leaf make its matrix. By default every leaf must be a matrix. */
  readonly weightDimensionNumbers?: MatrixAxes
}

/**
 * State of {@link scaleByMuon}.
 *
 * @category Building blocks
 */
export interface MuonState {
  /** Updates made. */
  readonly count: number
  /** The momentum, shaped like the parameters. */
  readonly mu: Params
}

// constructors

const presets: Readonly<Record<'standard' | 'dion', readonly Coefficients[]>> = {
  standard: [[3.4445, -4.775, 2.0315]],
  dion: [
    [4.0848, -6.8946, 2.927],
    [3.9505, -6.3029, 2.6377],
    [3.7418, -5.5913, 2.3037],
    [2.8769, -3.1427, 1.2046],
    [2.8366, -3.0525, 1.2012],
  ],
}

const isThree = (given: unknown): given is Coefficients =>
  Array.isArray(given) && given.length === 3 && given.every((c) => typeof c === 'number')

/** The coefficients of every iteration. Throws `InvalidArgument` for what are none, or too few. */
const coefficientsOf = (given: NewtonSchulzCoefficients, steps: number): readonly Coefficients[] => {
  const refuse = (expected: string, found: string): never => {
    throw new GradpipeError('InvalidArgument', 'scaleByMuon.nsCoeffs', expected, found)
  }
  if (isThree(given)) return new Array(steps).fill(given)
  if (given === 'standard') return new Array(steps).fill(presets.standard[0])
  const each: readonly unknown[] = given === 'dion' ? presets.dion : Array.isArray(given) ? given : []
  if (!each.every(isThree) || each.length === 0)
    return refuse(`three numbers, arrays of three, 'standard' or 'dion'`, JSON.stringify(given))
  if (each.length < steps) return refuse(`coefficients for ${steps} steps`, `${each.length}`)
  return each.slice(-steps)
}

/** The momentum, balanced: $m_{ij} / \sqrt{\sum_j m_{ij}^2 + \epsilon}$ and its like. */
const balanced = (m: Term<'element'>, how: Balancing | undefined, eps: Term<'host'>): Term<'element'> => {
  if (how === undefined) return m
  if (how === 'sign') return m.sign()
  const root = (over: 'row' | 'column') => sum(m.square(), over).add(eps).sqrt()
  const byOutput = how === 'reduction' ? m : m.div(root('column'))
  return how === 'output' ? byOutput : byOutput.div(root('row'))
}

/** Every leaf a matrix, or an error. */
const matricesAlone = ({ path, shape, dtype }: LeafSpec): DimensionNumbers => {
  if (shape.length === 2) return {}
  const expected = 'a matrix, or weightDimensionNumbers'
  throw new GradpipeError('ShapeMismatch', showPath(path), expected, showShape({ shape, dtype }))
}

/**
 * Muon: makes the momentum of every matrix orthogonal, or nearly so: the singular vectors stay, and the singular values
 * become about 1.
 *
 * $$\mu_t = \beta \mu_{t-1} + (1 - \beta) g_t \qquad X_0 = \frac{\hat\mu_t}{\|\hat\mu_t\| + \epsilon} \qquad
 * X_{k+1} = c_0 X_k + c_1 X_k X_k^\top X_k + c_2 (X_k X_k^\top)^2 X_k \qquad u_t = X_n$$
 *
 * with $\hat\mu$ the debiased momentum, one step ahead if `nesterov`; without the correction, as in Jordan's and PyTorch's
 * code and with `variant: 'paper'`, the momentum's share in a step ahead is larger by a factor of 1.46 in the second step,
 * and 1.03 in the twentieth.
 * What comes before the iterations is one pass over memory, and what comes after them another, with the rules around it.
 * The products are on the smaller side, those of matrices of one shape together; ndarrays are computed in float64. A leaf of
 * higher rank is a stack of matrices, each for itself.
 *
 * Throws `ShapeMismatch` for a leaf that is not a matrix and has no `weightDimensionNumbers`; those for which a function
 * gives `null` pass unchanged. Throws `InvalidArgument` for an unknown option and one out of range.
 *
 * @category Building blocks
 * @see Jordan, Muon, 2024; Bernstein and Newhouse, Old Optimizer, New Norm, 2024; Grishina et al., Accelerating
 * Newton–Schulz Iteration, 2025; Boissin et al., Turbo-Muon, 2025; Chang et al., MuonEq, 2026; Optax, `scale_by_muon`
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs-core'
 * import { dispose, scaleByMuon } from 'gradpipe'
 * import 'gradpipe/tfjs'
 *
 * // both singular values, 3 and 0.5, come near 1
 * const tx = scaleByMuon({ nsSteps: 10 })
 * const g = tf.tensor2d([[0, 3], [0.5, 0]])
 * const start = tx.init(g)
 * const [u, state] = tx.update(g, start)
 * assert.ok(u.dataSync().every((x, i) => (i === 1 || i === 2 ? x > 0.6 && x < 1.3 : Math.abs(x) < 1e-6)))
 * dispose(g, u, start, state)
 * ```
 */
export const scaleByMuon = (given?: ScaleByMuonOptions): GradientTransformation<MuonState> => {
  const { nsSteps, beta, eps, nesterov, adaptive, balancing, variant, ...rest } = hyperparameters(
    'scaleByMuon',
    {
      nsCoeffs: undefined,
      nsSteps: 5,
      beta: 0.95,
      eps: 1e-8,
      nesterov: true,
      adaptive: false,
      balancing: undefined,
      variant: 'optax',
      preconditioning: undefined,
      weightDimensionNumbers: undefined,
    },
    given,
    {
      nsSteps: few,
      balancing: oneOf('output', 'reduction', 'both', 'sign'),
      variant: oneOf('optax', 'paper'),
      preconditioning: oneOf(...preconditionings),
      weightDimensionNumbers: axesOfMatrices,
    },
  )
  const {
    nsCoeffs = 'standard',
    preconditioning = 'frobenius',
    weightDimensionNumbers = matricesAlone,
  } = rest
  const coefficients = coefficientsOf(nsCoeffs, nsSteps)
  return fromRule({
    call: ['scaleByMuon', given],
    axes: rowsBy(weightDimensionNumbers),
    slots: { mu: zeros },
    scalars: ({ t }) => ({ beta, t, eps }),
    step: ({ g, ...old }, { beta, t, eps }) => {
      const mu = mix(beta, old.mu, g)
      const plain = nesterov ? mix(beta, mu, g) : mu
      const ahead = variant === 'paper' ? plain : debiasMean(nesterov, mu, g, beta, t)
      const factor = orthogonalize(balanced(ahead, balancing, eps), { coefficients, preconditioning, eps })
      return { update: adaptive ? factor.mul(sum(ahead.mul(factor), 'leaf')) : factor, mu }
    },
  })
}
