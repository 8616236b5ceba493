/**
 * Lays trees beside each other, leaf by leaf, or says where they first differ.
 *
 * `zip` is the strict form. `alignTrees` lets a tree have `null` ("nothing here": no gradient, no state) where
 * another has a leaf or a whole branch, unless it is told to be strict too.
 */

import { GradpipeError } from '../error.js'
import { type Either, left, right } from '../fp.js'
import { arrayForm, buildForm, type Form, readForm, recordForm } from './form.js'
import { below, type Path, showPath } from './path.js'
import { type Branch, children, dense, describeNode, isArray, isBranch, type Tree } from './tree.js'

/** Trees of one structure, side by side. */
export interface Alignment<A> {
  /** The structure, with the keys in the first tree's order. */
  readonly form: Form
  /** One path per leaf position, in the canonical order. */
  readonly paths: readonly Path[]
  /** For each given tree, in their order, what it has at each leaf position. */
  readonly columns: readonly (readonly (A | null)[])[]
}

/** A tree and its name in errors; with the empty name, errors show the path alone. */
export type NamedTree<A> = readonly [name: string, tree: Tree<A>]

const sameKind = <A>(a: Tree<A>, b: Tree<A>): boolean => {
  if (a === null || b === null) return a === b
  if (!isBranch(a) || !isBranch(b)) return isBranch(a) === isBranch(b)
  return Array.isArray(a) ? Array.isArray(b) && a.length === b.length : !Array.isArray(b)
}

const walk = <A>(
  trees: readonly NamedTree<A>[],
  nulls: 'allowed' | 'strict',
): Either<GradpipeError, Alignment<A>> => {
  const paths: Path[] = []
  const columns = trees.map((): (A | null)[] => [])
  const differ = (index: number, path: Path, expected: string, given: string): GradpipeError => {
    const name = trees[index]?.[0] ?? ''
    return new GradpipeError('TreeMismatch', showPath(name === '' ? path : [name, ...path]), expected, given)
  }

  /** The tree that was looked at last. */
  let looking = 0
  const visit = (nodes: readonly Tree<A>[], path: Path): Either<GradpipeError, Form> => {
    const model = (nulls === 'strict' ? nodes[0] : nodes.find((node) => node !== null)) ?? null
    for (const [i, node] of nodes.entries())
      if (!(sameKind(model, node) || (node === null && nulls === 'allowed')))
        return left(differ(i, path, describeNode(model), describeNode(node)))
    if (model === null) return right({ _tag: 'Null' })
    if (!isBranch(model)) {
      for (const [i, node] of nodes.entries()) columns[i]?.push(node === null || isBranch(node) ? null : node)
      return right({ _tag: 'Leaf', position: paths.push(path) - 1 })
    }
    return isArray(model) ? elements(model.length, nodes, path) : entries(model, nodes, path)
  }

  /** Below arrays of one length. */
  const elements = (length: number, nodes: readonly Tree<A>[], path: Path): Either<GradpipeError, Form> => {
    const from = paths.length
    const arrays = nodes.map((node, i) => {
      if (node === null || !isBranch(node) || !isArray(node)) return null
      looking = i
      return dense(node, path)
    })
    const forms: Form[] = []
    for (let k = 0; k < length; k++) {
      // undefined is null
      const form = visit(
        arrays.map((array) => array?.[k] ?? null),
        below(path, k),
      )
      if (form._tag === 'Left') return form
      forms.push(form.right)
    }
    return right(arrayForm(forms, { from, to: paths.length }))
  }

  /** Below records, in the first record's order of keys. */
  const entries = (model: Branch<A>, nodes: readonly Tree<A>[], path: Path): Either<GradpipeError, Form> => {
    const from = paths.length
    const own = nodes.map((node, i) => {
      if (node === null || !isBranch(node)) return undefined
      looking = i
      // undefined counts as null, and so does a missing key
      return new Map(children(node, path).map(([key, child]) => [key, child ?? null] as const))
    })
    const every = new Set(own.flatMap((map) => (map === undefined ? [] : [...map.keys()])))
    const forms = new Map<string | number, Form>()
    const wanted = own.find((map) => map !== undefined)
    // in the canonical order, so that the first path that differs is the same whatever the order of the keys
    for (const key of [...every].sort()) {
      const next: Tree<A>[] = []
      for (const [i, map] of own.entries()) {
        const child = map === undefined ? null : map.get(key)
        if (map !== undefined && (child === undefined) !== (wanted?.get(key) === undefined))
          return left(differ(i, below(path, key), describeNode(wanted?.get(key)), describeNode(child)))
        next.push(child ?? null)
      }
      const form = visit(next, below(path, key))
      if (form._tag === 'Left') return form
      forms.set(key, form.right)
    }
    const keys = Object.keys(model)
    return right(
      recordForm(
        keys,
        keys.flatMap((key) => forms.get(key) ?? []),
        { from, to: paths.length },
      ),
    )
  }

  const absent = trees.findIndex(([, tree]) => tree === undefined)
  if (absent >= 0) return left(differ(absent, [], 'a tree', 'nothing'))
  const rooted = (): Either<GradpipeError, Form> => {
    try {
      return visit(
        trees.map(([, tree]) => tree),
        [],
      )
    } catch (error) {
      // something that is not a tree: holes, too many levels
      if (!(error instanceof GradpipeError)) throw error
      const name = trees[looking]?.[0] ?? ''
      const path = name === '' ? error.path : `${name}.${error.path}`
      return left(new GradpipeError(error._tag, path, error.expected, error.given))
    }
  }
  const root = rooted()
  return root._tag === 'Left' ? root : right({ form: root.right, paths, columns })
}

