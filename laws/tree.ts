/** The laws of fp-ts for trees: Functor, Foldable, Traversable, Eq, and what the indexed forms add. */
import * as fc from 'fast-check'
import type { Eq } from 'fp-ts/lib/Eq.js'
import type { Foldable1 } from 'fp-ts/lib/Foldable.js'
import type { FunctorWithIndex1 } from 'fp-ts/lib/FunctorWithIndex.js'
import * as I from 'fp-ts/lib/Identity.js'
import * as IO from 'fp-ts/lib/IO.js'
import * as N from 'fp-ts/lib/number.js'
import * as O from 'fp-ts/lib/Option.js'
import * as RA from 'fp-ts/lib/ReadonlyArray.js'
import type { Traversable1 } from 'fp-ts/lib/Traversable.js'
import type { URI } from '../src/fp-ts/index.js'
import { type Path, type Tree, tree } from '../src/index.js'
import { treeOf } from './arbitrary.js'
import type { Law } from './law.js'
import { firstOf, unless, type Violation } from './violation.js'

/**
 * The instances of trees, those of `gradpipe/fp-ts` first of all, and what goes with them.
 *
 * @category Laws of trees
 */
export interface TreeInstances {
  /** Functor with the path as its index. */
  readonly FunctorWithIndex: FunctorWithIndex1<URI, Path>
  /** Foldable. */
  readonly Foldable: Foldable1<URI>
  /** Traversable. */
  readonly Traversable: Traversable1<URI>
  /** Equality from equality of leaves. */
  readonly getEq: <A>(eq: Eq<A>) => Eq<Tree<A>>
  /** The list of leaves, and the structure. */
  readonly flatten: typeof tree.flatten
  /** The tree of a structure and a list of leaves. */
  readonly unflatten: typeof tree.unflatten
}

const numbers: fc.Arbitrary<Tree<number>> = treeOf(fc.integer({ min: -9, max: 9 }))
const shown = (node: Tree<unknown>): string => JSON.stringify(node) ?? 'nothing'

/** Functions of whole numbers. */
const functions = fc.constantFrom<(x: number) => number>(
  (x) => x + 1,
  (x) => 2 * x,
  (x) => -x,
  () => 0,
)

const law = <Case>(
  name: string,
  statement: string,
  arbitrary: fc.Arbitrary<Case>,
  predicate: (instances: TreeInstances, given: Case) => Violation | null,
): Law<TreeInstances, Case> => ({
  name,
  statement,
  conditions: 'exact',
  kinds: ['number'],
  arbitrary: () => arbitrary,
  predicate,
})

const same = (
  eq: Eq<Tree<number>>,
  where: string,
  expected: Tree<number>,
  given: Tree<number>,
): Violation | null => unless(eq.equals(expected, given), where, shown(expected), shown(given))

const equalLists = RA.getEq(N.Eq).equals

/**
 * Functor: mapping the identity is the identity, and mapping twice is mapping the composition.
 *
 * @category Laws of trees
 */
export const functor: Law<
  TreeInstances,
  readonly [Tree<number>, (x: number) => number, (x: number) => number]
> = law(
  'functor',
  'map(id) = id; map(g) ∘ map(f) = map(g ∘ f); keys and their order stay',
  fc.tuple(numbers, functions, functions),
  ({ FunctorWithIndex: F, getEq }, [node, f, g]) => {
    const eq = getEq(N.Eq)
    return firstOf([
      same(
        eq,
        'map(id)',
        node,
        F.map(node, (x) => x),
      ),
      unless(
        shown(F.map(node, (x) => x)) === shown(node),
        'the order of keys',
        shown(node),
        shown(F.map(node, (x) => x)),
      ),
      same(
        eq,
        'map(g ∘ f)',
        F.map(F.map(node, f), g),
        F.map(node, (x) => g(f(x))),
      ),
      same(
        eq,
        'mapWithIndex',
        F.map(node, f),
        F.mapWithIndex(node, (_, x) => f(x)),
      ),
    ])
  },
)

/**
 * Foldable: `reduce`, `reduceRight` and `foldMap` see the same leaves in the same order, whatever the order of keys.
 *
 * @category Laws of trees
 */
export const foldable: Law<TreeInstances, Tree<number>> = law(
  'foldable',
  'reduce, reduceRight and foldMap see the same leaves in the canonical order',
  numbers,
  ({ Foldable: F }, node) => {
    const all = tree.leaves(node).map(([, leaf]) => leaf)
    const left = F.reduce<number, readonly number[]>(node, [], (seen, leaf) => [...seen, leaf])
    const right = F.reduceRight<number, readonly number[]>(node, [], (leaf, seen) => [leaf, ...seen])
    const free = F.foldMap(RA.getMonoid<number>())(node, (leaf: number): readonly number[] => [leaf])
    return firstOf([
      unless(equalLists(all, left), 'reduce', `${all}`, `${left}`),
      unless(equalLists(all, right), 'reduceRight', `${all}`, `${right}`),
      unless(equalLists(all, free), 'foldMap', `${all}`, `${free}`),
    ])
  },
)

/**
 * Traversable: with the identity it is `map`; effects run once per leaf in the canonical order; composed effects
 * compose.
 *
 * @category Laws of trees
 */
