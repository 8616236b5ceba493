/** step, stepAsync and applyUpdates: from updates to new parameters. */
import { onHost } from '../declare/extraArgs.js'
import { GradpipeError } from '../error.js'
import { bring, brought } from '../host/brought.js'
import { takerOf } from '../host/numbers/giveUp.js'
import { options, shown } from '../options.js'
import { dispose, disposingOnError } from '../program/dispose.js'
import { execute } from '../program/execute.js'
import { type Process, runLater, runNow } from '../program/process.js'
import type { ExtraArgs, Ruled } from '../program/program.js'
import type { StepTask } from '../program/task.js'
import { checkRange, steppable } from '../range.js'
import type { Params } from '../rule/leaf.js'
import { identityRule } from '../rule/rule.js'
import { bareStep } from './fuse.js'
import { processOf } from './ordinary.js'
import type { GradientTransformation, NoExtraArgs, Stepping } from './transformation.js'

/**
 * Adds updates to parameters.
 *
 * $$p + u$$
 *
 * A leaf without an update (`null`) stays. Throws like `update` if the trees do not fit.
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
  const added = execute(
    bareStep(identityRule),
    { _tag: 'Step', params, grads: updates, donate: false },
    'updates',
  )
  // the result has the structure of the parameters
  return added.result as P
}

/**
 * The last arguments of a step: extra arguments of type `X`, which may be left out if none is needed.
 *
 * @category Transformations
 */
export type StepArgs<X> = NoExtraArgs extends X
  ? readonly [extraArgs?: X & ExtraArgs]
  : readonly [extraArgs: X & ExtraArgs]

/**
 * A step: from parameters, state and gradients to the next parameters and state.
 *
 * @category Transformations
 */
export interface StepFunction<S, X = NoExtraArgs> {
  (params: number, state: S, grads: Params, ...rest: StepArgs<X>): readonly [params: number, state: S]
  <P extends Params>(params: P, state: S, grads: Params, ...rest: StepArgs<X>): readonly [params: P, state: S]
}

/**
 * The same as a promise.
 *
 * @category Transformations
 */
export type StepAsyncFunction<S, X = NoExtraArgs> = <P extends Params>(
  params: P,
  state: S,
  grads: Params,
  ...rest: StepArgs<X>
) => Promise<readonly [params: P, state: S]>

/**
 * How a step treats its arguments.
 *
 * @category Transformations
 */
export interface StepOptions {
  /**
   * Whether the step consumes parameters, state and gradients: it overwrites their memory if nobody else holds it,
   * disposes all their handles, and leaves large arrays empty. Default false.
   */
  readonly donate?: boolean
}

/**
 * Makes a training step: updates and applies at once, in one pass if the transformation is made of rules.
 *
 * The step borrows its arguments; the result is new and belongs to the caller. With `donate`, the step consumes them:
 * it updates a tensor in place if nothing else holds its memory, and disposes every given handle. Memory with another
 * holder, a clone or a second place in the tree, stays as it is, and the result gets its own; so a clone made earlier
 * never changes. Using a consumed tensor again throws `Disposed` here, and TensorFlow.js's own error there. A
 * `tf.Variable`, as `model.getWeights` returns, cannot be donated: its readers would be left with nothing.
 *
 * With `donate`, large typed arrays of parameters and state leave their memory to those in the result: from 2 KiB on
 * where the engine has `ArrayBuffer.prototype.transfer`, as Node 22 and current browsers have, and from 16 KiB on
 * elsewhere. They are empty afterwards, and using them again throws `Disposed`. The same holds for all views of the same
 * buffer, and for a tensor that TensorFlow.js made from the array without a copy. An array is copied and stays if it
 * is part of a larger buffer, shared by threads, in a WebAssembly memory or in several places of the trees. Small
 * arrays, gradients and numbers stay too.
 *
 * Throws like `update`, before anything is computed or consumed; also `InvalidArgument` for an unknown option or
 * something that is not a transformation and, with `donate`, `InvalidLeaf` for a variable.
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
 * import 'gradpipe/tfjs'
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
 * @example
 * ```ts
 * import { adam, step } from 'gradpipe'
 *
 * const tx = adam(0.1)
 * const first = new Float32Array(10_000).fill(1)
 * const [params, state] = step(tx, { donate: true })(first, tx.init(first), first.slice())
 * assert.deepEqual([first.length, params.length], [0, 10_000])
 * ```
 */
export const step = <S, X = NoExtraArgs>(
  tx: GradientTransformation<S, X> | Stepping<S, X>,
  given: StepOptions = none,
): StepFunction<S, X> => {
  checkRange('step', tx, steppable)
  const { donate } = given === none ? none : stepOptions('step', given)
  const ruled = 'stepping' in tx ? undefined : tx.ruled
  if (ruled !== undefined && (ruled.reads === undefined || ruled.reads.length === 0))
    // nothing is read from a device: no process
    return <P extends Params>(params: P, state: S, grads: Params, ...[extraArgs]: StepArgs<X>) => {
      if (donate) expectNoVariables(params, state, grads)
      return ruledStep(ruled, { _tag: 'Step', params, grads, donate }, state, extraArgs ?? noArgs)
    }
  const process = stepOf(tx, donate)
  return <P extends Params>(params: P, state: S, grads: Params, ...[extraArgs]: StepArgs<X>) =>
    runNow(process(params, state, grads, extraArgs ?? noArgs))
}