/**
 * Lays trees side by side. Where one has `null`, the others may have anything, unless it is to be strict.
 *
 * Throws an error that names the first path (canonical order) at which a tree differs from the first tree that has
 * something there.
 */
export const alignTrees = <A>(
  trees: readonly NamedTree<A>[],
  nulls: 'allowed' | 'strict' = 'allowed',
): Alignment<A> => {
  const aligned = walk(trees, nulls)
  if (aligned._tag === 'Left') throw aligned.left
  return aligned.right
}

/**
 * A tree's leaves at the positions of a form, that of the tree `like`, with `null` where there is nothing.
 *
 * Throws an error that names a path at which the tree differs from `like`.
 */
export const leavesLike = <A>(form: Form, like: NamedTree<A>, given: NamedTree<A>): readonly (A | null)[] => {
  const length = form._tag === 'Null' ? 0 : form._tag === 'Leaf' ? 1 : form.to
  const found: (A | null)[] = new Array(length).fill(null)
  // where there must be nothing, something is a difference as well
  if (!readForm(form, given[1], found, 'any order')) alignTrees([like, given], 'strict')
  return found
}

/**
 * Two leaves from the same path. It is a class, so that a tree may have pairs as leaves.
 *
 * @category Trees
 * @example
 * ```ts
 * import { tree } from 'gradpipe'
 *
 * const { first, second } = new tree.Pair(1, 'x')
 * assert.deepEqual([first, second], [1, 'x'])
 * ```
 */
export class Pair<A, B> {
  /** Holds both. */
  constructor(
    /** The leaf of the first tree. */
    readonly first: A,
    /** The leaf of the second tree. */
    readonly second: B,
  ) {}
}

/**
 * Combines two trees of the same structure, leaf by leaf, in the first tree's order of keys.
 *
 * A `Left` is a `TreeMismatch` with the first path at which they differ, what the first tree has there
 * (`expected`) and what the second has (`given`).
 *
 * @category Trees
 * @example
 * ```ts
 * import * as E from 'fp-ts/lib/Either.js'
 * import { tree } from 'gradpipe'
 *
 * const add = tree.zipWith((x: number, y: number) => x + y)
 * assert.deepEqual(add({ a: 1, b: [2] }, { b: [20], a: 10 }), E.right({ a: 11, b: [22] }))
 *
 * const differ = add({ a: 1, b: [2] }, { a: 1, b: 2 })
 * assert.ok(E.isLeft(differ))
 * assert.equal(differ.left.message, 'b: expected an array of 1, given a leaf')
 * ```
 */
export const zipWith =
  <A, B, C>(f: (a: A, b: B, path: Path) => C) =>
  (first: Tree<A>, second: Tree<B>): Either<GradpipeError, Tree<C>> => {
    const trees: readonly NamedTree<A | B>[] = [
      ['', first],
      ['', second],
    ]
    const aligned = walk(trees, 'strict')
    if (aligned._tag === 'Left') return aligned
    const { form, paths, columns } = aligned.right
    // the strict walk put a leaf of the first tree in one column, and of the second in the other
    const [as, bs] = columns as readonly [readonly A[], readonly B[]]
    return right(
      buildForm(
        form,
        paths.map((path, i) => f(as[i] as A, bs[i] as B, path)),
      ),
    )
  }

/**
 * Pairs the leaves of two trees of the same structure.
 *
 * Returns a `Left` like {@link zipWith}.
 *
 * @category Trees
 * @example
 * ```ts
 * import * as E from 'fp-ts/lib/Either.js'
 * import { tree } from 'gradpipe'
 *
 * assert.deepEqual(tree.zip({ a: 1 }, { a: 'x' }), E.right({ a: new tree.Pair(1, 'x') }))
 * ```
 */
export const zip: <A, B>(first: Tree<A>, second: Tree<B>) => Either<GradpipeError, Tree<Pair<A, B>>> =
  /* @__PURE__ */ zipWith((a, b) => new Pair(a, b))
