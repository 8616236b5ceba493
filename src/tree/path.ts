/** Where a leaf stands in a tree: the keys and indices that lead to it. */

/**
 * The keys and indices from the root to a leaf.
 *
 * @category Trees
 */
export type Path = readonly (string | number)[]

/**
 * Prints a path with dots: `encoder.0.kernel`. The root is the empty text.
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
