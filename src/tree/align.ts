/**
 * Lays trees beside each other, leaf by leaf, or says where they first differ.
 *
 * `zip` is the strict form. `alignTrees` lets a tree have `null` ("nothing here": no gradient, no state) where
 * another has a leaf or a whole branch, unless it is told to be strict too.
 */

import { GradpipeError, tryCatch } from '../error.js'
import { type Either, right } from '../fp.js'
import { arrayForm, buildForm, type Form, readForm, recordForm } from './form.js'
import { below, type Path, showPath, within } from './path.js'
import { type Branch, dense, describeNode, isArray, isBranch, type Tree } from './tree.js'

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

/** What a branch has under a key, where `undefined` is `null`; nothing of a key that it lacks. */
const childOf = <A>(branch: Branch<A>, key: string | number): Tree<A> | undefined =>
  Object.hasOwn(branch, key)
    ? ((branch as { readonly [key: string | number]: Tree<A> })[key] ?? null)
    : undefined

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
  const paths: Path[] = []
  const columns = trees.map((): (A | null)[] => [])
  const nameOf = (index: number): string => trees[index]?.[0] ?? ''
  const differ = (index: number, path: Path, expected: string, given: string): GradpipeError =>
    new GradpipeError('TreeMismatch', showPath(within(nameOf(index), path)), expected, given)

  const visit = (nodes: readonly Tree<A>[], path: Path): Form => {
    const first = nulls === 'strict' ? 0 : nodes.findIndex((node) => node !== null)
    const model = nodes[first] ?? null
    for (const [i, node] of nodes.entries())
      if (!(sameKind(model, node) || (node === null && nulls === 'allowed')))
        throw differ(i, path, describeNode(model), describeNode(node))
    if (model === null) return { _tag: 'Null' }
    if (isBranch(model)) return branches(model, first, nodes, path)
    for (const [i, node] of nodes.entries()) columns[i]?.push(node === null || isBranch(node) ? null : node)
    return { _tag: 'Leaf', position: paths.push(path) - 1 }
  }

  /** Below arrays of one length, or records, in the order of the keys of the first. */
  const branches = (model: Branch<A>, first: number, nodes: readonly Tree<A>[], path: Path): Form => {
    const from = paths.length
    const own = nodes.map((node, i) => {
      if (node === null || !isBranch(node)) return undefined
      return isArray(node) ? dense(node, within(nameOf(i), path)) : node
    })
    const every = isArray(model)
      ? [...model.keys()]
      : // in the canonical order, so that the first path that differs is the same whatever the order of the keys
        [...new Set(own.flatMap((branch) => (branch === undefined ? [] : Object.keys(branch))))].sort()
    const forms = new Map<string | number, Form>()
    for (const key of every) {
      const at = below(path, key, nameOf(first))
      const wanted = childOf(model, key)
      const next = own.map((branch, i) => {
        if (branch === undefined) return null
        const child = childOf(branch, key)
        if ((child === undefined) !== (wanted === undefined))
          throw differ(i, at, describeNode(wanted), describeNode(child))
        return child ?? null
      })
      forms.set(key, visit(next, at))
    }
    if (isArray(model)) return arrayForm([...forms.values()], { from, to: paths.length })
    const keys = Object.keys(model)
    const inOrder = keys.flatMap((key) => forms.get(key) ?? [])
    return recordForm(keys, inOrder, { from, to: paths.length })
  }

  const absent = trees.findIndex(([, tree]) => tree === undefined)
  if (absent >= 0) throw differ(absent, [], 'a tree', 'nothing')
  const form = visit(
    trees.map(([, tree]) => tree),
    [],
  )
  return { form, paths, columns }
}

/** A leaf, and where it stands. */
export interface PlacedLeaf<A> {
  readonly path: Path
  readonly leaf: A
}

/** The form of one tree, and what stands at its positions. Throws for something that is not a tree. */
export const formOf = <A>(
  name: string,
  tree: Tree<A>,
): { readonly form: Form; readonly leaves: readonly PlacedLeaf<A>[] } => {
  const { form, paths, columns } = alignTrees<A>([[name, tree]])
  // of one tree alone, every position has a leaf
  return { form, leaves: paths.map((path, i) => ({ path, leaf: columns[0]?.[i] as A })) }
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
    const aligned = tryCatch(() => alignTrees(trees, 'strict'))
    if (aligned._tag === 'Left') return aligned
    const { form, paths, columns } = aligned.right
    // where it is strict, a leaf of the first tree is in one column, and of the second in the other
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
