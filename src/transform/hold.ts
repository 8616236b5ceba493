/** Holds an ordinary transformation back: its state stays, and a rule decides what the gradients become. */
import { cloneTree } from '../program/cloneTree.js'
import { disposingOnError } from '../program/dispose.js'
import { execute } from '../program/execute.js'
import type { Params } from '../rule/leaf.js'
import type { Rule } from '../rule/rule.js'
import { bareStep } from './fuse.js'

/** Replaces an update: a rule computes the updates from the gradients, and the state stays. */
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
