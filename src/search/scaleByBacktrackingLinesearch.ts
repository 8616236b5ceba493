/** scaleByBacktrackingLinesearch: the longest step, of ever shorter ones, that decreases the loss enough. */

import { hyperparameters } from '../declare/hyperparameters.js'
import { dispose } from '../program/dispose.js'
import { expectParams } from '../program/expect.js'
import { freeingOnError, type Process } from '../program/process.js'
import { checkRanges, fraction, notNegative, positive, steps } from '../range.js'
import type { Params } from '../rule/leaf.js'
import { expectFit, expectLeaves } from '../transform/fit.js'
import { fromProcess } from '../transform/ordinary.js'
import type { GradientTransformation } from '../transform/transformation.js'
import {
  expectMeasure,
  gradOf,
  measureBoth,
  measureValue,
  type ValueAndGradFnArgs,
  type ValueFnArgs,
  valueReading,
} from './extraArgs.js'
import { type Line, lastRate, type Sample, scaled, startOf, type Trial, valueAt, zeroGrad } from './line.js'

/**
 * How a backtracking line search went.
 *
 * @category Line searches
 */
export interface BacktrackingLinesearchInfo {
  /** How often the loss was computed. */
  readonly numLinesearchSteps: number
  /** By how much the loss lies above what is asked for: positive where the search failed. */
  readonly decreaseError: number
}

/**
 * State of {@link scaleByBacktrackingLinesearch}.
 *
 * @category Line searches
 */
export interface ScaleByBacktrackingLinesearchState {
  /** By what the updates were multiplied. */
  readonly learningRate: number
  /** The loss after the step. */
  readonly value: number
  /** Its gradient there, with `storeGrad`; else `null`. */
  readonly grad: Params
  /** How the search went. */
  readonly info: BacktrackingLinesearchInfo
}

/**
 * Options of {@link scaleByBacktrackingLinesearch}.
 *
 * @category Line searches
 */
export interface ScaleByBacktrackingLinesearchOptions {
  /** $c$, how much of the decrease that the slope promises is asked for, in [0, 1]. Default 1e-4. */
  readonly slopeRtol?: number
  /** By what a step that fails is shortened, in (0, 1). Default 0.8. */
  readonly decreaseFactor?: number
  /**
   * By what the last learning rate is multiplied for the first trial, positive. 1 tries it again; infinity starts with
   * `maxLearningRate` every time. Default 1.5.
   */
  readonly increaseFactor?: number
  /** The greatest learning rate, positive. Default 1. */
  readonly maxLearningRate?: number
  /** $\epsilon$, absolute tolerance, not negative. Default 0. */
  readonly atol?: number
  /** $\delta$, tolerance relative to the loss's size, not negative. Default 0. */
  readonly rtol?: number
  /** Whether the gradient after the step is kept in the state, for `valueAndGradFromState`. Default false. */
  readonly storeGrad?: boolean
  /** Whether to tell the console of a search that fails. Default false. */
  readonly verbose?: boolean
}

/**
 * Scales updates $u$ by a learning rate $\eta$ that decreases the loss enough (Armijo's condition):
 *
 * $$f(p + \eta u) \le f(p) + \delta\, |f(p)| + \eta\, c\, \langle u, \nabla f(p)\rangle + \epsilon$$
 *
 * Optax has $(1 + \delta) f(p)$, which asks for more, not for less, where the loss is negative.
 *
 * The first trial is the last learning rate times `increaseFactor`; each that fails is followed by a shorter one. After
 * `maxBacktrackingSteps` of these the last is taken as it is, or no step at all if the loss is infinite or NaN there; then
 * the next search starts with `maxLearningRate` (Optax's learning rate would stay zero for ever).
 * The updates must descend, $\langle u, \nabla f(p)\rangle < 0$, as those of `sgd` without momentum do.
 *
 * `update` needs the parameters and the extra arguments `value` and `grad` (the loss and its gradient at the
 * parameters) and `valueFn`, the loss as a function of them; with `storeGrad` `valueAndGradFn`, which may also stand for
 * `valueFn`. Values are read from the device: on WebGPU use `updateAsync`.
 *
 * Throws `MissingParams`; `MissingArgument` for an extra argument that is not there; `InvalidArgument` for one of
 * another kind, a `valueFn` that returns a promise to `update`, and an option out of its range.
 *
 * @param maxBacktrackingSteps How often a step is shortened: a whole number of at least 1.
 * @category Line searches
 * @see Nocedal and Wright, Numerical Optimization, 1999; Vaswani et al., Painless Stochastic Gradient, 2019; Optax,
 * `scale_by_backtracking_linesearch`
 * @example
 * ```ts
 * import { applyUpdates, chain, scaleByBacktrackingLinesearch, sgd } from 'gradpipe'
 *
 * const valueFn = (x: number) => 50 * x * x
 * const tx = chain(sgd(1), scaleByBacktrackingLinesearch(20, { decreaseFactor: 0.5 }))
 * let [x, state] = [3, tx.init(3)]
 * for (let i = 0; i < 10; i++) {
 *   const [value, grad] = [valueFn(x), 100 * x]
 *   const [updates, next] = tx.update(grad, state, x, { value, grad, valueFn })
 *   ;[x, state] = [applyUpdates(x, updates), next]
 *   assert.ok(valueFn(x) < value)
 * }
 * assert.ok(Math.abs(x) < 1e-3)
 * ```
 */
