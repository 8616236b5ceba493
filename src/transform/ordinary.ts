/**
 * Ordinary transformations: those that are not made of rules, since they need axes, randomness or a value from the
 * device. Their update is a process, so that one text serves `update` and `updateAsync`.
 */
import { checkRange, transformation } from '../range.js'
import type { Params } from '../rule/leaf.js'
import { type Process, runLater, runNow, wait } from './process.js'
import type { ExtraArgs, GradientTransformation, NoExtraArgs, UpdateArgs } from './transformation.js'

/** `update`, where the device may have to be asked on the way. */
export type UpdateProcess<S> = (
  grads: Params,
  state: S,
  params: Params | undefined,
  extraArgs: ExtraArgs,
) => Process<readonly [updates: Params, state: S]>

/** The transformation of a first state and an update that may ask the device. */
export const fromProcess = <S, X = NoExtraArgs>(
  init: (params: Params) => S,
  process: UpdateProcess<S>,
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
  }
}

/** The update of any transformation as a process. */
export const processOf = <S>(tx: GradientTransformation<S, never>): UpdateProcess<S> => {
  const { process } = tx
  if (process !== undefined) return process
  // which extra arguments it needs, it says itself when one is missing
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
 * `update` where the device must not be waited for: on WebGPU, where a transformation reads a value (a condition, a line
 * search, a plateau). One that reads nothing does at once what `update` does. The promise rejects as `update` throws.
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
