/** Holding an ordinary transformation back: its state stays, a rule says what becomes of the gradients. */
import { clone } from '../interpret/memory.js'
import type { Leaf, Params } from '../rule/leaf.js'
import type { Rule } from '../rule/rule.js'
import { map, type Tree } from '../tree/tree.js'
import { disposingOnError } from './dispose.js'
import { execute } from './execute.js'
import { bareStep } from './fuse.js'

/** The same state, in memory of its own. */
export const cloneState = <S>(state: S): S => {
  // a state is plain data, and what is no leaf passes through
  const cloned: unknown = map(clone)(state as Tree<Leaf>)
  return cloned as S
}

/** In the place of an update: what a rule makes of the gradients, and the state as it was. */
export const heldUpdate = <S>(
  rule: Rule,
  grads: Params,
  state: S,
  params: Params | undefined,
): readonly [updates: Params, state: S] =>
  disposingOnError((made) => {
    const { result } = made(execute(bareStep(rule), { _tag: 'Update', grads, params }))
    return [result, cloneState(state)]
  })
