/** ofRules: a transformation from steps that are made of rules which read nothing from the device. */
import { execute } from '../program/execute.js'
import type { Ruled } from '../program/program.js'
import type { Params } from '../rule/leaf.js'
import type { GradientTransformation, NoExtraArgs, UpdateArgs } from './transformation.js'

/** The transformation that executes the step of its rules. */
export const ofRules = <S, X = NoExtraArgs>(ruled: Ruled<S>): GradientTransformation<S, X> => {
  const init = (params: Params): S => execute(ruled.begin(), { _tag: 'Start', params }).state
  const update = <P extends Params>(grads: P, state: S, ...rest: UpdateArgs<X>) => {
    const [params, extraArgs = {}] = rest
    const done = execute(ruled.resume(state, 'state', extraArgs), { _tag: 'Update', grads, params })
    // the result has the structure of the trees that it was aligned with
    return [done.result as P, done.state] as const
  }
  const { call } = ruled
  return { init, update, ruled, ...(call && { call }) }
}
