/** What a state holds, as a function of the gradients so far. */

import { type Params, type Path, type Tree, tree } from '../../src/index.js'
import { type Trial, trial } from '../arbitrary.js'
import { Block } from '../block.js'
import { follow } from '../follow.js'
import { allKinds, arrayKinds, type Kind, precisionOf, readTree } from '../kind.js'
import type { Law, Tx } from '../law.js'
import { compare, firstOf, showTolerance, type Tolerance } from '../violation.js'

/** A part of the state, and what it should be. */
export interface Kept {
  readonly name: string
  readonly statement: string
  /** The part of a state. */
  readonly part: (state: unknown) => unknown
  /** Its value after some steps, from the gradients so far; before the first step, from the parameters. */
  readonly value: (so: { readonly far: readonly Tree<Block>[]; readonly params: Tree<Block> }) => Tree<Block>
  readonly tolerance: Tolerance
  readonly kinds?: readonly Kind[]
  /** Whether the first state is looked at too. Default false. */
  readonly fromStart?: boolean
  readonly grads?: 'special' | 'moderate' | 'positive'
  /** The most steps. Default 4. */
  readonly steps?: number
  /** The least number of elements of a leaf. Default 0. */
  readonly minSize?: number
}

/** A part of the state is a known function of the gradients. */
export const keeps = (kept: Kept): Law<Tx, Trial> => {
  const { part, value, tolerance, kinds = allKinds, fromStart = false } = kept
  const { grads = 'moderate', steps = 4, minSize = 0 } = kept
  return {
    name: kept.name,
    statement: kept.statement,
    conditions: showTolerance(tolerance),
    kinds,
    arbitrary: (kind) => trial(kind, { grads, params: 'moderate', steps, minSize }),
    predicate: (tx, on, kind) => {
      if (tree.leaves(on.params).length === 0) return null
      const { states } = follow(tx, on, kind)
      const round = precisionOf(kind) === 'float32' ? Math.fround : (x: number): number => x
      return firstOf(
        states.flatMap((state, i) =>
          i === 0 && !fromStart
            ? []
            : [
                compare(
                  `the state after ${i} steps`,
                  tree.map((block: Block) => block.map(round))(
                    value({ far: on.grads.slice(0, i), params: on.params }),
                  ),
                  // a state is plain data, of which the law names a part that is a tree
                  readTree(part(state) as Params),
                  tolerance,
                  precisionOf(kind),
                ),
              ],
        ),
      )
    },
  }
}

/** The entry of nested records, by its keys. */
export const at =
  (...keys: readonly string[]): ((state: unknown) => unknown) =>
  (state) =>
    keys.reduce<unknown>((below, key) => new Map(Object.entries(below ?? {})).get(key), state)

/** One number, as a block. */
export const one = (value: number): Block => new Block([], Float64Array.of(value))

/** All numbers of a tree. */
export const everything = (blocks: Tree<Block> | undefined): readonly number[] =>
  tree.leaves(blocks ?? null).flatMap(([, block]) => [...block.data])

/** One number for each leaf. */
export const eachLeaf = (f: (data: Float64Array) => number): ((blocks: Tree<Block>) => Tree<Block>) =>
  tree.map((block: Block) => one(f(block.data)))

/** One number of a tree. */
export const elementAt = (blocks: Tree<Block> | undefined, path: Path, index: number): number =>
  tree.leaves(blocks ?? null).find(([place]) => tree.showPath(place) === tree.showPath(path))?.[1].data[
    index
  ] ?? Number.NaN

/** The blocks that some trees have at one place. */
export const blocksAt = (trees: readonly Tree<Block>[], path: Path): readonly Block[] =>
  trees.flatMap((each) =>
    tree
      .leaves(each)
      .filter(([place]) => tree.showPath(place) === tree.showPath(path))
      .map(([, block]) => block),
  )

/** Sums of the gradients so far, weighted by the step of each and the last; elements of one sign, which do not cancel. */
export const keepsSum = (
  name: string,
  statement: string,
  weight: (s: number, t: number) => number,
  rest: Pick<Kept, 'steps' | 'tolerance'>,
): Law<Tx, Trial> =>
  keeps({
    name,
    statement,
    part: at(name),
    value: ({ far }) =>
      tree.mapWithPath((path, block: Block) =>
        block.map((_, i) =>
          far.reduce((total, g, s) => total + weight(s + 1, far.length) * elementAt(g, path, i), 0),
        ),
      )(far.at(-1) ?? null),
    kinds: arrayKinds,
    grads: 'positive',
    ...rest,
  })
