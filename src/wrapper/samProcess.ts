/** sam as processes: of optimizers that are not made of rules, and with all adversarial steps in one update. */

import { scale } from '../block/scale.js'
import { declareRule } from '../declare/declareRule.js'
import { wrongExtraArg } from '../declare/extraArgs.js'
import { cloneTree } from '../program/cloneTree.js'
import { dispose, disposingOnError } from '../program/dispose.js'
import { execute } from '../program/execute.js'
import { expectParams } from '../program/expect.js'
import { freeingOnError } from '../program/process.js'
import type { ExtraArgs } from '../program/program.js'
import type { Params } from '../rule/leaf.js'
import { called } from '../transform/callback.js'
import { fromProcess, processOf } from '../transform/ordinary.js'
import type { GradientTransformation } from '../transform/transformation.js'
import { roleAt } from './samRules.js'
import type { Cadence, SamExtraArgs, SamState } from './samState.js'

// moving parameters

/** Makes of updates from the cached parameters those from the present ones. */
const comingBack = declareRule(
  { slots: {}, scalars: {}, step: ({ g, p, cache }) => ({ update: cache.sub(p).add(g) }) },
  ['cache'],
)

const fromCache = (updates: Params, params: Params | undefined, cache: Params): Params =>
  execute(comingBack.resume({}, 'state', {}, [cache]), { _tag: 'Update', grads: updates, params }, 'updates')
    .result

const up = scale(-1)

const reversed = (updates: Params): Params => up.update<Params>(updates, {})[0]

/** The parameters an adversarial step further: against the updates that would go down. */
const climbed = (params: Params, updates: Params): Params =>
  execute(against.resume({}, 'state', {}), { _tag: 'Step', params, grads: updates, donate: false }, 'updates')
    .result

const against = declareRule({ slots: {}, scalars: {}, step: ({ g }) => ({ update: g.neg() }) })

// one optimizer per update

/** As `samOfRules`, where one of the two is not made of rules. */
export const samOfProcesses = <O, A>(
  optimizer: GradientTransformation<O, never>,
  advOptimizer: GradientTransformation<A, never>,
  cadence: Cadence,
): GradientTransformation<SamState<O, A>, ExtraArgs> => {
  const [opt, adv] = [processOf(optimizer), processOf(advOptimizer)]
  const { syncPeriod, resetState } = cadence
  return fromProcess(
    (params) =>
      disposingOnError((made) => ({
        stepsSinceSync: 0,
        optState: made(optimizer.init(params)),
        advState: made(advOptimizer.init(params)),
        cache: cloneTree(params),
      })),
    freeingOnError(function* (made, grads, state, params, extraArgs) {
      const role = roleAt(state?.stepsSinceSync, cadence, 'state')
      const given = expectParams(params)
      const cache = role === 'first' || role === 'only' ? given : state.cache
      const stepsSinceSync = (state.stepsSinceSync + 1) % syncPeriod
      if (role === 'first' || role === 'later') {
        const [down, advState] = made(yield* adv(grads, state.advState, given, extraArgs))
        const updates = made(reversed(down))
        dispose(down)
        const kept = made({ optState: cloneTree(state.optState), cache: cloneTree(cache) })
        return [updates, { stepsSinceSync, ...kept, advState }] as const
      }
      const [updates, optState] = made(yield* opt(grads, state.optState, cache, extraArgs))
      const back = made(fromCache(updates, given, cache))
      dispose(updates)
      const advState = made(resetState ? advOptimizer.init(given) : cloneTree(state.advState))
      return [back, { stepsSinceSync, optState, advState, cache: cloneTree(cache) }] as const
    }),
  )
}

// all in one update

const gradFnOf = (extraArgs: ExtraArgs): SamExtraArgs['gradFn'] => {
  const { gradFn } = extraArgs
  // what it takes and returns, is up to the caller
  if (typeof gradFn === 'function') return gradFn as SamExtraArgs['gradFn']
  throw wrongExtraArg('gradFn', 'a function from parameters to gradients', gradFn)
}

/** All adversarial steps and the optimizer's in one update. */
export const samInOne = <O, A>(
  optimizer: GradientTransformation<O, never>,
  advOptimizer: GradientTransformation<A, never>,
  { syncPeriod, resetState }: Cadence,
): GradientTransformation<SamState<O, A>, SamExtraArgs> => {
  const [opt, adv] = [processOf(optimizer), processOf(advOptimizer)]
  return fromProcess(
    (params) =>
      disposingOnError((made) => ({
        stepsSinceSync: 0,
        optState: made(optimizer.init(params)),
        advState: made(advOptimizer.init(params)),
        cache: null,
      })),
    freeingOnError(function* (made, grads, state, params, extraArgs) {
      const gradFn = gradFnOf(extraArgs)
      const given = expectParams(params)
      let [gradients, advState, moved] = [grads, state.advState, given]
      for (let i = 0; i < syncPeriod - 1; i++) {
        const [down, nextState] = made(yield* adv(gradients, advState, moved, extraArgs))
        const further = made(climbed(moved, down))
        dispose(down)
        // what came with the call is the caller's
        if (i > 0) dispose(gradients, advState, moved)
        ;[advState, moved] = [nextState, further]
        gradients = made(yield* called('gradFn', () => gradFn(further, i)))
      }
      const [updates, optState] = made(yield* opt(gradients, state.optState, given, extraArgs))
      const stays = syncPeriod > 1 && !resetState
      const nextAdv = stays ? advState : made(resetState ? advOptimizer.init(given) : cloneTree(advState))
      if (syncPeriod > 1) dispose(gradients, moved, stays ? null : advState)
      return [updates, { stepsSinceSync: 0, optState, advState: nextAdv, cache: null }] as const
    }),
  )
}
