/** What gradpipe writes into a file's metadata, and in which version. */
import type { Description } from '../../describe/json.js'
import { NDARRAY } from './dtype.js'
import type { Kind } from './outline.js'

/** The version of the outline's form. It grows when older releases could not read what is written: 2 has ndarrays. */
export const VERSION = 2

/** The version, as digits. */
export const VERSION_KEY = 'gradpipe.version'

/** The outline. */
export const TREE_KEY = 'gradpipe.tree'

/** What `describe` says of the transformation that the tree belongs to. */
export const DESCRIPTION_KEY = 'gradpipe.description'

/** The oldest version that has what stands in a file. */
export const versionOf = (stored: readonly Kind[]): number =>
  stored.some(({ name }) => name === NDARRAY) ? VERSION : 1

/** The metadata of a file with this outline, of a tree that belongs to what is described. */
export const metadataOf = (
  outline: string,
  version: number,
  description: Description | undefined,
): ReadonlyMap<string, string> =>
  new Map([
    [VERSION_KEY, String(version)],
    [TREE_KEY, outline],
    ...(description === undefined ? [] : [[DESCRIPTION_KEY, JSON.stringify(description)] as const]),
  ])
