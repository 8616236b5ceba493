/** Whether gradients fit the parameters: what rules find out as they are run, for transformations that are none. */
import type { Leaf, Params } from '../rule/leaf.js'
import { identityRule } from '../rule/rule.js'
import { leaves } from '../tree/tree.js'
import { inspect } from './expect.js'
import { bareStep } from './fuse.js'
import { layOut } from './layout.js'

/**
 * Throws, as a rule would, for a gradient that is not a leaf of numbers, and for one that is not like its parameter, where
 * parameters are given.
 */
export const expectFit = (grads: Params, params: Params | undefined): void => {
  // trees that looked like these before are not looked at again
  layOut(bareStep(identityRule), { _tag: 'Update', grads, params }, 'grads')
}

/** Throws for the first leaf of a tree that is none. */
export const expectLeaves = (name: string, tree: Params): void => {
  for (const [path, leaf] of leaves<Leaf>(tree)) inspect({ tree: name, path }, leaf)
}
