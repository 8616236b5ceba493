/** Whether gradients fit the parameters: what rules find out as they are run, for transformations that are none. */
import type { Leaf, Params } from '../rule/leaf.js'
import { alignTrees } from '../tree/align.js'
import { leaves } from '../tree/tree.js'
import { inspect, inspectPair } from './expect.js'

/**
 * Throws, as a rule would, for a gradient that is not a leaf of numbers, and for one that is not like its parameter, where
 * parameters are given.
 */
export const expectFit = (grads: Params, params: Params | undefined): void => {
  const aligned = alignTrees<Leaf>(
    params === undefined
      ? [['grads', grads]]
      : [
          ['params', params],
          ['grads', grads],
        ],
  )
  if (aligned._tag === 'Left') throw aligned.left
  const { paths, columns } = aligned.right
  const [gradients = [], parameters = []] = [...columns].reverse()
  for (const [i, path] of paths.entries())
    inspectPair('grads', path, gradients[i] ?? null, parameters[i] ?? null, params !== undefined)
}

/** Throws for the first leaf of a tree that is none. */
export const expectLeaves = (name: string, tree: Params): void => {
  for (const [path, leaf] of leaves<Leaf>(tree)) inspect({ tree: name, path }, leaf)
}