export function scaleByBacktrackingLinesearch(
  maxBacktrackingSteps: number,
  given: ScaleByBacktrackingLinesearchOptions & { readonly storeGrad: true },
): GradientTransformation<ScaleByBacktrackingLinesearchState, ValueAndGradFnArgs>
export function scaleByBacktrackingLinesearch(
  maxBacktrackingSteps: number,
  given?: ScaleByBacktrackingLinesearchOptions,
): GradientTransformation<ScaleByBacktrackingLinesearchState, ValueFnArgs | ValueAndGradFnArgs>
export function scaleByBacktrackingLinesearch(
  maxBacktrackingSteps: number,
  given?: ScaleByBacktrackingLinesearchOptions,
): GradientTransformation<ScaleByBacktrackingLinesearchState, ValueFnArgs | ValueAndGradFnArgs> {
  const all = hyperparameters(
    name,
    {
      slopeRtol: 1e-4,
      decreaseFactor: 0.8,
      increaseFactor: 1.5,
      maxLearningRate: 1,
      atol: 0,
      rtol: 0,
      storeGrad: false,
      verbose: false,
    },
    given,
  )
  checkRanges(name, { maxBacktrackingSteps, ...all }, ranges)
  const { slopeRtol, decreaseFactor, increaseFactor, maxLearningRate, atol, rtol, storeGrad, verbose } = all

  /** By how much a point misses the condition; infinite for NaN. */
  const errorOf = (start: Sample, { stepsize, value }: Trial): number => {
    // a product, since a sum would make NaN of an infinite loss and no tolerance
    const allowed = (1 + Math.sign(start.value) * rtol) * start.value
    const error = value - allowed - stepsize * slopeRtol * start.slope
    return Number.isNaN(error) ? Number.POSITIVE_INFINITY : Math.max(error, 0)
  }

  return fromProcess(
    (params) => {
      expectLeaves('params', params)
      return {
        learningRate: 1,
        value: Number.POSITIVE_INFINITY,
        grad: storeGrad ? zeroGrad(params) : null,
        info: { numLinesearchSteps: 0, decreaseError: Number.POSITIVE_INFINITY },
      }
    },
    freeingOnError(function* (made, updates, state, params, extraArgs): Process<readonly [Params, State]> {
      const [value, grad] = [valueReading(extraArgs), gradOf(extraArgs)]
      const both = measureBoth(extraArgs)
      const measure = expectMeasure('valueFn', measureValue(extraArgs) ?? both)
      const gradients = storeGrad ? expectMeasure('valueAndGradFn', both) : null
      expectFit(updates, params)
      const line: Line = { params: expectParams(params), updates, measure }
      const guess = increaseFactor * lastRate(state, maxLearningRate)
      const start = yield* startOf(updates, value, grad)
      let found: Trial
      let decreaseError: number
      let numLinesearchSteps = 0
      let learningRate = Math.min(guess, maxLearningRate)
      for (;;) {
        found = made(yield* valueAt(line, learningRate))
        decreaseError = errorOf(start, found)
        numLinesearchSteps++
        if (decreaseError <= atol || numLinesearchSteps > maxBacktrackingSteps) break
        dispose(found)
        learningRate *= decreaseFactor
      }
      if (verbose && decreaseError > atol)
        console.info(`${name} found no sufficient decrease`, { ...start, learningRate, decreaseError })
      if (gradients !== null && measure !== gradients) {
        dispose(found)
        found = made(yield* valueAt({ ...line, measure: gradients }, learningRate))
      }
      if (gradients === null) dispose(found)

      // a step to where the loss is not a number would lose everything
      const taken = decreaseError === Number.POSITIVE_INFINITY ? 0 : learningRate
      const stepped = made(scaled(updates, taken))
      const info = { numLinesearchSteps, decreaseError }
      return [stepped, { learningRate: taken, value: found.value, grad: gradients && found.grads, info }]
    }),
    [name, maxBacktrackingSteps, given],
  )
}

type State = ScaleByBacktrackingLinesearchState

const name = 'scaleByBacktrackingLinesearch'

const ranges = {
  maxBacktrackingSteps: steps,
  slopeRtol: notNegative,
  decreaseFactor: fraction,
  increaseFactor: positive,
  maxLearningRate: positive,
  atol: notNegative,
  rtol: notNegative,
}
