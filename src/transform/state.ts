/** Updates as fp-ts `State`: a step is a value, and steps compose with fp-ts's own combinators. */
import type { State } from '../fp.js'
import { checkRange, transformation } from '../range.js'
import type { Params } from '../rule/leaf.js'
import { type StepArgs, step } from './step.js'
import type { GradientTransformation, NoExtraArgs, UpdateArgs } from './transformation.js'

/**
 * `update` as a state transition from gradients to updates; fp-ts threads the optimizer's state.
 *
 * @category Combinators
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js'
 * import * as S from 'fp-ts/lib/State.js'
 * import { trace, updateState } from 'gradpipe'
 *
 * const tx = trace(0.5)
 * const sums = pipe([1, 1, 1], S.traverseArray(updateState(tx)), S.evaluate(tx.init(0)))
 * assert.deepEqual(sums, [1, 1.5, 1.75])
 * ```
 */
export const updateState = <S, X = NoExtraArgs>(
  tx: GradientTransformation<S, X>,
  ...rest: UpdateArgs<X>
): (<P extends Params>(grads: P) => State<S, P>) => {
  checkRange('updateState', tx, transformation)
  return <P extends Params>(grads: P): State<S, P> =>
    (state) => {
      const [updates, next] = tx.update<P>(grads, state, ...rest)
      return [updates, next]
    }
}

/**
 * A whole training step as a state transition of parameters and optimizer state: give it a batch's gradient
 * function, and fold a stream of batches in one `pipe`. The value is the new parameters.
 *
 * @category Combinators
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js'
 * import * as S from 'fp-ts/lib/State.js'
 * import { sgd, stepState } from 'gradpipe'
 *
 * const tx = sgd(0.1)
 * const towards = (target: number) => (w: number) => w - target
 * const [w] = pipe(
 *   [1, 2, 3],
 *   S.traverseArray((target: number) => stepState(tx)(towards(target))),
 *   S.execute<readonly [number, ReturnType<typeof tx.init>]>([0, tx.init(0)]),
 * )
 * assert.ok(Math.abs(w - 0.561) < 1e-12)
 * ```
 */
export const stepState = <S, X = NoExtraArgs>(
  tx: GradientTransformation<S, X>,
): (<P extends Params>(
  gradient: (params: P) => Params,
  ...rest: StepArgs<X>
) => State<readonly [params: P, state: S], P>) => {
  checkRange('stepState', tx, transformation)
  const stepped = step(tx)
  return <P extends Params>(
    gradient: (params: P) => Params,
    ...rest: StepArgs<X>
  ): State<readonly [params: P, state: S], P> =>
    ([params, state]) => {
      const next = stepped<P>(params, state, gradient(params), ...rest)
      return [next[0], next]
    }
}
