/** minimize: steps of a transformation until it converges, for functions of numbers and arrays. */
import { hyperparameters } from '../declare/hyperparameters.js'
import { lbfgs } from '../optimizer/lbfgs.js'
import { callable, checkRange, notNegative, positive, steps, transformation } from '../range.js'
import type { Params } from '../rule/leaf.js'
import type { ValueAndGradFnArgs, ValueFnArgs } from '../search/extraArgs.js'
import { step } from '../transform/step.js'
import type { GradientTransformation } from '../transform/transformation.js'
import { type Evaluated, evaluations, type GradSource } from './objective.js'
import { greatest, same, vectorsLike } from './vector.js'

// model

/**
 * The value of a function and its gradient, a tree like its argument.
 *
 * @category Minimizing
 */
export interface ValueAndGrads<P> {
  /** The value. */
  readonly value: number
  /** The gradient. */
  readonly grads: P
}

/**
 * The function to minimize: it takes a point, and returns its value, or its value and its gradient. It must not
 * change the point.
 *
 * @category Minimizing
 */
export type Objective<P> = (x: P) => number | ValueAndGrads<P>

/**
 * Why {@link minimize} stopped.
 *
 * - `gradient`: no element of the gradient is greater than `gtol`. A success.
 * - `value`: the last step changed the value by less than `ftol`. A success.
 * - `steps`: `maxiter` steps were made.
 * - `callback`: the callback returned `true`.
 * - `stuck`: a line search found no step that changes the point. The gradient may be wrong, or float64 cannot tell
 *   nearby values apart.
 * - `notFinite`: the value or the gradient is NaN or infinite.
 *
 * @category Minimizing
 */
export type MinimizeStatus = 'gradient' | 'value' | 'steps' | 'callback' | 'stuck' | 'notFinite'

/**
 * A point that {@link minimize} reached on its way.
 *
 * @category Minimizing
 */
export interface MinimizeProgress<P> {
  /** The point. */
  readonly x: P
  /** The objective there. */
  readonly value: number
  /** Its gradient there. */
  readonly grad: P
  /** How many steps were made. */
  readonly nit: number
  /** How often the objective was called, finite differences included. */
  readonly nfev: number
  /** How often a gradient was computed. */
  readonly njev: number
}

/**
 * What {@link minimize} returns.
 *
 * @category Minimizing
 */
export interface MinimizeResult<P> extends MinimizeProgress<P> {
  /** Whether `status` is `gradient` or `value`. */
  readonly success: boolean
  /** Why it stopped. */
  readonly status: MinimizeStatus
  /** The reason in words. */
  readonly message: string
  /** Where the gradients came from: the caller, or central differences of values. */
  readonly gradSource: GradSource
}

/**
 * The extra arguments that `minimize` passes to a transformation in every step.
 *
 * @category Minimizing
 */
export type MinimizeArgs = ValueFnArgs & ValueAndGradFnArgs

/**
 * Options of {@link minimize}.
 *
 * @category Minimizing
 */
export interface MinimizeOptions<P> {
  /** The transformation that makes the steps: any. Default `lbfgs()`. */
  readonly optimizer?: GradientTransformation<unknown, MinimizeArgs>
  /**
   * The gradient of an objective that returns only its value. If it is missing, central finite differences replace
   * it.
   */
  readonly grad?: (x: P) => P
  /** Stops at a point where no element of the gradient has a greater absolute value. Not negative. Default 1e-5. */
  readonly gtol?: number
  /**
   * Stops after a step that changes the value by less than this times $\max(|f_{t-1}|, |f_t|, 1)$. 0 never does. Not
   * negative. Default 2.22e-9.
   */
  readonly ftol?: number
  /** The greatest number of steps. A whole number of at least 1. Default 15000. */
  readonly maxiter?: number
  /**
   * The step of finite differences, times $\max(1, |x_i|)$. Positive. Default the cube root of the precision: 6e-6, in a
   * Float32Array 5e-3.
   */
  readonly finiteDiffRelStep?: number
  /** Is called after each step, and stops the minimization by returning `true`. */
  readonly callback?: (progress: MinimizeProgress<P>) => unknown
}

// the loop

const name = 'minimize'

const allFinite = ({ value, grad }: Evaluated<unknown>): boolean =>
  Number.isFinite(value) && Number.isFinite(greatest(grad))

/** Says what is not finite at a point. */
const broken = ({ value }: Evaluated<unknown>): string =>
  Number.isFinite(value) ? 'The gradient is not finite' : `The value is ${value}`

