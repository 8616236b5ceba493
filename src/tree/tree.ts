/**
 * Tree: nested readonly records and arrays with leaves of one type.
 *
 * Anything but `null`, an array or a plain record is a leaf: a number, a typed array, a tensor, any class instance.
 * `null`, and in a branch `undefined`, means "nothing here" and passes through everything. Records with the same keys
 * in another order are the same tree. Maps, folds, effects and lists visit the keys in alphabetical order; results
 * keep the order of the tree that they were built from.
 *
 * Laws (for leaves that are not trees themselves): `map(identity) = identity`, `map(f) ∘ map(g) = map(f ∘ g)`, and
 * those of Eq. `gradpipe/fp-ts` has the instances of higher kinds.
 */

import { GradpipeError } from '../error.js'
import type { Eq, Show } from '../fp.js'
import { below, MAX_LEVELS, type Path, showPath } from './path.js'

// model

/**
 * A tree with leaves of type `A`.
 *
 * @category Trees
 */
export type Tree<A> = A | null | readonly Tree<A>[] | { readonly [key: string]: Tree<A> }

/** A node with children: an array or a plain record. */
export type Branch<A> = readonly Tree<A>[] | { readonly [key: string]: Tree<A> }

/** An array without holes. Throws `InvalidLeaf` for an array with holes, which `map` would skip. */
export const dense = <A>(array: readonly Tree<A>[], path: Path): readonly Tree<A>[] => {
  for (let i = 0; i < array.length; i++)
    if (array[i] === undefined && !(i in array))
      throw new GradpipeError('InvalidLeaf', showPath([...path, i]), 'a leaf, a branch or null', 'a hole')
  return array
}

/**
 * The branch's children with their keys, in the canonical order: indices ascending, keys alphabetically.
 *
 * Throws `InvalidLeaf` for an array with holes.
 */
export const children = <A>(
  branch: Branch<A>,
  path: Path = [],
): readonly (readonly [string | number, Tree<A>])[] =>
  isArray(branch)
    ? dense(branch, path).map((child, index) => [index, child] as const)
    : Object.entries(branch).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))

/**
 * A branch of the same kind, with the same order of keys, and other children, which are made in the canonical order.
 */
export const rebuild = <A, B>(
  branch: Branch<A>,
  path: Path,
  replace: (key: string | number, child: Tree<A>) => B,
): readonly B[] | { readonly [key: string]: B } => {
  const made = children(branch, path).map(([key, child]) => [key, replace(key, child)] as const)
  if (isArray(branch)) return made.map(([, child]) => child)
  const byKey = new Map<string | number, B>(made)
  // fromEntries defines own properties, so that a key `__proto__` is a key like any other; every key was visited
  return Object.fromEntries(Object.keys(branch).map((key) => [key, byKey.get(key) as B]))
}

