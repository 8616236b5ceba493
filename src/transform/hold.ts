/** Holding an ordinary transformation back: its state stays, a rule says what becomes of the gradients. */
import type { Params } from '../rule/leaf.js'
import type { Rule } from '../rule/rule.js'
import { cloneTree } from './cloneTree.js'
import { disposingOnError } from './dispose.js'
import { execute } from './execute.js'
import { bareStep } from './fuse.js'

/** In the place of an update: what a rule makes of the gradients, and the state as it was. */
export const heldUpdate = <S>(
  rule: Rule,
  grads: Params,
  state: S,
  params: Params | undefined,
): readonly [updates: Params, state: S] =>
  disposingOnError((made) => {
    const { result } = made(execute(bareStep(rule), { _tag: 'Update', grads, params }))
    return [result, cloneTree(state)]
  })
