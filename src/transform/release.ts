/** Gives back the memory of trees that nobody needs any more, results that a failed call has made among them. */
import { dispose } from '../interpret/memory.js'
import { isTensorLike } from '../rule/leaf.js'
import { leaves, type Tree } from '../tree/tree.js'

/** Disposes every tensor of a tree of anything. */
export const release = (tree: Tree<unknown>): void => {
  for (const [, leaf] of leaves(tree)) if (isTensorLike(leaf)) dispose(leaf)
}

/** Runs a computation that announces what it makes; if it throws, that is released first. */
export const releasing = <T>(compute: (made: <M>(value: M) => M) => T): T => {
  const all: unknown[] = []
  try {
    return compute((value) => {
      all.push(value)
      return value
    })
  } catch (error) {
    release(all)
    throw error
  }
}
