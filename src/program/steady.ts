/**
 * Steady steps: the same leaves are stepped over and over, and stay where they are. What a step finds out of its trees is
 * found out once, and the state's tree is put together when somebody asks for it.
 */
import { stepsInPlace } from '../host/parts.js'
import type { Column } from '../host/work.js'
import type { Leaf, Params } from '../rule/leaf.js'
import { computeHost, workOf } from './execute.js'
import { layOut, lookAlike } from './layout.js'
import type { Ruled } from './program.js'
import type { StepTask } from './task.js'

/** Steps of the same leaves. */
export interface Steady<S> {
  /** The parameters, in the order in which gradients are expected. */
  readonly parameters: Column<Leaf>
  /** Makes a step, and says whether it did: if it cannot be made in this way, nothing has changed. */
  readonly step: (gradients: Column<Leaf>) => boolean
  /** The state after the last step. It is not to be kept while other steps are made. */
  readonly state: () => S
}

/**
 * Steps of parameters and a state that nobody else holds, and which stay the same leaves with other numbers; `null` where
 * that cannot be. The gradients say only how the others will look.
 *
 * Throws like `update` if the trees do not fit.
 */
export const steady = <S>(ruled: Ruled<S>, params: Params, state: S, grads: Params): Steady<S> | null => {
  const { numbers } = ruled
  if (numbers === undefined) return null
  const task: StepTask = { _tag: 'Step', params, grads, donate: true, borrowed: true }
  let now = ruled.resume(state, 'state', {})
  const { program, slots } = now
  const { layout, columns } = layOut(now, task, 'grads')
  const { idle, likes } = layout
  const hasOnlyTensors = likes.every((column) => column.every((like) => like?.kind === 'tensor'))
  if (idle.length > 0 || !hasOnlyTensors) return null
  const gradients = [...columns.gradients]
  const work = workOf({ layout, columns: { ...columns, gradients } }, task)
  const run = stepsInPlace(work)
  if (run === null) return null
  let before = state
  let isMade = false
  const after = (): S => (isMade ? now.finish(slots) : before)
  return {
    parameters: columns.parameters,
    step: (given) => {
      if (!lookAlike(layout, columns.parameters, given)) return false
      if (isMade && numbers === 'own') {
        before = after()
        now = ruled.resume(before, 'state', {})
        isMade = false
      }
      if (now.program !== program) return false
      for (let i = 0; i < given.length; i++) gradients[i] = given[i] ?? null
      computeHost(layout, now)
      if (!run()) return false
      isMade = true
      return true
    },
    state: after,
  }
}
