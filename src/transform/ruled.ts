/** Makes a transformation of what is made of rules. */
import type { Params } from '../rule/leaf.js'
import { execute } from './execute.js'
import type { GradientTransformation, Ruled } from './transformation.js'

/** The transformation whose every step is its rules', executed. */
export const fromRuled = <S>(ruled: Ruled<S>): GradientTransformation<S> => {
  function update(grads: number, state: S, params?: Params): readonly [number, S]
  function update<P extends Params>(grads: P, state: S, params?: Params): readonly [P, S]
  function update<P extends Params>(grads: P, state: S, params?: Params): readonly [P, S] {
    const done = execute(ruled.resume(state, 'state'), { _tag: 'Update', grads, params })
    // the result has the structure of the trees that it was aligned with
    return [done.result as P, done.state]
  }
  return {
    init: (params) => execute(ruled.begin(), { _tag: 'Start', params }).state,
    update,
    ruled,
  }
}
