/** The namespace `tree` of the public entry. */
export { Pair, zip, zipWith } from './align.js'
export { flatten, structure, type TreeDef, unflatten } from './flatten.js'
export { type Path, showPath } from './path.js'
export {
  Foldable,
  FoldableWithIndex,
  Functor,
  FunctorWithIndex,
  getEq,
  getShow,
  leaves,
  map,
  mapWithPath,
  Traversable,
  type Tree,
  traverse,
  URI,
} from './tree.js'
