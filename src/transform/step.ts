/** step and applyUpdates: from updates to new parameters. */
import type { Params } from '../rule/leaf.js'
import { identityRule } from '../rule/rule.js'
import { dispose, disposingOnError } from './dispose.js'
import { execute } from './execute.js'
import type { EmptyState, GradientTransformation, Step } from './transformation.js'

/**
 * Adds updates to parameters.
 *
 * $$p + u$$
 *
 * A leaf without an update (`null`) stays. Throws as `update` does where the trees do not fit.
 *
 * @category Transformations
 * @see Optax, `apply_updates`
 * @example
 * ```ts
 * import { applyUpdates } from 'gradpipe'
 *
 * assert.deepEqual(applyUpdates({ w: 1, b: [2, 3] }, { w: 10, b: [null, -3] }), { w: 11, b: [2, 0] })
 * ```
 */
export function applyUpdates(params: number, updates: Params): number
export function applyUpdates<P extends Params>(params: P, updates: Params): P
export function applyUpdates<P extends Params>(params: P, updates: Params): P {
  const added = execute(noRule, { _tag: 'Step', params, grads: updates }, 'updates')
  // the result has the structure of the parameters
  return added.result as P
}

const noRule: Step<EmptyState> = {
  rule: () => identityRule,
  scalars: {},
  scopes: {},
  slots: {},
  finish: () => ({}),
}

/**
 * A step: from parameters, state and gradients to the next parameters and state.
 *
 * @category Transformations
 */
export interface StepFunction<S> {
  (params: number, state: S, grads: Params): readonly [params: number, state: S]
  <P extends Params>(params: P, state: S, grads: Params): readonly [params: P, state: S]
}

/**
 * Updates and applies at once: in one pass, where the transformation is made of rules.
 *
 * Borrows its arguments; the tensors in the result are new and the caller's. Throws as `update` does.
 *
 * @category Transformations
 * @example
 * ```ts
 * import { sgd, step } from 'gradpipe'
 *
 * // minimizes (w - 3)² by gradient descent
 * const tx = sgd(0.25)
 * let [params, state] = [{ w: 0 }, tx.init({ w: 0 })]
 * for (let i = 0; i < 20; i++) [params, state] = step(tx)(params, state, { w: 2 * (params.w - 3) })
 * assert.ok(Math.abs(params.w - 3) < 1e-5)
 * ```
 */
export const step = <S>(tx: GradientTransformation<S>): StepFunction<S> => {
  const { ruled } = tx
  function run(params: number, state: S, grads: Params): readonly [number, S]
  function run<P extends Params>(params: P, state: S, grads: Params): readonly [P, S]
  function run<P extends Params>(params: P, state: S, grads: Params): readonly [P, S] {
    if (ruled !== undefined) {
      const done = execute(ruled.resume(state, 'state'), { _tag: 'Step', params, grads })
      // the result has the structure of the parameters
      return [done.result as P, done.state]
    }
    return disposingOnError((made) => {
      const [updates, next] = made(tx.update(grads, state, params))
      const stepped = applyUpdates(params, updates)
      dispose(updates)
      return [stepped, next]
    })
  }
  return run
}