/** Whether a node of a tree has children. */
export const isBranch = <A>(node: Tree<A>): node is Branch<A> => {
  if (typeof node !== 'object' || node === null) return false
  if (Array.isArray(node)) return true
  // engines know it without looking at prototypes
  if (ArrayBuffer.isView(node)) return false
  const prototype = Object.getPrototypeOf(node)
  // the prototype of a plain object of any realm has no prototype itself
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/** Whether a branch is an array; Array.isArray does not narrow readonly arrays. */
export const isArray = <A>(branch: Branch<A>): branch is readonly Tree<A>[] => Array.isArray(branch)

// combinators

/**
 * Whether there is nothing here: `null`, or in a branch `undefined`. Without `exactOptionalPropertyTypes`, TypeScript
 * allows that where a key may be missing.
 */
export const isNothing = (node: unknown, path: Path): node is null =>
  node === null || (node === undefined && path.length > 0)

/** Maps the leaves of a node that stands at a path. */
export const mapNode = <A, B>(node: Tree<A>, path: Path, f: (path: Path, leaf: A) => B): Tree<B> => {
  if (isNothing(node, path)) return node
  if (!isBranch(node)) return f(path, node)
  return rebuild(node, path, (key, child) => mapNode(child, below(path, key), f))
}

/**
 * Applies a function of the path and the leaf to every leaf, in the order of {@link leaves}.
 *
 * @category Trees
 * @example
 * ```ts
 * import { tree } from 'gradpipe'
 *
 * const names = tree.mapWithPath((path, x: number) => `${tree.showPath(path)}=${x}`)({ a: [1, 2], b: null })
 * assert.deepEqual(names, { a: ['a.0=1', 'a.1=2'], b: null })
 * ```
 */
export const mapWithPath =
  <A, B>(f: (path: Path, leaf: A) => B): ((tree: Tree<A>) => Tree<B>) =>
  (tree) =>
    mapNode(tree, [], f)

/** Throws for a tree that a walk without paths cannot finish: a hole, too many levels. */
export const explain = (tree: Tree<unknown>): void => {
  leaves(tree)
}

/** The same for functions that take no path: none is made, unless something is wrong. */
const mapBelow = <A, B>(node: Tree<A>, depth: number, f: (leaf: A) => B, whole: Tree<A>): Tree<B> => {
  // null, or undefined below the root, stays as it is
  if (node === null || (node === undefined && depth > 0)) return node as null
  if (!isBranch(node)) return f(node)
  if (depth >= MAX_LEVELS) explain(whole)
  if (isArray(node)) {
    const mapped: Tree<B>[] = []
    for (let i = 0; i < node.length; i++) {
      const child = node[i]
      if (child === undefined && !(i in node)) explain(whole)
      mapped.push(mapBelow(child as Tree<A>, depth + 1, f, whole)) // an element, or undefined
    }
    return mapped
  }
  const mapped: Record<string, Tree<B>> = {}
  const keys = Object.keys(node)
  const visited = isSorted(keys) ? keys : [...keys].sort()
  // so that keys keep their own order, whatever the order of the visit
  if (visited !== keys) for (const key of keys) put<B>(mapped, key, null)
  for (const key of visited) put(mapped, key, mapBelow(node[key] as Tree<A>, depth + 1, f, whole)) // one of its keys
  return mapped
}

const isSorted = (keys: readonly string[]): boolean => {
  for (let i = 1; i < keys.length; i++) if ((keys[i - 1] ?? '') > (keys[i] ?? '')) return false
  return true
}

const put = <B>(record: Record<string, Tree<B>>, key: string, value: Tree<B>): void => {
  // an assignment would set the prototype
  if (key === '__proto__') Object.defineProperty(record, key, { ...own, value })
  else record[key] = value
}

const own = { configurable: true, enumerable: true, writable: true }

/**
 * Applies a function to every leaf, in the order of {@link leaves}; `null` stays `null`.
 *
 * @category Trees
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js'
 * import { tree } from 'gradpipe'
 *
 * assert.deepEqual(pipe({ w: 1, b: [2, null] }, tree.map((x: number) => 10 * x)), { w: 10, b: [20, null] })
 * ```
 */
export const map =
  <A, B>(f: (leaf: A) => B): ((tree: Tree<A>) => Tree<B>) =>
  (tree) =>
    mapBelow(tree, 0, f, tree)

/** Folds the leaves of a node that stands at a path, in the canonical order. */
export const reduceNode = <A, B>(node: Tree<A>, path: Path, b: B, f: (path: Path, b: B, leaf: A) => B): B =>
  isNothing(node, path)
    ? b
    : isBranch(node)
      ? children(node, path).reduce((acc, [key, child]) => reduceNode(child, below(path, key), acc, f), b)
      : f(path, b, node)

/**
 * The leaves with their paths, in the canonical order (keys alphabetically). `flatten` returns the leaves alone, and
 * `unflatten` turns them into a tree again.
 *
 * @category Trees
 * @example
 * ```ts
 * import { tree } from 'gradpipe'
 *
 * assert.deepEqual(tree.leaves({ w: 1, b: [2, null] }), [[['b', 0], 2], [['w'], 1]])
 * ```
 */
export const leaves = <A>(tree: Tree<A>): readonly (readonly [path: Path, leaf: A])[] =>
  reduceNode<A, (readonly [Path, A])[]>(tree, [], [], (path, all, leaf) => {
    all.push([path, leaf])
    return all
  })

// instances

/**
 * An Eq of trees, for fp-ts, from an Eq of leaves. The order of keys does not matter.
 *
 * @category Trees
 * @example
 * ```ts
 * import * as N from 'fp-ts/lib/number.js'
 * import { tree } from 'gradpipe'
 *
 * assert.ok(tree.getEq(N.Eq).equals({ a: 1, b: 2 }, { b: 2, a: 1 }))
 * ```
 */
export const getEq = <A>(E: Eq<A>): Eq<Tree<A>> => {
  const equal = (x: Tree<A>, y: Tree<A>, path: Path): boolean => {
    if (isNothing(x, path) || isNothing(y, path)) return isNothing(x, path) && isNothing(y, path)
    if (!isBranch(x) || !isBranch(y)) return !isBranch(x) && !isBranch(y) && E.equals(x, y)
    const [xs, ys] = [children(x, path), children(y, path)]
    return (
      isArray(x) === isArray(y) &&
      xs.length === ys.length &&
      xs.every(([key, child], i) => {
        const other = ys[i]
        return other !== undefined && other[0] === key && equal(child, other[1], below(path, key))
      })
    )
  }
  return { equals: (x, y) => equal(x, y, []) }
}

/**
 * A Show of trees, for fp-ts, from a Show of leaves; keys are printed alphabetically.
 *
 * @category Trees
 * @example
 * ```ts
 * import * as N from 'fp-ts/lib/number.js'
 * import { tree } from 'gradpipe'
 *
 * assert.equal(tree.getShow(N.Show).show({ b: [1, null], a: 2 }), '{ a: 2, b: [1, null] }')
 * ```
 */
export const getShow = <A>(S: Show<A>): Show<Tree<A>> => {
  const showNode = (node: Tree<A>, path: Path): string => {
    if (isNothing(node, path)) return 'null'
    if (!isBranch(node)) return S.show(node)
    const shown = children(node, path).map(([key, child]) => {
      const text = showNode(child, below(path, key))
      return isArray(node) ? text : `${key}: ${text}`
    })
    return isArray(node) ? `[${shown.join(', ')}]` : shown.length === 0 ? '{}' : `{ ${shown.join(', ')} }`
  }
  return { show: (node) => showNode(node, []) }
}

/** Describes a node of a tree, for error messages. */
export const describeNode = (node: Tree<unknown> | undefined): string => {
  if (node === undefined) return 'nothing'
  if (node === null) return 'null'
  if (!isBranch(node)) return 'a leaf'
  if (isArray(node)) return `an array of ${node.length}`
  const keys = Object.keys(node).sort()
  return keys.length === 0 ? 'an empty record' : `a record of ${keys.join(', ')}`
}
