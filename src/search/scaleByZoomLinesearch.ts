/** scaleByZoomLinesearch: a step that decreases the loss enough, and after which it is flat enough. */

import { hyperparameters } from '../declare/hyperparameters.js'
import { GradpipeError } from '../error.js'
import { cloneTree } from '../program/cloneTree.js'
import { dispose } from '../program/dispose.js'
import { expectParams } from '../program/expect.js'
import { announced, freeingOnError, type Process } from '../program/process.js'
import { aboveOne, checkRanges, notNegative, positive, type Range, steps } from '../range.js'
import type { Params } from '../rule/leaf.js'
import { expectFit, expectLeaves } from '../transform/fit.js'
import { fromProcess } from '../transform/ordinary.js'
import type { GradientTransformation } from '../transform/transformation.js'
import { expectMeasure, gradOf, measureBoth, type ValueAndGradFnArgs, valueReading } from './extraArgs.js'
import { type Line, lastRate, sampleAt, scaled, startOf, zeroGrad } from './line.js'
import { type ZoomCriteria, zoom } from './zoom.js'

/**
 * How a zoom line search went.
 *
 * @category Line searches
 */
export interface ZoomLinesearchInfo {
  /** How often loss and gradient were computed. */
  readonly numLinesearchSteps: number
  /** By how much the last trial decreases the loss too little: positive where the search failed. */
  readonly decreaseError: number
  /** By how much the slope at the last trial is too steep: positive where the search failed, or was stopped by a bound. */
  readonly curvatureError: number
}

/**
 * State of {@link scaleByZoomLinesearch}.
 *
 * @category Line searches
 */
export interface ScaleByZoomLinesearchState {
  /** By what the updates were multiplied. */
  readonly learningRate: number
  /** The loss after the step. */
  readonly value: number
  /** Its gradient there. */
  readonly grad: Params
  /** How the search went. */
  readonly info: ZoomLinesearchInfo
}

/**
 * Options of {@link scaleByZoomLinesearch}.
 *
 * @category Line searches
 */
export interface ScaleByZoomLinesearchOptions {
  /** The greatest learning rate, positive. No bound by default. */
  readonly maxLearningRate?: number
  /** $\epsilon$, by how much both conditions may be missed, not negative. Default 0. */
  readonly tol?: number
  /** By what the step grows while it is too short, above 1. Default 2. */
  readonly increaseFactor?: number
  /** $c_1$, how much of the decrease that the slope promises is asked for, not negative. Default 1e-4. */
  readonly slopeRtol?: number
  /** $c_2$, how much of the slope may remain, not negative; infinity asks for decrease alone. Default 0.9. */
  readonly curvRtol?: number
  /**
   * $c_3$, how close to the first value the approximate condition applies, not negative; `null` never. Default 1e-6.
   */
  readonly approxDecRtol?: number | null
  /** An interval as short as this is not searched further, if some step in it decreases enough. Default 1e-5. */
  readonly stepsizePrecision?: number
  /** The first trial: 1, or the last learning rate. Default `'keep'`. */
  readonly initialGuessStrategy?: 'one' | 'keep'
  /** Whether to tell the console of a search that fails. Default false. */
  readonly verbose?: boolean
}

/**
 * Scales updates $u$ by a learning rate $\eta$ that fulfils the strong Wolfe conditions: enough decrease, and a slope that
 * is flat enough.
 *
 * $$f(p + \eta u) \le f(p) + \eta\, c_1 \langle u, \nabla f(p)\rangle + \epsilon, \quad
 * |\langle u, \nabla f(p + \eta u)\rangle| \le c_2 |\langle u, \nabla f(p)\rangle| + \epsilon$$
 *
 * The step grows until an interval is found that holds such a rate; the interval shrinks by cubic and quadratic
 * interpolation, or by halves. Where values differ by roundings alone, $f(p + \eta u) \le f(p) + c_3 |f(p)|$, the slope
 * stands for the first condition (Hager and Zhang): $\langle u, \nabla f(p + \eta u)\rangle \le
 * (2 c_1 - 1) \langle u, \nabla f(p)\rangle + \epsilon$. A search that fails takes the best step that decreases enough; if
 * there is none the last one, or no step at all if the loss is infinite or NaN there; then the next search starts with 1
 * (Optax's learning rate would stay zero for ever).
 *
 * `update` needs the parameters and the extra arguments `value` and `grad` (the loss and its gradient at the
 * parameters) and `valueAndGradFn`, both as a function of them; that of tensors is `valueAndGrad(loss)`. (Optax takes
 * the loss and differentiates it itself.) What was computed last stands in the state: `valueAndGradFromState` uses it
 * again. Values are read from the device: on WebGPU use `updateAsync`.
 *
 * Throws `MissingParams`; `MissingArgument` for an extra argument that is not there; `InvalidArgument` for one of
 * another kind, a `valueAndGradFn` that returns a promise to `update`, and an option out of its range.
 *
 * @param maxLinesearchSteps How many steps are tried: a whole number of at least 1.
 * @category Line searches
 * @see Nocedal and Wright, Numerical Optimization, 1999, algorithms 3.5 and 3.6; Hager and Zhang, Algorithm 851:
 * CG_DESCENT, 2006; Optax, `scale_by_zoom_linesearch`
 * @example
 * ```ts
 * import { applyUpdates, chain, scaleByZoomLinesearch, sgd } from 'gradpipe'
 *
 * // the second trial on a parabola is its minimum
 * const valueAndGradFn = (x: number) => ({ value: 2 * x * x, grads: 4 * x })
 * const tx = chain(sgd(1), scaleByZoomLinesearch(15))
 * const { value, grads } = valueAndGradFn(3)
 * const [updates, state] = tx.update(grads, tx.init(3), 3, { value, grad: grads, valueAndGradFn })
 * assert.ok(Math.abs(applyUpdates(3, updates)) < 1e-12)
 * assert.equal(state[1].info.numLinesearchSteps, 2)
 * ```
 */
