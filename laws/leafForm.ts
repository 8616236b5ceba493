/** Closed forms of whole leaves: what a rule does along the axes of a tensor. */
import * as fc from 'fast-check'
import { type Tree, tree } from '../src/index.js'
import { trial } from './arbitrary.js'
import { Block } from './block.js'
import type { ClosedForm, Signal } from './closedForm.js'
import { follow } from './follow.js'
import { allKinds, precisionOf } from './kind.js'
import type { Law, Tx } from './law.js'
import { compare, firstOf, showTolerance } from './violation.js'

/**
 * One leaf at one step, for a formula.
 *
 * @category Laws of closed forms
 */
export interface LeafPoint {
  /** The leaf's gradient in the first step. */
  readonly g: Block
  /** Its parameter. */
  readonly p: Block
  /** The step's number, from 1. */
  readonly t: number
  /** The gradient's factor at each step. */
  readonly f: (t: number) => number
}

/**
 * A closed form of whole leaves.
 *
 * @category Laws of closed forms
 */
export type LeafForm = Omit<ClosedForm, 'formula' | 'single'> & {
  /** The elements of the expected update, row by row. */
  readonly formula: (at: LeafPoint) => Iterable<number>
  /** The least number of elements of a leaf. Default 0: scalars and empty leaves are drawn too. */
  readonly minSize?: number
}

/**
 * The update of a leaf at every step follows a formula of its first gradient, its parameter and $t$.
 *
 * @category Laws of closed forms
 * @example
 * ```ts
 * import { scale } from 'gradpipe'
 * import { checkLaws, leafForm, within } from 'gradpipe/laws'
 *
 * const turned = leafForm({
 *   name: 'turned',
 *   statement: 'scale(−1) negates every leaf',
 *   formula: ({ g, t, f }) => g.data.map((x) => -x * f(t)),
 *   tolerance: within(0),
 * })
 * checkLaws(scale(-1), [turned], { runs: 20 })
 * ```
 */
export const leafForm = ({
  name,
  statement,
  signal = () => 1,
  formula,
  tolerance,
  steps = 8,
  grads = 'moderate',
  params = 'moderate',
  kinds = allKinds,
  minSize = 0,
}: LeafForm): Law<Tx, Signal> => ({
  name,
  statement,
  conditions: showTolerance(tolerance),
  kinds,
  arbitrary: (kind) =>
    fc.record({
      on: trial(kind, { grads, params, steps: 1, minSize }),
      steps: fc.integer({ min: 1, max: steps }),
    }),
  predicate: (tx, { on, steps: made }, kind) => {
    const [first = null] = on.grads
    const times = Array.from({ length: made }, (_, i) => i + 1)
    const signals = times.map((t) => tree.map((block: Block) => block.map((x) => signal(t) * x))(first))
    const { updates } = follow(tx, { params: on.params, grads: signals }, kind)
    const paramAt = new Map(tree.leaves(on.params).map(([path, block]) => [tree.showPath(path), block]))
    const flat = kind === 'float64' || kind === 'float32'
    // with plain numbers, a leaf of several elements is as many leaves
    const asSeen = ({ shape, data }: Block): Block => new Block(flat ? [data.length] : shape, data)
    const expectedAt = (t: number): Tree<Block> =>
      tree.mapWithPath((path, block: Block) => {
        const p = paramAt.get(tree.showPath(path)) ?? block
        const all =
          kind === 'number'
            ? Array.from(block.data, (x, i): readonly number[] => [
                ...formula({
                  g: new Block([], Float64Array.of(x)),
                  p: new Block([], Float64Array.of(p.data[i] ?? Number.NaN)),
                  t,
                  f: signal,
                }),
              ]).flat()
            : [...formula({ g: asSeen(block), p: asSeen(p), t, f: signal })]
        return new Block(block.shape, Float64Array.from(all))
      })(first)
    return firstOf(
      times.map((t) =>
        compare(`update ${t}`, expectedAt(t), updates[t - 1] ?? null, tolerance, precisionOf(kind)),
      ),
    )
  },
})
