/** inEvery: a transformation that is run in every n-th step only, since it costs much. */

import { cloneTree } from '../program/cloneTree.js'
import { disposingOnError } from '../program/dispose.js'
import { fromProcess, processOf } from '../transform/ordinary.js'
import type { GradientTransformation } from '../transform/transformation.js'

/**
 * State of what is run in every n-th step only: of the estimate in {@link sophia}.
 *
 * @category Optimizers
 */
export interface InEveryState<S> {
  /** Steps seen. */
  readonly count: number
  /** The inner transformation's state. */
  readonly innerState: S
}

/** Runs the inner transformation in the steps 0, n, 2n …; in the others updates and state pass as they are. */
export const inEvery = <S, X>(
  n: number,
  inner: GradientTransformation<S, X>,
): GradientTransformation<InEveryState<S>, X> => {
  const update = processOf(inner)
  return fromProcess(
    (params) => ({ count: 0, innerState: inner.init(params) }),
    function* (grads, { count, innerState }, params, extraArgs) {
      const [updates, next] =
        count % n === 0
          ? yield* update(grads, innerState, params, extraArgs)
          : disposingOnError((made) => {
              // a state is a tree of leaves, and its copy one of the same type
              const held = made(cloneTree(innerState) as S)
              return [made(cloneTree(grads)), held] as const
            })
      return [updates, { count: count + 1, innerState: next }] as const
    },
  )
}
