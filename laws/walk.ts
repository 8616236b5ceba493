/** Walks: what a rule does while the parameters move by its updates, against the same in plain numbers. */
import type { Params, Tree } from '../src/index.js'
import { applyUpdates, tree } from '../src/index.js'
import { type Trial, type TrialOptions, trial } from './arbitrary.js'
import type { Block } from './block.js'
import { decode, encode, type Kind } from './kind.js'
import type { Law, Tx } from './law.js'
import { compare, firstOf, showTolerance, type Tolerance } from './violation.js'

/**
 * An algorithm as its paper writes it, on all elements of a tree in a row.
 *
 * @category Laws of closed forms
 */
export interface Written<S> {
  /** What it remembers at first. */
  readonly start: (p: readonly number[]) => S
  /** The updates of one step, and what it then remembers. */
  readonly step: (
    g: readonly number[],
    state: S,
    p: readonly number[],
  ) => readonly [u: readonly number[], state: S]
}

/**
 * A transformation, and the same written down.
 *
 * @category Laws of closed forms
 */
export interface Walk<S> {
  /** A name for the law. */
  readonly name: string
  /** What is the same, in words. */
  readonly statement: string
  /** The algorithm. */
  readonly written: Written<S>
  /** How far its updates may be. */
  readonly tolerance: Tolerance
  /** What to draw. By default at most six steps of positive gradients from moderate parameters. */
  readonly draws?: TrialOptions
}

const inARow = (blocks: Tree<Block>): readonly number[] =>
  tree.leaves(blocks).flatMap(([, { data }]) => [...data])

/** The same numbers as a tree; leaves stand in a row by path, not by the order of a record's keys. */
const like = (blocks: Tree<Block>, numbers: readonly number[]): Tree<Block> => {
  const rest = numbers.values()
  const taken = new Map(
    tree
      .leaves(blocks)
      .map(([path, block]) => [tree.showPath(path), block.map(() => rest.next().value ?? Number.NaN)]),
  )
  return tree.mapWithPath((path, block: Block) => taken.get(tree.showPath(path)) ?? block)(blocks)
}

const scaled = (by: number): ((blocks: Tree<Block>) => Tree<Block>) =>
  tree.map((block: Block) => block.map((x) => by * x))

/** Every second gradient points back. */
const scaledAt = (gradient: Tree<Block>, i: number): Tree<Block> => scaled(i % 2 === 0 ? 1 : -1)(gradient)

/**
 * While the parameters move by its updates, the updates are those of an algorithm in plain numbers that sees the same
 * parameters and gradients. The first step is at twice the parameters of `init`, as if others had been loaded, and every
 * second gradient is turned around. In float64: what cancels differs by rounding.
 *
 * @category Laws of closed forms
 * @example
 * ```ts
 * import { addDecayedWeights, chain, sgd } from 'gradpipe'
 * import { checkLaws, walksAs, within } from 'gradpipe/laws'
 *
 * const law = walksAs({
 *   name: 'decay',
 *   statement: 'u = −(g + p/2)',
 *   written: { start: () => null, step: (g, state, p) => [g.map((gi, i) => -(gi + (p[i] ?? 0) / 2)), state] },
 *   tolerance: within(1),
 * })
 * checkLaws(chain(addDecayedWeights(0.5), sgd(1)), [law], { runs: 20 })
 * ```
 */
export const walksAs = <S>({ name, statement, written, tolerance, draws }: Walk<S>): Law<Tx, Trial> => {
  const kinds: readonly Kind[] = ['number', 'float64']
  return {
    name,
    statement,
    conditions: showTolerance(tolerance),
    kinds,
    arbitrary: (kind) => trial(kind, { grads: 'positive', params: 'moderate', steps: 6, ...draws }),
    predicate: (tx, { params, grads }, kind) => {
      let given = encode(kind)(scaled(2)(params))
      let state = tx.init(encode(kind)(params))
      let remembered = written.start(inARow(params))
      return firstOf(
        grads.map(scaledAt).map((gradient, i) => {
          const before = inARow(decode(params, given))
          const [updates, next] = tx.update<Params>(encode(kind)(gradient), state, given)
          const [expected, later] = written.step(inARow(gradient), remembered, before)
          ;[state, remembered, given] = [next, later, applyUpdates<Params>(given, updates)]
          return compare(
            `update ${i + 1}`,
            like(gradient, expected),
            decode(gradient, updates),
            tolerance,
            'float64',
          )
        }),
      )
    },
  }
}
