/**
 * Lays trees beside each other, leaf by leaf, or says where they first differ.
 *
 * `zip` is the strict form; `alignTrees` lets a tree have `null` where another has a leaf or a whole branch
 * ("nothing here": no gradient, no state).
 */
import type { Either } from 'fp-ts/lib/Either.js'
import { GradpipeError } from '../error.js'
import { type Path, showPath } from './path.js'
import { type Branch, children, describeNode, isBranch, rebuild, type Tree } from './tree.js'

/** Trees of one structure, side by side. */
export interface Alignment<A> {
  /** One path per leaf position, in the canonical order. */
  readonly paths: readonly Path[]
  /** Per leaf position what each tree has there, in the order in which the trees were given. */
  readonly rows: readonly (readonly (A | null)[])[]
  /** A tree of the common structure, with the keys in the first tree's order. */
  readonly rebuild: <B>(values: readonly (B | null)[]) => Tree<B>
}

/** A tree and the name under which an error speaks of it; the empty name for the path alone. */
export type NamedTree<A> = readonly [name: string, tree: Tree<A>]

// plain data, made here: the module of fp-ts that has these brings half of fp-ts along into a bundle
const left = <L>(value: L): Either<L, never> => ({ _tag: 'Left', left: value })
const right = <R>(value: R): Either<never, R> => ({ _tag: 'Right', right: value })

const keysOf = <A>(branch: Branch<A>): readonly (string | number)[] => children(branch).map(([key]) => key)

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
  const rows: (readonly (A | null)[])[] = []
  const differ = (index: number, path: Path, expected: string, given: string): GradpipeError => {
    const name = trees[index]?.[0] ?? ''
    return new GradpipeError('TreeMismatch', showPath(name === '' ? path : [name, ...path]), expected, given)
  }

  type Rebuild = <B>(values: readonly (B | null)[]) => Tree<B>
  const visit = (nodes: readonly Tree<A>[], path: Path): Either<GradpipeError, Rebuild> => {
    const model = (nulls === 'strict' ? nodes[0] : nodes.find((node) => node !== null)) ?? null
    for (const [i, node] of nodes.entries())
      if (!(sameKind(model, node) || (node === null && nulls === 'allowed')))
        return left(differ(i, path, describeNode(model), describeNode(node)))
    if (model === null) return right(() => null)
    if (!isBranch(model)) {
      const position = paths.push(path) - 1
      rows.push(nodes.map((node) => (node === null || isBranch(node) ? null : node)))
      return right((values) => values[position] ?? null)
    }
    const below = nodes.map((node) => (node !== null && isBranch(node) ? new Map(children(node)) : undefined))
    const every = new Set(nodes.flatMap((node) => (node !== null && isBranch(node) ? keysOf(node) : [])))
    const parts = new Map<string | number, Rebuild>()
    // in the canonical order, so that the first path that differs is the same whatever the order of the keys
    for (const key of Array.isArray(model) ? keysOf(model) : [...every].sort()) {
      const wanted = below.find((map) => map !== undefined)?.get(key)
      const next: Tree<A>[] = []
      for (const [i, map] of below.entries()) {
        const child = map === undefined ? null : map.get(key)
        if (map !== undefined && (child === undefined) !== (wanted === undefined))
          return left(differ(i, [...path, key], describeNode(wanted), describeNode(child)))
        next.push(child ?? null)
      }
      const part = visit(next, [...path, key])
      if (part._tag === 'Left') return part
      parts.set(key, part.right)
    }
    return right(<B>(values: readonly (B | null)[]) =>
      rebuild<A, B>(model, (key) => parts.get(key)?.(values) ?? null),
    )
  }

  const root = visit(
    trees.map(([, tree]) => tree),
    [],
  )
  return root._tag === 'Left' ? root : right({ paths, rows, rebuild: root.right })
}

/**
 * Lays trees side by side; where one has `null`, the others may have anything.
 *
 * A `Left` names the first path (canonical order) at which a tree differs from the first tree that has
 * something there.
 */
export const alignTrees = <A>(trees: readonly NamedTree<A>[]): Either<GradpipeError, Alignment<A>> =>
  walk(trees, 'allowed')

/**
 * Two leaves that stood at the same path. A class, so that a tree may have pairs as leaves.
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
 * Combines two trees of the same structure leaf by leaf, in the first one's order of keys.
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
    const { paths, rows, rebuild: build } = aligned.right
    const combined = paths.map((path, i) => {
      // the strict walk put a leaf of each tree, in this order, into every row
      const [a, b] = rows[i] as readonly [A, B]
      return f(a, b, path)
    })
    return right(build(combined))
  }

/**
 * Pairs the leaves of two trees of the same structure.
 *
 * A `Left` as for {@link zipWith}.
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
  zipWith((a, b) => new Pair(a, b))
