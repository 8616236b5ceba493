/** The namespace `tree` of the public entry. */
export { Pair, zip, zipWith } from './align.js'
export { flatten, structure, type TreeDef, unflatten } from './flatten.js'
export { type Path, showPath } from './path.js'
export {
  getEq,
  getShow,
  leaves,
  map,
  mapWithPath,
  type Tree,
} from './tree.js'
