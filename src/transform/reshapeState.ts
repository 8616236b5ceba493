/** reshapeState: the same transformation with another layout of its state. */
import type { Step } from '../program/program.js'
import { fromProcess, processOf } from './ordinary.js'
import { fromRuled } from './ruled.js'
import type { GradientTransformation } from './transformation.js'

/** A layout of a state of type `S` as a `T`. Neither direction makes or frees a tensor. */
export interface StateLayout<S, T> {
  readonly to: (state: S) => T
  /** The state again; throws `TreeMismatch` if the state at `at` has no such layout. */
  readonly from: (laid: T, at: string) => S
}

/** The same transformation, with another layout of its state. */
export const reshapeState = <S, T, X>(
  tx: GradientTransformation<S, X>,
  { to, from }: StateLayout<S, T>,
): GradientTransformation<T, X> => {
  const { ruled } = tx
  if (ruled !== undefined) {
    const reshaped = (step: Step<S>): Step<T> => ({
      ...step,
      finish: (slots) => to(step.finish(slots)),
      hold: (slots) => to(step.hold(slots)),
    })
    return fromRuled({
      reads: ruled.reads,
      begin: () => reshaped(ruled.begin()),
      resume: (state, at, extraArgs) => reshaped(ruled.resume(from(state, at), at, extraArgs)),
    })
  }
  const update = processOf(tx)
  return fromProcess(
    (params) => to(tx.init(params)),
    function* (grads, state, params, extraArgs) {
      const [updates, next] = yield* update(grads, from(state, 'state'), params, extraArgs)
      return [updates, to(next)] as const
    },
  )
}
