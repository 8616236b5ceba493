/** step and applyUpdates: from updates to new parameters. */
import { options } from '../options.js'
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
  const added = execute(noRule, { _tag: 'Step', params, grads: updates, donate: false }, 'updates')
  // the result has the structure of the parameters
  return added.result as P
}

const noRule: Step<EmptyState> = {
  program: { rule: () => identityRule, scalars: [], slots: [] },
  scalars: [],
  slots: [],
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
 * How a step treats what it is given.
 *
 * @category Transformations
 */
export interface StepOptions {
  /**
   * Whether parameters, state and gradients are given up: their memory is written over where nobody else holds it,
   * and all their handles are disposed. Default false.
   */
  readonly donate?: boolean
}

/**
 * Updates and applies at once: in one pass, where the transformation is made of rules.
 *
 * Borrows its arguments; the tensors in the result are new and the caller's. With `donate`, it consumes them: a
 * tensor whose memory nothing else holds is stepped in place, and every handle that was given is disposed. Memory
 * with another holder, a clone or a second place in the tree, is left as it is, and the result gets its own; so a
 * clone made earlier never changes. A consumed tensor that is used again throws `Disposed` here, and an error of
 * TensorFlow.js there. Numbers and typed arrays have no handles: donated or not, they are only read.
 *
 * Throws as `update` does, before anything is computed or consumed; `InvalidArgument` for an unknown option.
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
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs-core'
 * import { adam, dispose, step } from 'gradpipe'
 *
 * const tx = adam(0.1)
 * const inPlace = step(tx, { donate: true })
 * let params = { w: tf.tensor1d([1, 2]) }
 * let state = tx.init(params)
 * const { numBytes } = tf.memory()
 * for (let i = 0; i < 3; i++) [params, state] = inPlace(params, state, { w: params.w.clone() })
 * assert.equal(tf.memory().numBytes, numBytes)
 * dispose(params, state)
 * ```
 */
export const step = <S>(tx: GradientTransformation<S>, given: StepOptions = {}): StepFunction<S> => {
  const { donate } = options('step', { donate: false }, given)
  const { ruled } = tx
  function run(params: number, state: S, grads: Params): readonly [number, S]
  function run<P extends Params>(params: P, state: S, grads: Params): readonly [P, S]
  function run<P extends Params>(params: P, state: S, grads: Params): readonly [P, S] {
    if (ruled !== undefined) {
      const done = execute(ruled.resume(state, 'state'), { _tag: 'Step', params, grads, donate })
      // the result has the structure of the parameters
      return [done.result as P, done.state]
    }
    const stepped = disposingOnError((made) => {
      const [updates, next] = made(tx.update(grads, state, params))
      const after = applyUpdates(params, updates)
      dispose(updates)
      return [after, next] as const
    })
    if (donate) dispose(params, state, grads)
    return stepped
  }
  return run
}