export const traversable: Law<TreeInstances, readonly [Tree<number>, (x: number) => number]> = law(
  'traversable',
  'traverse(Identity) = map; traverse(f) fails where any f fails; effects run in the canonical order',
  fc.tuple(numbers, functions),
  ({ Traversable: T, Foldable: F, getEq }, [node, f]) => {
    const eq = getEq(N.Eq)
    const positive = (x: number): O.Option<number> => (x >= 0 ? O.some(f(x)) : O.none)
    const traversed = T.traverse(O.Applicative)(node, positive)
    // effects as functions: an Option would be a plain record, and so a branch
    const order: number[] = []
    const effect =
      (x: number): IO.IO<number> =>
      () => {
        order.push(x)
        return f(x)
      }
    const sequenced = T.sequence(IO.Applicative)(T.map(node, effect))()
    const leaves = tree.leaves(node).map(([, leaf]) => leaf)
    const all = F.reduce(node, true, (so, x) => so && x >= 0)
    return firstOf([
      same(eq, 'traverse(Identity)', T.map(node, f), T.traverse(I.Applicative)(node, f)),
      unless(O.isSome(traversed) === all, 'traverse(Option)', `${all}`, traversed._tag),
      O.isSome(traversed) ? same(eq, 'traverse(Option)', T.map(node, f), traversed.value) : null,
      same(eq, 'sequence(IO)', T.map(node, f), sequenced),
      unless(equalLists(order, leaves), 'the order of effects', `${leaves}`, `${order}`),
    ])
  },
)

const withKeysReversed = (node: Tree<number>): Tree<number> => {
  if (node === null || typeof node === 'number') return node
  // Array.isArray does not narrow readonly arrays
  if (Array.isArray(node)) return (node as readonly Tree<number>[]).map(withKeysReversed)
  return Object.fromEntries(
    Object.entries(node)
      .reverse()
      .map(([key, child]: readonly [string, Tree<number>]) => [key, withKeysReversed(child)]),
  )
}

/**
 * Eq: an equivalence that sees leaves, keys and structure, and not the order of keys.
 *
 * @category Laws of trees
 */
export const equality: Law<TreeInstances, readonly [Tree<number>, Tree<number>]> = law(
  'equality',
  'reflexive, symmetric, blind to the order of keys, and not blind to a leaf',
  fc.tuple(numbers, numbers),
  ({ FunctorWithIndex: F, Foldable, getEq }, [x, y]) => {
    const eq = getEq(N.Eq)
    const count = Foldable.reduce(x, 0, (n) => n + 1)
    return firstOf([
      unless(eq.equals(x, x), 'x = x', 'true', 'false'),
      unless(eq.equals(x, y) === eq.equals(y, x), 'x = y', 'y = x', 'not'),
      unless(eq.equals(x, withKeysReversed(x)), 'keys reversed', 'true', 'false'),
      unless(
        eq.equals(
          x,
          F.map(x, (leaf) => leaf + 1),
        ) ===
          (count === 0),
        'x = x + 1',
        `${count === 0}`,
        `${count !== 0}`,
      ),
      unless(!eq.equals(x, [x]), 'x = [x]', 'false', 'true'),
    ])
  },
)

/**
 * Lists of leaves: flatten and unflatten are each other's inverse, and all that goes through leaves has one order.
 *
 * @category Laws of trees
 */
export const flattening: Law<TreeInstances, Tree<number>> = law(
  'flattening',
  'unflatten(flatten(x)) = x, keys in their order; flatten(unflatten(d, l)) = [l, d]; flatten, map and reduce visit leaves in one order',
  numbers,
  ({ flatten, unflatten, FunctorWithIndex: F, Foldable }, node) => {
    const [leaves, treedef] = flatten(node)
    const others = leaves.map((_, i) => i)
    const [again, structure] = flatten(unflatten(treedef, others))
    const mapped: number[] = []
    F.map(node, (x) => mapped.push(x))
    const folded = Foldable.reduce<number, readonly number[]>(node, [], (seen, leaf) => [...seen, leaf])
    return firstOf([
      unless(
        shown(unflatten(treedef, leaves)) === shown(node),
        'unflatten(flatten(x))',
        shown(node),
        shown(unflatten(treedef, leaves)),
      ),
      unless(equalLists(again, others), 'flatten(unflatten(d, l))', `${others}`, `${again}`),
      unless(
        shown(unflatten(structure, leaves)) === shown(node),
        'the structure',
        shown(node),
        shown(unflatten(structure, leaves)),
      ),
      unless(equalLists(mapped, leaves), 'the order of map', `${leaves}`, `${mapped}`),
      unless(equalLists(folded, leaves), 'the order of reduce', `${leaves}`, `${folded}`),
      unless(treedef.numLeaves === leaves.length, 'numLeaves', `${leaves.length}`, `${treedef.numLeaves}`),
      unless(
        equalLists(flatten(withKeysReversed(node))[0], leaves),
        'keys reversed',
        `${leaves}`,
        `${flatten(withKeysReversed(node))[0]}`,
      ),
    ])
  },
)

/**
 * The laws of trees.
 *
 * @category Laws of trees
 * @example
 * ```ts
 * import { tree } from 'gradpipe'
 * import * as instances from 'gradpipe/fp-ts'
 * import { checkLaws, treeLaws } from 'gradpipe/laws'
 *
 * checkLaws({ ...tree, ...instances }, treeLaws, { runs: 5 })
 * ```
 */
export const treeLaws: readonly Law<TreeInstances>[] = [functor, foldable, traversable, equality, flattening]
