/** Rules that see the parameters move, and the loss: their updates on a known path. */

import * as fc from 'fast-check'
import {
  type ExtraArgs,
  type GradientTransformation,
  type Params,
  type RuleExtraArgs,
  type Tree,
  tree,
} from '../../src/index.js'
import { trial } from '../arbitrary.js'
import type { Block } from '../block.js'
import { type ClosedForm, type Point, type Signal, varied } from '../closedForm.js'
import { allKinds, decode, encode, precisionOf } from '../kind.js'
import type { Law, Tx } from '../law.js'
import { compare, firstOf, showTolerance, type Tolerance } from '../violation.js'

/** What a formula may use: the first gradient g, the first parameter p, and per step the three known factors. */
export interface MovingPoint extends Point {
  /** The gradient's factor at a step. */
  readonly f: (t: number) => number
  /** The parameter's factor at a step, 1 at the first. */
  readonly m: (t: number) => number
  /** The loss at a step. */
  readonly value: (t: number) => number
  /** The gradients of the first step, of all leaves. */
  readonly treeG: readonly number[]
  /** The first parameters, of all leaves. */
  readonly treeP: readonly number[]
}

/** The parameters, as factors of their start; powers of two, so that they are exact. */
const away = (t: number): number => [1, 0.5, 0.25, 0.5, 0.125, 0.0625][(t - 1) % 6] ?? 1

/** Losses that fall and rise. */
const losses = (t: number): number => [8, 4, 1, 2, 0.5, 3][(t - 1) % 6] ?? 1

const everything = (blocks: Tree<Block>): readonly number[] =>
  tree.leaves(blocks).flatMap(([, { data }]) => [...data])

/** The sum of two lists' products. */
export const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((total, x, i) => total + x * (b[i] ?? 0), 0)

/** How to walk. */
export interface Walk extends Pick<ClosedForm, 'steps' | 'grads' | 'params' | 'kinds'> {
  /** The parameter's factor; `away` by default. */
  readonly m?: (t: number) => number
  /** The gradient's factor; `varied` by default. */
  readonly f?: (t: number) => number
}

/** The update at every step of a walk is what a formula says. */
export const onTheWay = (
  statement: string,
  formula: (at: MovingPoint) => number,
  tolerance: Tolerance,
  { m = away, f = varied, steps = 12, kinds = allKinds, ...draws }: Walk = {},
): Law<Tx, Signal> => ({
  name: 'onTheWay',
  statement: `${statement}, where the parameters go a known way`,
  conditions: showTolerance(tolerance),
  kinds,
  arbitrary: (kind) =>
    fc.record({
      on: trial(kind, { grads: 'positive', params: 'positive', ...draws, steps: 1 }),
      steps: fc.integer({ min: 1, max: steps }),
    }),
  predicate: (tx, { on: drawn, steps: made }, kind) => {
    // of both signs; an element's gradient and parameter have the same sign, so that their products do not cancel
    const signed = tree.map((block: Block) => block.map((x, i) => (i % 2 === 0 ? x : -x)))
    const [on, first] = [{ params: signed(drawn.params) }, signed(drawn.grads[0] ?? null)]
    const times = (factor: number) => tree.map((block: Block) => block.map((x) => factor * x))
    const [treeG, treeP] = [everything(first), everything(on.params)]
    const paramAt = new Map(tree.leaves(on.params).map(([path, block]) => [tree.showPath(path), block.data]))
    const round = precisionOf(kind) === 'float32' ? Math.fround : (x: number) => x
    let state = tx.init(encode(kind)(on.params))
    return firstOf(
      Array.from({ length: made }, (_, i) => {
        const t = i + 1
        const [update, next] = tx.update<Params>(
          encode(kind)(times(f(t))(first)),
          state,
          encode(kind)(times(m(t))(on.params)),
          { value: losses(t) },
        )
        state = next
        const expected = tree.mapWithPath((path, block: Block) => {
          const leafP = paramAt.get(tree.showPath(path)) ?? new Float64Array(0)
          const known = { t, leafG: block.data, leafP, treeG, treeP, f, m, value: losses }
          return block.map((g, j) => round(formula({ ...known, g, p: leafP[j] ?? Number.NaN })))
        })(first)
        return compare(`update ${t}`, expected, decode(first, update), tolerance, precisionOf(kind))
      }),
    )
  },
})

/** A transformation that needs the loss, with a default where none is given. */
export const withLoss = <S>(
  { init, update, ruled }: GradientTransformation<S, RuleExtraArgs<'value'>>,
  value: number,
): GradientTransformation<S> => ({
  init,
  update: <P extends Params>(grads: P, state: S, params?: Params, extra?: ExtraArgs) =>
    update(grads, state, params, { value, ...extra }),
  ...(ruled === undefined
    ? {}
    : {
        ruled: {
          // compiled with the loss as a number, from the first step on
          begin: () => {
            const { program, scalars } = ruled.resume(init(0), 'state', { value })
            return { ...ruled.begin(), program, scalars }
          },
          resume: (state: S, at: string, extra: ExtraArgs) => ruled.resume(state, at, { value, ...extra }),
        },
      }),
})