const none = { donate: false }

/** The options of a step. What holds none of them is taken for parameters: `step(tx, params, …)` is easily written. */
const stepOptions = (name: string, given: StepOptions): { readonly donate: boolean } => {
  const names = typeof given === 'object' && given !== null ? Object.keys(given) : []
  if (names.length > 0 && !names.includes('donate'))
    throw new GradpipeError(
      'InvalidArgument',
      name,
      `options, { donate }; parameters, state and gradients go to the function that ${name}(tx) returns`,
      shown(given),
    )
  const chosen = options(name, none, given)
  if (chosen.donate) bring({ takerOf })
  return chosen
}

const noArgs: ExtraArgs = {}

/**
 * {@link step} without blocking on the device: for WebGPU, if the transformation reads a value. Make one step at a
 * time: start the next when the promise is fulfilled. It rejects where `step` would throw.
 *
 * @category Transformations
 * @example
 * ```ts
 * import { sgd, stepAsync } from 'gradpipe'
 *
 * const tx = sgd(0.25)
 * let [params, state] = [{ w: 0 }, tx.init({ w: 0 })]
 * for (let i = 0; i < 20; i++) [params, state] = await stepAsync(tx)(params, state, { w: 2 * (params.w - 3) })
 * assert.ok(Math.abs(params.w - 3) < 1e-5)
 * ```
 */
export const stepAsync = <S, X = NoExtraArgs>(
  tx: GradientTransformation<S, X> | Stepping<S, X>,
  given: StepOptions = none,
): StepAsyncFunction<S, X> => {
  checkRange('stepAsync', tx, steppable)
  const { donate } = given === none ? none : stepOptions('stepAsync', given)
  const process = stepOf(tx, donate)
  return async <P extends Params>(params: P, state: S, grads: Params, ...[extraArgs]: StepArgs<X>) =>
    runLater(process(params, state, grads, extraArgs ?? {}))
}

/**
 * A donating step that leaves the gradients to their owner. Its arguments contain no variable, so none is looked for.
 */
export const stepInPlace =
  <S, X>(
    tx: GradientTransformation<S, X>,
  ): ((params: Params, state: S, grads: Params, extraArgs: ExtraArgs) => readonly [Params, S]) =>
  (params, state, grads, extraArgs) => {
    const { ruled } = tx
    if (ruled !== undefined) {
      const { reads = [] } = ruled
      const known = reads.length === 0 ? extraArgs : runNow(onHost(reads, extraArgs))
      return ruledStep(ruled, { _tag: 'Step', params, grads, donate: true, borrowed: true }, state, known)
    }
    const stepped = runNow(stepProcess(tx, false, params, state, grads, extraArgs))
    dispose(params, state)
    return stepped
  }

type StepProcess<S> = <P extends Params>(
  params: P,
  state: S,
  grads: Params,
  extraArgs: ExtraArgs,
) => Process<readonly [P, S]>

const stepOf =
  <S, X>(tx: GradientTransformation<S, X> | Stepping<S, X>, donate: boolean): StepProcess<S> =>
  <P extends Params>(params: P, state: S, grads: Params, extraArgs: ExtraArgs) => {
    if (donate) expectNoVariables(params, state, grads)
    // the new parameters have the structure of the old ones
    if ('stepping' in tx)
      return tx.stepping(params, state, grads, extraArgs, donate) as Process<readonly [P, S]>
    const { ruled } = tx
    return ruled === undefined
      ? stepProcess(tx, donate, params, state, grads, extraArgs)
      : ruledProcess(ruled, donate, params, state, grads, extraArgs)
  }

const expectNoVariables = (params: Params, state: unknown, grads: Params): void => {
  const { expectNoVariable } = brought
  expectNoVariable?.('params', params)
  expectNoVariable?.('state', state)
  expectNoVariable?.('grads', grads)
}

const ruledStep = <P extends Params, S>(
  ruled: Ruled<S>,
  task: StepTask<P>,
  state: S,
  known: ExtraArgs,
): readonly [P, S] => {
  const done = execute(ruled.resume(state, 'state', known), task)
  // the result has the structure of the parameters
  return [done.result as P, done.state]
}

function* ruledProcess<P extends Params, S>(
  ruled: Ruled<S>,
  donate: boolean,
  params: P,
  state: S,
  grads: Params,
  extraArgs: ExtraArgs,
): Process<readonly [P, S]> {
  const { reads } = ruled
  const known = reads === undefined ? extraArgs : yield* onHost(reads, extraArgs)
  return ruledStep(ruled, { _tag: 'Step', params, grads, donate }, state, known)
}

function* stepProcess<P extends Params, S>(
  tx: GradientTransformation<S, never>,
  donate: boolean,
  params: P,
  state: S,
  grads: Params,
  extraArgs: ExtraArgs,
): Process<readonly [P, S]> {
  const updated = yield* processOf(tx)(grads, state, params, extraArgs)
  const stepped = disposingOnError((made) => {
    const [updates, next] = made(updated)
    const after = applyUpdates(params, updates)
    dispose(updates)
    return [after, next] as const
  })
  if (donate) dispose(params, state, grads)
  return stepped
}
