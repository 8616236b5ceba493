/** Makes a transformation from steps that are made of rules, whatever these read. */
import { onHost } from '../declare/extraArgs.js'
import { execute } from '../program/execute.js'
import type { Ruled } from '../program/program.js'
import { ofRules } from './ofRules.js'
import { fromProcess } from './ordinary.js'
import type { GradientTransformation, NoExtraArgs } from './transformation.js'

/** The transformation that executes the step of its rules, after it has read for them what the host has to know. */
export const fromRuled = <S, X = NoExtraArgs>(ruled: Ruled<S>): GradientTransformation<S, X> => {
  const made = ofRules<S, X>(ruled)
  const { reads = [] } = ruled
  if (reads.length === 0) return made
  const reading = fromProcess<S, X>(made.init, function* (grads, state, params, extraArgs) {
    const known = yield* onHost(reads, extraArgs)
    const done = execute(ruled.resume(state, 'state', known), { _tag: 'Update', grads, params })
    return [done.result, done.state] as const
  })
  return { ...made, ...reading }
}
