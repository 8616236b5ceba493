/** Trees among fp-ts's type classes: Functor, Foldable and Traversable, with and without the path. */
import type { HKT } from 'fp-ts/HKT.js'
import type { Applicative as ApplicativeHKT } from 'fp-ts/lib/Applicative.js'
import type { Foldable1 } from 'fp-ts/lib/Foldable.js'
import type { FoldableWithIndex1 } from 'fp-ts/lib/FoldableWithIndex.js'
import type { Functor1 } from 'fp-ts/lib/Functor.js'
import type { FunctorWithIndex1 } from 'fp-ts/lib/FunctorWithIndex.js'
import type { Monoid } from 'fp-ts/lib/Monoid.js'
import type { PipeableTraverse1, Traversable1 } from 'fp-ts/lib/Traversable.js'
import { below, type Path } from '../tree/path.js'
import {
  children,
  isBranch,
  isNothing,
  leaves,
  map,
  mapNode,
  rebuild,
  reduceNode,
  type Tree,
} from '../tree/tree.js'

const traverseNode = <F, A, B>(
  F: ApplicativeHKT<F>,
  node: Tree<A>,
  f: (leaf: A) => HKT<F, B>,
  path: Path = [],
): HKT<F, Tree<B>> => {
  if (isNothing(node, path)) return F.of<Tree<B>>(node)
  if (!isBranch(node)) return F.map(f(node), (leaf): Tree<B> => leaf)
  type Children = ReadonlyMap<string | number, Tree<B>>
  const visited = children(node, path).reduce<HKT<F, Children>>(
    (done, [key, child]) =>
      F.ap(
        F.map(
          done,
          (map) =>
            (value: Tree<B>): Children =>
              new Map([...map, [key, value]]),
        ),
        traverseNode(F, child, f, below(path, key)),
      ),
    F.of<Children>(new Map()),
  )
  return F.map(visited, (map): Tree<B> => rebuild<A, Tree<B>>(node, path, (key) => map.get(key) ?? null))
}

// instances

/**
 * The name of `Tree` among fp-ts's higher-kinded types.
 *
 * @category fp-ts
 * @example
 * ```ts
 * import * as T from 'gradpipe/fp-ts'
 *
 * assert.equal(T.Functor.URI, T.URI)
 * ```
 */
export const URI = 'gradpipe/Tree'

/**
 * The type of {@link URI}.
 *
 * @category fp-ts
 */
export type URI = typeof URI

declare module 'fp-ts/HKT.js' {
  interface URItoKind<A> {
    readonly [URI]: Tree<A>
  }
}

/**
 * fp-ts Functor of trees.
 *
 * @category fp-ts
 * @example
 * ```ts
 * import * as T from 'gradpipe/fp-ts'
 *
 * assert.deepEqual(T.Functor.map({ w: 1, b: null }, (x: number) => 2 * x), { w: 2, b: null })
 * ```
 */
export const Functor: Functor1<URI> = { URI, map: (tree, f) => map(f)(tree) }

/**
 * fp-ts FunctorWithIndex of trees; the index is the path.
 *
 * @category fp-ts
 * @example
 * ```ts
 * import * as T from 'gradpipe/fp-ts'
 *
 * assert.deepEqual(T.FunctorWithIndex.mapWithIndex({ w: [5] }, (path, x: number) => [path.length, x].join('/')), { w: ['2/5'] })
 * ```
 */
export const FunctorWithIndex: FunctorWithIndex1<URI, Path> = {
  ...Functor,
  mapWithIndex: (tree, f) => mapNode(tree, [], f),
}

/**
 * fp-ts Foldable of trees; keys are visited alphabetically.
 *
 * @category fp-ts
 * @example
 * ```ts
 * import * as T from 'gradpipe/fp-ts'
 *
 * assert.deepEqual(T.Foldable.reduce({ b: 1, a: 2 }, '', (all, x: number) => all + x), '21')
 * ```
 */
export const Foldable: Foldable1<URI> = {
  URI,
  reduce: (tree, b, f) => reduceNode(tree, [], b, (_, acc, leaf) => f(acc, leaf)),
  reduceRight: (tree, b, f) => leaves(tree).reduceRight((acc, [, leaf]) => f(leaf, acc), b),
  foldMap:
    <M>(M: Monoid<M>) =>
    <A>(tree: Tree<A>, f: (leaf: A) => M) =>
      reduceNode(tree, [], M.empty, (_, acc, leaf) => M.concat(acc, f(leaf))),
}

/**
 * fp-ts FoldableWithIndex of trees; the index is the path.
 *
 * @category fp-ts
 * @example
 * ```ts
 * import { tree } from 'gradpipe'
 * import * as T from 'gradpipe/fp-ts'
 *
 * assert.deepEqual(T.FoldableWithIndex.reduceWithIndex({ a: [7] }, '', (path, all, x: number) => `${all}${tree.showPath(path)}=${x}`), 'a.0=7')
 * ```
 */
export const FoldableWithIndex: FoldableWithIndex1<URI, Path> = {
  ...Foldable,
  reduceWithIndex: (tree, b, f) => reduceNode(tree, [], b, f),
  reduceRightWithIndex: (tree, b, f) =>
    leaves(tree).reduceRight((acc, [path, leaf]) => f(path, leaf, acc), b),
  foldMapWithIndex: (M) => (tree, f) =>
    reduceNode(tree, [], M.empty, (path, acc, leaf) => M.concat(acc, f(path, leaf))),
}

/**
 * Runs an effect per leaf, keys alphabetically, and collects the results in a tree of the same structure.
 *
 * @category fp-ts
 * @example
 * ```ts
 * import * as O from 'fp-ts/lib/Option.js'
 * import * as T from 'gradpipe/fp-ts'
 *
 * const root = (x: number) => (x < 0 ? O.none : O.some(Math.sqrt(x)))
 * assert.deepEqual(T.traverse(O.Applicative)(root)({ a: 4, b: [9] }), O.some({ a: 2, b: [3] }))
 * assert.deepEqual(T.traverse(O.Applicative)(root)({ a: 4, b: [-9] }), O.none)
 * ```
 */
export const traverse: PipeableTraverse1<URI> =
  <F>(F: ApplicativeHKT<F>) =>
  <A, B>(f: (leaf: A) => HKT<F, B>) =>
  (tree: Tree<A>) =>
    traverseNode(F, tree, f)

/**
 * fp-ts Traversable of trees.
 *
 * @category fp-ts
 * @example
 * ```ts
 * import * as O from 'fp-ts/lib/Option.js'
 * import * as T from 'gradpipe/fp-ts'
 *
 * const half = (x: number) => (x % 2 === 0 ? O.some(x / 2) : O.none)
 * assert.deepEqual(T.Traversable.traverse(O.Applicative)({ a: 4 }, half), O.some({ a: 2 }))
 * ```
 */
export const Traversable: Traversable1<URI> = {
  ...Functor,
  ...Foldable,
  traverse:
    <F>(F: ApplicativeHKT<F>) =>
    <A, B>(tree: Tree<A>, f: (leaf: A) => HKT<F, B>) =>
      traverseNode(F, tree, f),
  sequence:
    <F>(F: ApplicativeHKT<F>) =>
    <A>(tree: Tree<HKT<F, A>>) =>
      traverseNode<F, HKT<F, A>, A>(F, tree, (leaf) => leaf),
}
