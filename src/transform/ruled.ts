/** Makes a transformation of what is made of rules. */
import type { Params } from '../rule/leaf.js'
import { execute } from './execute.js'
import type { GradientTransformation, NoExtraArgs, Ruled, UpdateArgs } from './transformation.js'

/** The transformation whose every step is its rules', executed. */
export const fromRuled = <S, X = NoExtraArgs>(ruled: Ruled<S>): GradientTransformation<S, X> => {
  const update = <P extends Params>(grads: P, state: S, ...rest: UpdateArgs<X>) => {
    const [params, extraArgs = {}] = rest
    const done = execute(ruled.resume(state, 'state', extraArgs), { _tag: 'Update', grads, params })
    // the result has the structure of the trees that it was aligned with
    return [done.result as P, done.state] as const
  }
  return { init: (params) => execute(ruled.begin(), { _tag: 'Start', params }).state, update, ruled }
}
