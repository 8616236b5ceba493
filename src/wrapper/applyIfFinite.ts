/** applyIfFinite: no step by gradients that are not finite. */
import { sum } from '../declare/reduction.js'
import { GradpipeError } from '../error.js'
import { shown } from '../options.js'
import { dispose } from '../program/dispose.js'
import { freeingOnError } from '../program/process.js'
import { readNumber } from '../program/read.js'
import { checkRanges, count, ofGradients } from '../range.js'
import { zeroRule } from '../rule/rule.js'
import { slot } from '../rule/slot.js'
import { constant, select } from '../rule/term.js'
import { expectFit } from '../transform/fit.js'
import { fromRule } from '../transform/fromRule.js'
import { heldUpdate } from '../transform/hold.js'
import { observe } from '../transform/observe.js'
import { fromProcess, processOf } from '../transform/ordinary.js'
import type { GradientTransformation, NoExtraArgs } from '../transform/transformation.js'

/**
 * State of {@link applyIfFinite}.
 *
 * @category Wrappers
 */
export interface ApplyIfFiniteState<S> {
  /** How many of the last gradients in a row were not finite. */
  readonly notfiniteCount: number
  /** 1 if the last gradients were finite, else 0. */
  readonly lastFinite: number
  /** How many gradients were not finite, of all. */
  readonly totalNotfinite: number
  /** The inner transformation's state. */
  readonly innerState: S
}

/** How many elements of a tree are NaN or infinite. */
const notFinite = observe(
  fromRule({
    slots: { number: slot('tree', 0) },
    scalars: {},
    step: ({ g }) => ({
      update: constant(0),
      number: sum(select(g.abs().lt(Number.POSITIVE_INFINITY), 0, 1), 'tree'),
    }),
  }),
)

/**
 * Skips gradients with an element that is NaN or infinite: their updates are zero, and the inner state stays. After
 * too many of them in a row it gives up, and applies them.
 *
 * Reads one number from the device in each step; on WebGPU see `updateAsync`.
 *
 * Throws `InvalidArgument` unless the number of errors is an integer of at least 0, and for a transformation that takes a
 * gradient for each example: skipped, its updates would not be like the parameters.
 *
 * @param inner The transformation of the finite gradients.
 * @param maxConsecutiveErrors How many gradients in a row may be skipped; 0 skips none.
 * @category Wrappers
 * @see Optax, `apply_if_finite`
 * @example
 * ```ts
 * import { applyIfFinite, sgd } from 'gradpipe'
 *
 * const tx = applyIfFinite(sgd(1), 5)
 * const [updates, state] = tx.update([1, Number.NaN], tx.init([0, 0]))
 * assert.deepEqual(updates, [0, 0])
 * assert.equal(state.totalNotfinite, 1)
 * ```
 */
export const applyIfFinite = <S, X = NoExtraArgs>(
  inner: GradientTransformation<S, X>,
  maxConsecutiveErrors: number,
): GradientTransformation<ApplyIfFiniteState<S>, X> => {
  checkRanges(
    'applyIfFinite',
    { inner, maxConsecutiveErrors },
    { inner: ofGradients, maxConsecutiveErrors: count },
  )
  const update = processOf(inner)
  return fromProcess(
    (params) => ({ notfiniteCount: 0, lastFinite: 1, totalNotfinite: 0, innerState: inner.init(params) }),
    freeingOnError(function* (made, grads, state, params, extraArgs) {
      if (typeof state?.notfiniteCount !== 'number' || typeof state.totalNotfinite !== 'number')
        throw new GradpipeError(
          'TreeMismatch',
          'state',
          'a state with notfiniteCount and totalNotfinite',
          shown(state),
        )
      expectFit(grads, params)
      const { number } = made(notFinite(grads))
      const finite = (yield* readNumber(number)) === 0
      dispose(number)
      const notfiniteCount = finite ? 0 : state.notfiniteCount + 1
      const [updates, innerState] =
        finite || notfiniteCount > maxConsecutiveErrors
          ? yield* update(grads, state.innerState, params, extraArgs)
          : heldUpdate(zeroRule, grads, state.innerState, params)
      const next: ApplyIfFiniteState<S> = {
        notfiniteCount,
        lastFinite: finite ? 1 : 0,
        totalNotfinite: state.totalNotfinite + (finite ? 0 : 1),
        innerState,
      }
      return [updates, next] as const
    }),
    ['applyIfFinite', inner, maxConsecutiveErrors],
  )
}