/**
 * Minimizes a function of numbers and arrays, without TensorFlow.js. It makes steps of a transformation, by default
 * L-BFGS, until the gradient vanishes, the value no longer changes, or the steps are used up.
 *
 * The point is a number, a `Float64Array`, or a tree of these; Float32Arrays are allowed, with their precision. The
 * objective returns its value, or `{ value, grads }`. Without gradients, central differences of $2n$ values replace
 * them; the result says so. No point is computed twice, even if a line search was there before.
 *
 * The result says why it stopped: `success`, `status` and `message`. Names, defaults and stopping rules are those of
 * SciPy's L-BFGS-B.
 *
 * Throws, before the first step: `InvalidArgument` for an option that is unknown or out of its range, for an
 * objective that returns something else, and for two sources of gradients; `InvalidLeaf` for a point without numbers,
 * or with a tensor (`step` takes those); `TreeMismatch`, `ShapeMismatch` or `DtypeMismatch` for a gradient that does
 * not fit the point. Errors of the objective and the callback pass through.
 *
 * @param objective The function to minimize.
 * @param x0 The starting point. It does not change.
 * @category Minimizing
 * @see Liu and Nocedal, On the limited memory BFGS method for large scale optimization, 1989; SciPy,
 * `optimize.minimize`; JAX, `jax.scipy.optimize.minimize`
 * @example
 * ```ts
 * import { minimize } from 'gradpipe'
 *
 * // y = a·exp(−b·t): which a and b fit best?
 * const t = [0, 1, 2, 3, 4]
 * const y = [2.5, 1.52, 0.92, 0.56, 0.34]
 * const squares = ({ a, b }: { a: number; b: number }) =>
 *   t.reduce((sum, ti, i) => sum + (a * Math.exp(-b * ti) - (y[i] ?? 0)) ** 2, 0)
 *
 * const fit = minimize(squares, { a: 1, b: 1 })
 * assert.ok(fit.success)
 * assert.equal(fit.gradSource, 'finiteDifferences')
 * assert.ok(Math.abs(fit.x.a - 2.5) < 0.01 && Math.abs(fit.x.b - 0.5) < 0.01)
 * ```
 * @example
 * ```ts
 * import { adam, minimize } from 'gradpipe'
 *
 * // with its gradient, by Adam, for as long as it is worth it
 * const { status, x } = minimize(
 *   ([x, y]) => ({ value: (x - 1) ** 2 + (y + 2) ** 2, grads: [2 * (x - 1), 2 * (y + 2)] }),
 *   [0, 0],
 *   { optimizer: adam(0.1), callback: ({ value }) => value < 1e-3 },
 * )
 * assert.equal(status, 'callback')
 * assert.ok(Math.abs(x[0] - 1) < 0.1 && Math.abs(x[1] + 2) < 0.1)
 * ```
 */
export function minimize(
  objective: Objective<number>,
  x0: number,
  given?: MinimizeOptions<number>,
): MinimizeResult<number>
export function minimize<P extends Params | readonly []>(
  objective: Objective<P>,
  x0: P,
  given?: MinimizeOptions<P>,
): MinimizeResult<P>
export function minimize<P extends Params>(
  objective: Objective<P>,
  x0: P,
  given?: MinimizeOptions<P>,
): MinimizeResult<P> {
  const { optimizer, grad, gtol, ftol, maxiter, finiteDiffRelStep, callback } = hyperparameters(
    name,
    {
      optimizer: undefined,
      grad: undefined,
      gtol: 1e-5,
      ftol: 1e7 * Number.EPSILON,
      maxiter: 15000,
      finiteDiffRelStep: undefined,
      callback: undefined,
    },
    given,
    {
      optimizer: transformation,
      grad: callable,
      gtol: notNegative,
      ftol: notNegative,
      maxiter: steps,
      finiteDiffRelStep: positive,
      callback: callable,
    },
  )
  checkRange(`${name}.objective`, objective, callable)

  const vectors = vectorsLike(x0)
  const from = vectors.build(vectors.read(x0, 'x0'))
  const known = evaluations<P>({ objective, grad, relStep: finiteDiffRelStep }, vectors)
  const tx = optimizer ?? lbfgs()
  const stepped = step(tx)
  const searching = {
    valueFn: known.value,
    valueAndGradFn: (x: Params) => {
      const { value, grads } = known.both(x)
      return { value, grads }
    },
  }

  const progress = ({ x, value, grads }: Evaluated<P>, nit: number): MinimizeProgress<P> => ({
    x,
    value,
    grad: grads,
    nit,
    ...known.counts(),
  })
  const stopped = (
    at: Evaluated<P>,
    nit: number,
    status: MinimizeStatus,
    message: string,
  ): MinimizeResult<P> => ({
    ...progress(at, nit),
    success: status === 'gradient' || status === 'value',
    status,
    message,
    gradSource: known.source(),
  })
  /** The end, if the gradient vanishes. */
  const flat = (at: Evaluated<P>, nit: number): MinimizeResult<P> | undefined =>
    greatest(at.grad) <= gtol
      ? stopped(at, nit, 'gradient', `No element of the gradient is greater than gtol, ${gtol}.`)
      : undefined

  let here = known.both(from)
  if (!allFinite(here)) return stopped(here, 0, 'notFinite', `${broken(here)} at the start.`)
  const done = flat(here, 0)
  if (done !== undefined) return done
  let state = tx.init(from)
  for (let nit = 1; ; nit++) {
    const { value, grads } = here
    const calls = known.counts().nfev
    const [x, after] = stepped(here.x, state, grads, { value, grad: grads, ...searching })
    state = after
    const searched = known.counts().nfev > calls
    const next = known.both(x)
    if (!allFinite(next)) {
      const message = `${broken(next)} after the next step. This is the point before it.`
      return stopped(here, nit - 1, 'notFinite', message)
    }
    const moved = !same(here.at, next.at)
    const change = Math.abs(next.value - value) / Math.max(Math.abs(value), Math.abs(next.value), 1)
    here = next
    known.keep(here)

    if (callback?.(progress(here, nit)) === true)
      return stopped(here, nit, 'callback', 'The callback returned true.')
    const found = flat(here, nit)
    if (found !== undefined) return found
    // a rate that is still zero moves nothing: this is not the end
    if (moved && change < ftol) {
      const message = `The last step changed the value by less than ftol, ${ftol}, relative to its size.`
      return stopped(here, nit, 'value', message)
    }
    if (!moved && searched) {
      const perhaps = known.source() === 'given' ? 'the gradient may be wrong, or ' : ''
      const message = `The line search found no step that changes the point: ${perhaps}nearby values differ by roundings alone.`
      return stopped(here, nit, 'stuck', message)
    }
    if (nit === maxiter)
      return stopped(here, nit, 'steps', `All steps that maxiter allows were made: ${maxiter}.`)
  }
}
