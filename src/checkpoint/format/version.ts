/** What gradpipe writes into a file's metadata, and in which version. */

/** The version of the outline's form. It grows when older releases could not read what is written. */
export const VERSION = 1

/** The version, as digits. */
export const VERSION_KEY = 'gradpipe.version'

/** The outline. */
export const TREE_KEY = 'gradpipe.tree'

/** The metadata of a file with this outline. */
export const metadataOf = (outline: string): ReadonlyMap<string, string> =>
  new Map([
    [VERSION_KEY, String(VERSION)],
    [TREE_KEY, outline],
  ])
