/** Checks whether gradients fit the parameters. Rules check this as they run; other transformations need it here. */
import { inspect } from '../program/expect.js'
import { layOut } from '../program/layout.js'
import type { Leaf, Params } from '../rule/leaf.js'
import { identityRule } from '../rule/rule.js'
import { leaves } from '../tree/tree.js'
import { bareStep } from './fuse.js'

/**
 * Throws, as a rule would, for a gradient that is not a leaf of numbers and, if parameters are given, for one that
 * does not fit its parameter.
 */
export const expectFit = (grads: Params, params: Params | undefined): void => {
  // trees that look like earlier ones are not checked again
  layOut(bareStep(identityRule), { _tag: 'Update', grads, params }, 'grads')
}

/** Throws for the first entry of a tree that is not a leaf. */
export const expectLeaves = (name: string, tree: Params): void => {
  for (const [path, leaf] of leaves<Leaf>(tree)) inspect({ tree: name, path }, leaf)
}
