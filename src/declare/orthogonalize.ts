/** orthogonalize: the orthogonal factor of a leaf's matrices, as a term. */
import { GradpipeError } from '../error.js'
import { bring } from '../host/brought.js'
import { hasRounds, inRounds } from '../host/rounds.js'
import { options } from '../options.js'
import { checkRanges, notNegative, oneOf } from '../range.js'
import { Const, Orthogonal } from '../rule/expr.js'
import type { Coefficients, Preconditioning } from '../rule/matrices.js'
import { exprOf, type Operand, Term } from '../rule/term.js'

/**
 * Options of {@link orthogonalize}.
 *
 * @category Rules
 */
export interface OrthogonalizeOptions {
  /**
   * The polynomial of each iteration, as {@link muonPolynomials} and {@link polarExpress} give them. Default: five of
   * Muon's. One whose last number is 0 takes a product less.
   */
  readonly coefficients?: readonly (readonly [number, number, number])[]
  /**
   * What is divided by before the iterations: `'frobenius'`, the default; `'spectral'`, the greatest singular value,
   * which costs as much as the iterations and more; `'schatten'`, the Schatten-4 norm, and `'aol'`, a factor for each
   * row, which cost next to nothing and need fewer iterations.
   */
  readonly preconditioning?: Preconditioning
  /** Added to the norm that is divided by, at least 0: a number or a term of the host's. Default 1e-8. */
  readonly eps?: Operand<'host'>
}

/** What may come before the iterations. */
export const preconditionings: readonly Preconditioning[] = ['frobenius', 'spectral', 'aol', 'schatten']

const isThree = (given: unknown): given is Coefficients =>
  Array.isArray(given) && given.length === 3 && given.every((c) => typeof c === 'number')

/**
 * Muon's polynomial, so many times: singular values come to 0.7 … 1.2 in five iterations, whatever they were.
 *
 * @category Rules
 * @see Jordan, Muon, 2024
 * @example
 * ```ts
 * import { muonPolynomials } from 'gradpipe'
 *
 * assert.deepEqual(muonPolynomials(2), [[3.4445, -4.775, 2.0315], [3.4445, -4.775, 2.0315]])
 * ```
 */
export const muonPolynomials = (steps: number): readonly (readonly [number, number, number])[] =>
  new Array<Coefficients>(steps).fill([3.4445, -4.775, 2.0315])

/**
 * The orthogonal factor of a leaf's matrices, nearly so: the singular vectors stay, the singular values come near 1.
 *
 * $$X_0 = \frac{x}{\|x\| + \epsilon} \qquad X_{k+1} = c_0 X_k + c_1 X_k X_k^\top X_k + c_2 (X_k X_k^\top)^2 X_k$$
 *
 * The last two axes of a leaf are its matrices; all others tell one matrix from the next. What comes before it in a rule is
 * one pass over memory, and what comes after it another; the products are on the smaller side, those of matrices of one
 * shape together: TensorFlow.js's, or on WASM gradpipe's own. Arrays are computed in float64.
 *
 * Throws `InvalidArgument` for an unknown option, what is no list of three numbers each and an `eps` below 0; the step
 * throws `ShapeMismatch` for a leaf without matrices, before anything is computed.
 *
 * @category Rules
 * @example
 * ```ts
 * import { fromRule, ndarray, orthogonalize, polarExpress } from 'gradpipe'
 *
 * const coefficients = polarExpress({ steps: 8 })
 * const tx = fromRule({ slots: {}, scalars: {}, step: ({ g }) => ({ update: orthogonalize(g, { coefficients }) }) })
 * const [u] = tx.update(ndarray(Float64Array.of(0, 3, -0.5, 0), [2, 2]), {})
 * const factor = [0, 1, -1, 0]
 * assert.ok(factor.every((x, i) => Math.abs(x - (u.data[i] ?? 0)) < 0.01))
 * ```
 */
export const orthogonalize = (x: Term<'element'>, given?: OrthogonalizeOptions): Term<'element'> => {
  const {
    coefficients = muonPolynomials(5),
    preconditioning = 'frobenius',
    eps = 1e-8,
  } = options('orthogonalize', { coefficients: undefined, preconditioning: undefined, eps: undefined }, given)
  checkRanges(
    'orthogonalize',
    { preconditioning, ...(typeof eps === 'number' && { eps }) },
    {
      preconditioning: oneOf(...preconditionings),
      eps: notNegative,
    },
  )
  if (!Array.isArray(coefficients) || coefficients.length === 0 || !coefficients.every(isThree))
    throw new GradpipeError(
      'InvalidArgument',
      'orthogonalize.coefficients',
      'three numbers for each iteration',
      JSON.stringify(coefficients),
    )
  // only who has factors has what computes them
  bring({ rounds: inRounds, hasRounds })
  const by = { coefficients, preconditioning }
  return new Term(Orthogonal(by, null, exprOf(x), typeof eps === 'number' ? Const(eps) : eps.expr), 'element')
}
