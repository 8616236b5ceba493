/** Where a leaf stands in a tree: the keys and indices that lead to it. */
import { GradpipeError } from '../error.js'

/**
 * The keys and indices from the root to a leaf.
 *
 * @category Trees
 */
export type Path = readonly (string | number)[]

/**
 * Prints a path with dots: `encoder.0.kernel`. The root is the empty string.
 *
 * @category Trees
 * @example
 * ```ts
 * import { tree } from 'gradpipe'
 *
 * assert.equal(tree.showPath(['encoder', 0, 'kernel']), 'encoder.0.kernel')
 * ```
 */
export const showPath = (path: Path): string => path.join('.')

/** How many levels a tree may have: far more than models have, and few enough for any stack. */
export const MAX_LEVELS = 1000

/** A path in a tree that has a name; with the empty name, the path alone. */
export const within = (tree: string, path: Path): Path => (tree === '' ? path : [tree, ...path])

/**
 * The path of a child.
 *
 * Throws `InvalidLeaf` below the deepest level, and therefore in a tree that contains itself: every walk goes down by
 * this function, and so ends. `tree` is the tree's name in that error.
 */
export const below = (path: Path, key: string | number, tree = ''): Path => {
  if (path.length >= MAX_LEVELS)
    throw new GradpipeError(
      'InvalidLeaf',
      `${showPath(within(tree, path.slice(0, 6)))}…`,
      `a tree of at most ${MAX_LEVELS} levels`,
      'a deeper tree, or one that contains itself',
    )
  return [...path, key]
}
