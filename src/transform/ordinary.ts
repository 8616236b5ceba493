/**
 * Ordinary transformations: those that are not made of rules, since they need axes, randomness or a value from the
 * device. Their update is a process, so one function serves `update` and `updateAsync`.
 */
import type { Call } from '../options.js'
import { type Process, runLater, runNow, wait } from '../program/process.js'
import type { ExtraArgs } from '../program/program.js'
import { checkRange, transformation } from '../range.js'
import type { Params } from '../rule/leaf.js'
import type { GradientTransformation, NoExtraArgs, UpdateArgs } from './transformation.js'

/** `update`, if it may have to read from the device on the way. */
export type UpdateProcess<S> = (
  grads: Params,
  state: S,
  params: Params | undefined,
  extraArgs: ExtraArgs,
) => Process<readonly [updates: Params, state: S]>

/** Makes a transformation from a first state, an update that may read from the device, and the call that it is made by. */
export const fromProcess = <S, X = NoExtraArgs>(
  init: (params: Params) => S,
  process: UpdateProcess<S>,
  call?: Call,
): GradientTransformation<S, X> => {
  const start = <P extends Params>(grads: P, state: S, rest: UpdateArgs<X>) => {
    const [params, extraArgs = {}] = rest
    // the updates have the structure of the gradients
    return process(grads, state, params, extraArgs) as Process<readonly [P, S]>
  }
  return {
    init,
    update: <P extends Params>(grads: P, state: S, ...rest: UpdateArgs<X>) =>
      runNow(start(grads, state, rest)),
    updateAsync: <P extends Params>(grads: P, state: S, ...rest: UpdateArgs<X>) =>
      runLater(start(grads, state, rest)),
    process,
    ...(call && { call }),
  }
}

/** The update of any transformation as a process. */
export const processOf = <S>(tx: GradientTransformation<S, never>): UpdateProcess<S> => {
  const { process } = tx
  if (process !== undefined) return process
  // it says itself which extra argument is missing
  const open = tx as GradientTransformation<S, ExtraArgs>
  return (...given) => updated(open, given)
}

function* updated<S>(
  tx: GradientTransformation<S, ExtraArgs>,
  given: Parameters<UpdateProcess<S>>,
): Process<readonly [Params, S]> {
  const { update, updateAsync: later } = tx
  const now = () => update<Params>(...given)
  return later === undefined ? now() : yield* wait({ now, later: () => later<Params>(...given) })
}

/**
 * `update` without blocking on the device: for WebGPU, with transformations that read a value (a condition, a line
 * search, a plateau). For one that reads nothing, it does at once what `update` does. The promise rejects where
 * `update` would throw.
 *
 * @category Transformations
 * @example
 * ```ts
 * import { sgd, updateAsync } from 'gradpipe'
 *
 * const tx = sgd(0.1)
 * const [updates] = await updateAsync(tx)({ w: 2 }, tx.init({ w: 1 }))
 * assert.deepEqual(updates, { w: -0.2 })
 * ```
 */
export const updateAsync = <S, X>(
  tx: GradientTransformation<S, X>,
): (<P extends Params>(
  grads: P,
  state: S,
  ...rest: UpdateArgs<X>
) => Promise<readonly [updates: P, state: S]>) => {
  checkRange('updateAsync', tx, transformation)
  return <P extends Params>(grads: P, state: S, ...rest: UpdateArgs<X>) => {
    const [params, extraArgs = {}] = rest
    const updated = runLater(processOf(tx)(grads, state, params, extraArgs))
    // the updates have the structure of the gradients
    return updated as Promise<readonly [P, S]>
  }
}