export const scaleByZoomLinesearch = (
  maxLinesearchSteps: number,
  given?: ScaleByZoomLinesearchOptions,
): GradientTransformation<ScaleByZoomLinesearchState, ValueAndGradFnArgs> => {
  const {
    approxDecRtol = 1e-6,
    initialGuessStrategy = 'keep',
    verbose,
    ...numbers
  } = hyperparameters(
    name,
    {
      maxLearningRate: Number.POSITIVE_INFINITY,
      tol: 0,
      increaseFactor: 2,
      slopeRtol: 1e-4,
      curvRtol: 0.9,
      approxDecRtol: undefined,
      stepsizePrecision: 1e-5,
      initialGuessStrategy: undefined,
      verbose: false,
    },
    given,
  )
  checkRanges(name, { maxLinesearchSteps, ...numbers }, ranges)
  if (approxDecRtol !== null) checkRanges(name, { approxDecRtol }, { approxDecRtol: notNegative })
  if (initialGuessStrategy !== 'one' && initialGuessStrategy !== 'keep')
    throw new GradpipeError(
      'InvalidArgument',
      `${name}.initialGuessStrategy`,
      `'one' or 'keep'`,
      String(initialGuessStrategy),
    )
  const criteria: ZoomCriteria = { maxLinesearchSteps, approxDecRtol, ...numbers }

  return fromProcess(
    (params) => {
      expectLeaves('params', params)
      return {
        learningRate: 1,
        value: Number.POSITIVE_INFINITY,
        grad: zeroGrad(params),
        info: {
          numLinesearchSteps: 0,
          decreaseError: Number.POSITIVE_INFINITY,
          curvatureError: Number.POSITIVE_INFINITY,
        },
      }
    },
    freeingOnError(function* (made, updates, state, params, extraArgs): Process<
      readonly [Params, ScaleByZoomLinesearchState]
    > {
      const [value, grad] = [valueReading(extraArgs), gradOf(extraArgs)]
      const measure = expectMeasure('valueAndGradFn', measureBoth(extraArgs))
      expectFit(updates, params)
      const line: Line = { params: expectParams(params), updates, measure }
      const guess = initialGuessStrategy === 'one' ? 1 : lastRate(state, 1)
      const start = yield* startOf(updates, value, grad)
      const { point, failed, steps, decreaseError, curvatureError } = yield* zoom(
        start,
        guess,
        criteria,
        (stepsize) => announced(made, sampleAt(line, stepsize)),
        dispose,
      )
      if (verbose && failed)
        console.info(`${name} failed`, {
          ...point,
          slopeAtStart: start.slope,
          decreaseError,
          curvatureError,
        })
      const stepped = made(scaled(updates, point.stepsize))
      return [
        stepped,
        {
          learningRate: point.stepsize,
          value: point.value,
          grad: point === start ? cloneTree(grad) : point.grads,
          info: { numLinesearchSteps: steps, decreaseError, curvatureError },
        },
      ]
    }),
    [name, maxLinesearchSteps, given],
  )
}

const name = 'scaleByZoomLinesearch'

const ranges: Readonly<Record<string, Range>> = {
  maxLinesearchSteps: steps,
  maxLearningRate: positive,
  tol: notNegative,
  increaseFactor: aboveOne,
  slopeRtol: notNegative,
  curvRtol: notNegative,
  stepsizePrecision: notNegative,
}
