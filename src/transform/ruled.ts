/** Makes a transformation from steps that are made of rules. */
import type { Params } from '../rule/leaf.js'
import { execute } from './execute.js'
import { onHost } from './extraArgs.js'
import { fromProcess } from './ordinary.js'
import type { GradientTransformation, NoExtraArgs, Ruled, UpdateArgs } from './transformation.js'

/** The transformation that executes the step of its rules. */
export const fromRuled = <S, X = NoExtraArgs>(ruled: Ruled<S>): GradientTransformation<S, X> => {
  const init = (params: Params): S => execute(ruled.begin(), { _tag: 'Start', params }).state
  const { reads = [], call } = ruled
  if (reads.length > 0) {
    const reading = fromProcess<S, X>(init, function* (grads, state, params, extraArgs) {
      const known = yield* onHost(reads, extraArgs)
      const done = execute(ruled.resume(state, 'state', known), { _tag: 'Update', grads, params })
      return [done.result, done.state] as const
    })
    return { ...reading, ruled, ...(call && { call }) }
  }
  const update = <P extends Params>(grads: P, state: S, ...rest: UpdateArgs<X>) => {
    const [params, extraArgs = {}] = rest
    const done = execute(ruled.resume(state, 'state', extraArgs), { _tag: 'Update', grads, params })
    // the result has the structure of the trees that it was aligned with
    return [done.result as P, done.state] as const
  }
  return { init, update, ruled, ...(call && { call }) }
}
