/**
 * gradpipe/fp-ts: trees among fp-ts's type classes.
 *
 * @module gradpipe/fp-ts
 */
export {
  Foldable,
  FoldableWithIndex,
  Functor,
  FunctorWithIndex,
  Traversable,
  traverse,
  URI,
} from './instances.js'
