/** Journeys: all that a transformation gives on the way through a trial, from the first state to donated steps. */
import { stateTree } from '../../laws/follow.js'
import {
  type Block,
  compare,
  decode,
  encode,
  exactly,
  firstOf,
  follow,
  type Kind,
  readTree,
  type Trial,
  type Tx,
  type Violation,
} from '../../laws/index.js'
import { tidily } from '../../laws/tensor.js'
import { type Params, step, type Tree } from '../../src/index.js'

/** Trees of numbers, by what they are. */
export type Journey = Readonly<Record<string, Tree<Block>>>

/** Parameters and states, step by step. */
const steps = (tx: Tx, { params, grads }: Trial, kind: Kind, donate: boolean): Journey => {
  const seen: Record<string, Tree<Block>> = {}
  const name = donate ? 'donated' : 'stepped'
  let [at, state]: readonly [Params, unknown] = [encode(kind)(params), tx.init(encode(kind)(params))]
  for (const [i, gradient] of grads.entries()) {
    ;[at, state] = step(tx, { donate })<Params>(at, state, encode(kind)(gradient))
    seen[`${name} params ${i + 1}`] = decode(params, at)
    seen[`${name} state ${i + 1}`] = readTree(stateTree(state))
  }
  return seen
}

/** The first state, updates at the first parameters, and steps, donated and not. */
export const journey = (tx: Tx, trial: Trial, kind: Kind): Journey =>
  tidily(() => {
    const { updates, states } = follow(tx, trial, kind)
    return {
      ...Object.fromEntries(updates.map((update, i) => [`update ${i + 1}`, update])),
      ...Object.fromEntries(states.map((state, i) => [`state ${i}`, readTree(stateTree(state))])),
      ...steps(tx, trial, kind, false),
      ...steps(tx, trial, kind, true),
    }
  })

/** Where a journey differs from what is expected by as much as a bit. */
export const deviation = (expected: Journey, given: Journey): Violation | null =>
  firstOf(
    Object.entries(expected).map(([name, blocks]) =>
      compare(name, blocks, given[name] ?? null, exactly, 'float32'),
    ),
  )
