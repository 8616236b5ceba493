/** How an optimizer updates donated parameters, whatever its transformation. */
import type { Initable } from '../../arithmetic/mapParams.js'
import { cloneTree } from '../../program/cloneTree.js'
import { dispose } from '../../program/dispose.js'
import type { ExtraArgs } from '../../program/program.js'
import { type Steady, steady } from '../../program/steady.js'
import type { Params } from '../../rule/leaf.js'
import type { ValueAndGradFnArgs, ValueFnArgs } from '../../search/extraArgs.js'
import { step, stepInPlace } from '../../transform/step.js'
import type { GradientTransformation, Stepping } from '../../transform/transformation.js'

/**
 * The extra arguments that `minimize` passes: the loss, its gradient, and the loss as a function of the variables'
 * values.
 *
 * @category LayersModel
 */
export interface MinimizeArgs extends ValueFnArgs, ValueAndGradFnArgs {}

/**
 * What can become an optimizer of TensorFlow.js: a transformation that needs only what `minimize` knows, or
 * `lookahead`.
 *
 * @category LayersModel
 */
export type Drive<S> = GradientTransformation<S, MinimizeArgs> | (Stepping<S, MinimizeArgs> & Initable<S>)

/** First state and steps. */
export interface Stepper<S> {
  init(params: Params): S
  /** Consumes parameters and state; if an extra argument is missing, the transformation throws. */
  step(
    params: Params,
    state: S,
    grads: Params,
    extraArgs: Partial<MinimizeArgs>,
  ): readonly [params: Params, state: S]
  /** Steps of parameters that stay the same, if the transformation has any; see `steady`. */
  steady?(params: Params, state: S, grads: Params): Steady<S> | null
}

type LookaheadPair = { readonly fast: Params; readonly slow: Params }

/** The slow parameters of `lookahead`, which no variable holds, and its state. */
interface WithSlow<S> {
  readonly slow: Params
  readonly state: S
}

/** Like {@link MinimizeArgs}, with anything else. */
type Known = MinimizeArgs & ExtraArgs

const ofPair = <S>(tx: Stepping<S, MinimizeArgs> & Initable<S>): Stepper<WithSlow<S>> => {
  const inPlace = step(tx, { donate: true })
  return {
    init: (params) => ({ slow: cloneTree(params), state: tx.init(params) }),
    step: (fast, { slow, state }, grads, extraArgs) => {
      const pair: LookaheadPair = { fast, slow }
      const given = cloneTree(grads)
      try {
        const [after, next] = inPlace<LookaheadPair>(pair, state, given, extraArgs as Known)
        return [after.fast, { slow: after.slow, state: next }]
      } finally {
        dispose(given) // what was consumed, twice: that does no harm
      }
    },
  }
}

/** The stepper of a transformation. */
export const stepperOf = <S>(tx: Drive<S>): Stepper<unknown> => {
  if ('stepping' in tx) return ofPair(tx)
  const inPlace = stepInPlace<S, MinimizeArgs>(tx)
  const { ruled } = tx
  const start = ruled?.begin()
  return {
    // variables are leaves: there is nothing to check where nothing is made of them
    init: (params) => (start?.program.slots.length === 0 ? start.finish([]) : tx.init(params)),
    // a state comes from `init` or a step; the transformation says itself what is missing
    step: (params, state, grads, extraArgs) => inPlace(params, state as S, grads, extraArgs),
    // as above
    ...(ruled && { steady: (params, state, grads) => steady(ruled, params, state as S, grads) }),
  }
}
