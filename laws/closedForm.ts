/**
 * Closed forms: what a rule does with a signal for which the answer is known, and rules that are equal.
 *
 * A signal is the gradient of the first step, times a factor per step. `constant` and `impulse` together determine a
 * linear state.
 */

import * as fc from 'fast-check'
import { applyUpdates, type Params, type Tree, tree } from '../src/index.js'
import { type Elements, type Trial, type TrialOptions, trial } from './arbitrary.js'
import type { Block } from './block.js'
import { follow, type Run, stateTree } from './follow.js'
import { allKinds, decode, encode, type Kind, precisionOf, readTree } from './kind.js'
import type { Law, Tx } from './law.js'
import {
  broken,
  compare,
  compareTrees,
  exactly,
  firstOf,
  showTolerance,
  type Tolerance,
  unless,
} from './violation.js'

// closed forms

/**
 * One element at one step, for a formula.
 *
 * @category Laws of closed forms
 */
export interface Point {
  /** The element's gradient in the first step. */
  readonly g: number
  /** Its parameter. */
  readonly p: number
  /** The step's number, from 1. */
  readonly t: number
  /** The leaf's gradient in the first step. */
  readonly leafG: Float64Array
  /** The leaf's parameter. */
  readonly leafP: Float64Array
}

/**
 * A closed form.
 *
 * @category Laws of closed forms
 */
export interface ClosedForm {
  /** A name for the law. */
  readonly name: string
  /** The formula, in words. */
  readonly statement: string
  /** The gradient's factor at step t: 1 at t = 1. `constant` by default. */
  readonly signal?: (t: number) => number
  /** The expected update. */
  readonly formula: (at: Point) => number
  /** How far rounding may lead from it, and where that was measured. */
  readonly tolerance: Tolerance
  /** The greatest number of steps. Default 20. */
  readonly steps?: number
  /** The gradients of the first step. Default `normal`. */
  readonly grads?: Elements
  /** The parameters. Default `normal`. */
  readonly params?: Elements
  /** The kinds for which it holds. All by default. */
  readonly kinds?: readonly Kind[]
  /** Whether to draw a single leaf, which is then the whole tree. Default false. */
  readonly single?: boolean
}

/** The same gradient at every step. */
const constant = (): number => 1

/**
 * Factors without a sign change, zero among them, and otherwise powers of two: nothing cancels, and every weight of
 * an average shows.
 *
 * @category Laws of closed forms
 * @example
 * ```ts
 * import { varied } from 'gradpipe/laws'
 *
 * assert.deepEqual([1, 2, 3, 4].map(varied), [1, 4, 0.25, 0])
 * ```
 */
export const varied = (t: number): number => [1, 4, 0.25, 0, 2, 0.5, 0][(t - 1) % 7] ?? 1

/**
 * Factors of both signs.
 *
 * @category Laws of closed forms
 * @example
 * ```ts
 * import { swinging } from 'gradpipe/laws'
 *
 * assert.deepEqual([1, 2, 3].map(swinging), [1, -4, 0.25])
 * ```
 */
export const swinging = (t: number): number => [1, -4, 0.25, -1, 2][(t - 1) % 5] ?? 1

/**
 * $\sum_{s=1}^{t} (1 - d)\, d^{t-s} f(s)$: an exponential average that starts at zero, in one sum.
 *
 * @category Laws of closed forms
 * @example
 * ```ts
 * import { averaged } from 'gradpipe/laws'
 *
 * // of a constant: 1 - d^t
 * assert.ok(Math.abs(averaged(0.9, 3, () => 1) - (1 - 0.9 ** 3)) < 1e-15)
 * ```
 */
export const averaged = (decay: number, t: number, f: (s: number) => number): number =>
  Array.from({ length: t }, (_, i) => (1 - decay) * decay ** (t - i - 1) * f(i + 1)).reduce(
    (a, b) => a + b,
    0,
  )

const leafAt = (blocks: Tree<Block>): ((path: string) => Block | undefined) => {
  const known = new Map(tree.leaves(blocks).map(([path, block]) => [tree.showPath(path), block]))
  return (path) => known.get(path)
}

/**
 * A trial of one step, and for how many its gradient is repeated.
 *
 * @category Laws of closed forms
 */
export interface Signal {
  /** The trial. */
  readonly on: Trial
  /** The steps. */
  readonly steps: number
}

/**
 * The update at every step follows a formula of the first gradient, the parameter and $t$.
 *
 * @category Laws of closed forms
 * @example
 * ```ts
 * import { trace } from 'gradpipe'
 * import { checkLaws, closedForm, within } from 'gradpipe/laws'
 *
 * const geometric = closedForm({
 *   name: 'geometric',
 *   statement: 'a constant gradient gives g·(1 − μᵗ)/(1 − μ)',
 *   formula: ({ g, t }) => (g * (1 - 0.9 ** t)) / (1 - 0.9),
 *   tolerance: within(8),
 * })
 * checkLaws(trace(0.9), [geometric], { runs: 20 })
 * ```
 */
export const closedForm = (form: ClosedForm): Law<Tx, Signal> => {
  const { signal = constant, formula, tolerance, steps = 20, kinds = allKinds } = form
  const draws: TrialOptions = {
    grads: form.grads ?? 'normal',
    params: form.params ?? 'normal',
    steps: 1,
    single: form.single ?? false,
  }
  return {
    name: form.name,
    statement: form.statement,
    conditions: showTolerance(tolerance),
    kinds,
    arbitrary: (kind) => fc.record({ on: trial(kind, draws), steps: fc.integer({ min: 1, max: steps }) }),
    predicate: (tx, { on: { params, grads }, steps: made }, kind) => {
      const [first = null] = grads
      const times = Array.from({ length: made }, (_, i) => i + 1)
      const signals = times.map((t) => tree.map((block: Block) => block.map((x) => signal(t) * x))(first))
      const { updates } = follow(tx, { params, grads: signals }, kind)
      const paramAt = leafAt(params)
      return firstOf(
        times.map((t) => {
          const expected = tree.mapWithPath((path, block: Block) => {
            const leafP = paramAt(tree.showPath(path))?.data ?? new Float64Array(0)
            const round = precisionOf(kind) === 'float32' ? Math.fround : (x: number) => x
            return block.map((g, i) =>
              round(formula({ g, p: leafP[i] ?? Number.NaN, t, leafG: block.data, leafP })),
            )
          })(first)
          return compare(`update ${t}`, expected, updates[t - 1] ?? null, tolerance, precisionOf(kind))
        }),
      )
    },
  }
}

// the same rule in other words

/**
 * Two transformations that are the same.
 *
 * @category Laws of closed forms
 */
export interface Sameness {
  /** A name for the law. */
  readonly name: string
  /** The two, in words. */
  readonly statement: string
  /** Makes the other one when the law is tried. */
  readonly other: () => Tx
  /** How far their updates may differ. Not at all by default, bit for bit. */
  readonly tolerance?: Tolerance
  /** What to draw. */
  readonly draws?: TrialOptions
  /** The kinds for which it holds. All by default. */
  readonly kinds?: readonly Kind[]
  /** Whether the states must be the same too. Default false. */
  readonly states?: boolean
}

/**
 * The updates are those of another transformation.
 *
 * @category Laws of closed forms
 * @example
 * ```ts
 * import { identity, trace } from 'gradpipe'
 * import { checkLaws, equally, sameAs } from 'gradpipe/laws'
 *
 * const law = sameAs({ name: 'forgetful', statement: 'trace(0) = identity()', other: identity, tolerance: equally })
 * checkLaws(trace(0), [law], { runs: 20 })
 * ```
 */
export const sameAs = (same: Sameness): Law<Tx, Trial> => {
  const { name, statement, other, tolerance = exactly, draws = {}, kinds = allKinds, states = false } = same
  return {
    name,
    statement,
    conditions: showTolerance(tolerance),
    kinds,
    arbitrary: (kind) => trial(kind, draws),
    predicate: (tx, on, kind) => {
      const [given, expected]: readonly [Run, Run] = [follow(tx, on, kind), follow(other(), on, kind)]
      return firstOf([
        ...expected.updates.map((update, i) =>
          compare(`update ${i + 1}`, update, given.updates[i] ?? null, tolerance, precisionOf(kind)),
        ),
        ...(states
          ? expected.states.map((state, i) =>
              compareTrees(`state ${i}`, stateTree(state), stateTree(given.states[i]), tolerance, kind),
            )
          : []),
      ])
    },
  }
}

// bounds

/**
 * A condition on every update.
 *
 * @category Laws of closed forms
 */
export interface UpdateBound {
  /** A name for the law. */
  readonly name: string
  /** The condition on every element. */
  readonly statement: string
  /** Whether it holds; `u` is the element's update and `now` its gradient at this step. */
  readonly holds: (
    at: Point & { readonly u: number; readonly now: number; readonly leafU: Float64Array },
  ) => boolean
  /** What to draw. */
  readonly draws?: TrialOptions
  /** The kinds for which it holds. All by default. */
  readonly kinds?: readonly Kind[]
}

/**
 * Every element of every update satisfies a condition.
 *
 * @category Laws of closed forms
 */
export const everyUpdate = ({
  name,
  statement,
  holds,
  draws = {},
  kinds = allKinds,
}: UpdateBound): Law<Tx, Trial> => ({
  name,
  statement,
  conditions: 'exact, or with the slack that the statement names',
  kinds,
  arbitrary: (kind) => trial(kind, draws),
  predicate: (tx, on, kind) => {
    const paramAt = leafAt(on.params)
    const [first = null] = on.grads
    const firstAt = leafAt(first)
    const { updates } = follow(tx, on, kind)
    return firstOf(
      updates.flatMap((update, step) => {
        const nowAt = leafAt(on.grads[step] ?? null)
        return tree.leaves(update).flatMap(([path, block]) => {
          const at = tree.showPath(path)
          const [leafP, leafG, now] = [paramAt(at)?.data, firstAt(at)?.data, nowAt(at)?.data]
          if (leafP === undefined || leafG === undefined || now === undefined) return []
          const index = [...block.data].findIndex(
            (u, i) =>
              !holds({
                u,
                now: now[i] ?? Number.NaN,
                g: leafG[i] ?? Number.NaN,
                p: leafP[i] ?? Number.NaN,
                t: step + 1,
                leafG,
                leafP,
                leafU: block.data,
              }),
          )
          return index < 0
            ? []
            : [broken(`update ${step + 1}.${at}[${index}]`, statement, `${block.data[index]}`)]
        })
      }),
    )
  },
})

/**
 * A slot never shrinks, in any element: rounding is monotone, so this is exact.
 *
 * @category Laws of closed forms
 */
export const nondecreasing = (name: string, slot: (state: unknown) => unknown): Law<Tx, Trial> => ({
  name: `${name}Nondecreasing`,
  statement: `no element of ${name} ever shrinks`,
  conditions: 'finite numbers; exact',
  kinds: allKinds,
  arbitrary: (kind) => trial(kind, { grads: 'finite' }),
  predicate: (tx, on, kind) => {
    const slots = follow(tx, on, kind).states.map((state) => readTree(stateTree(slot(state))))
    return firstOf(
      slots.slice(1).flatMap((now, i) => {
        const before = leafAt(slots[i] ?? null)
        return tree.leaves(now).map(([path, block]) => {
          const at = tree.showPath(path)
          const previous = before(at)?.data ?? new Float64Array(0)
          const index = [...block.data].findIndex((x, j) => x < (previous[j] ?? Number.NaN))
          return unless(
            index < 0,
            `${name} ${i + 1}.${at}[${index}]`,
            `at least ${previous[index]}`,
            `${block.data[index]}`,
          )
        })
      }),
    )
  },
})

// whole steps

/**
 * Without a gradient, nothing moves from the first state.
 *
 * @category Laws of closed forms
 */
export const zeroGradient: Law<Tx, Trial> = {
  name: 'zeroGradient',
  statement: 'zero gradients leave the parameters unchanged, bit for bit',
  conditions: 'no weight decay, ε > 0 or 0/0 defined; exact',
  kinds: allKinds,
  arbitrary: (kind) => trial(kind, { params: 'finite' }),
  predicate: (tx, { params, grads }, kind) => {
    const none = grads.map(tree.map((block: Block) => block.map(() => 0)))
    return firstOf(
      follow(tx, { params, grads: none }, kind).updates.map((update, i) => {
        const moved = applyUpdates<Params>(encode(kind)(params), encode(kind)(update))
        // x + 0 loses the sign of −0 and nothing else
        return compare(
          `params ${i + 1}`,
          params,
          decode(params, moved),
          { ulps: 0, floor: 0 },
          precisionOf(kind),
        )
      }),
    )
  },
}

/**
 * Decoupled decay: without gradients $p_t = p_0 (1 - \eta\lambda)^t$.
 *
 * @category Laws of closed forms
 */
export const decoupledDecay = (learningRate: number, weightDecay: number): Law<Tx, Signal> => ({
  name: 'decoupledDecay',
  statement: 'g = 0 ⇒ pₜ = p₀(1 − ηλ)ᵗ',
  conditions: 'within 24 ulps after 40 steps: half an ulp per step, and as much of the power itself',
  kinds: allKinds,
  arbitrary: (kind) => fc.record({ on: trial(kind, { steps: 1 }), steps: fc.integer({ min: 1, max: 40 }) }),
  predicate: (tx, { on: { params }, steps }, kind) => {
    const none = encode(kind)(tree.map((block: Block) => block.map(() => 0))(params))
    let at = encode(kind)(params)
    let state = tx.init(at)
    for (let i = 0; i < steps; i++) {
      const [updates, next] = tx.update<Params>(none, state, at)
      at = applyUpdates<Params>(at, updates)
      state = next
    }
    const expected = tree.map((block: Block) =>
      block.map((p) => p * (1 - learningRate * weightDecay) ** steps),
    )(params)
    return compare('params', expected, decode(params, at), { ulps: 24, floor: 0 }, precisionOf(kind))
  },
})

/**
 * $u(u(g)) = u(g)$.
 *
 * @category Laws of closed forms
 */
export const idempotentWithin = (
  tolerance: Tolerance,
  kinds: readonly Kind[] = allKinds,
): Law<Tx, Trial> => ({
  name: 'idempotent',
  statement: 'u(u(g)) = u(g)',
  conditions: `no state; ${showTolerance(tolerance)}`,
  kinds,
  arbitrary: (kind) => trial(kind, { steps: 1 }),
  predicate: (tx, { params, grads }, kind) => {
    const once = follow(tx, { params, grads }, kind).updates
    const twice = follow(tx, { params, grads: once }, kind).updates
    return firstOf(
      once.map((update, i) => compare('update', update, twice[i] ?? null, tolerance, precisionOf(kind))),
    )
  },
})

/**
 * A trial and a power of two.
 *
 * @category Generators
 */
export interface PowerCase {
  /** Parameters and gradients. */
  readonly on: Trial
  /** The exponent of the factor. */
  readonly power: number
}

/**
 * A bound acts the same in any unit: $\operatorname{clip}_{c\delta}(cg) = c \operatorname{clip}_\delta(g)$.
 *
 * @category Laws of closed forms
 */
export const boundScales: Law<(bound: number) => Tx, PowerCase> = {
  name: 'boundScales',
  statement: 'clip with bound c·δ of c·g = c·(clip with bound δ of g)',
  conditions: 'c a power of two; exact',
  kinds: allKinds,
  arbitrary: (kind) =>
    fc.record({ on: trial(kind, { grads: 'moderate' }), power: fc.integer({ min: -8, max: 8 }) }),
  predicate: (make, { on: { params, grads }, power }, kind) => {
    const scaled = tree.map((block: Block) => block.map((x) => x * 2 ** power))
    const plain = follow(make(1.5), { params, grads }, kind).updates.map(scaled)
    const { updates } = follow(make(1.5 * 2 ** power), { params, grads: grads.map(scaled) }, kind)
    return firstOf(
      plain.map((update, i) =>
        compare(`update ${i + 1}`, update, updates[i] ?? null, exactly, precisionOf(kind)),
      ),
    )
  },
}

/** All elements of all leaves. */
const everything = (blocks: Tree<Block>): readonly number[] =>
  tree.leaves(blocks).flatMap(([, { data }]) => [...data])

const norm = (xs: Iterable<number>): number => Math.hypot(...xs)

/**
 * The updates' norm over the tree is at most `maxNorm`, their direction is that of the gradients, and within the
 * bound they are the gradients.
 *
 * @category Laws of closed forms
 */
export const globalNormAtMost = (maxNorm: number): Law<Tx, Trial> => ({
  name: 'globalNormAtMost',
  statement: '‖u‖ ≤ c; u ∥ g; ‖g‖ ≤ c ⇒ u = g',
  // a norm is the root of a sum of as many squares
  conditions: 'norm and direction within 4 roundings and one per element; u = g exact',
  kinds: allKinds,
  arbitrary: (kind) => trial(kind, { grads: 'moderate' }),
  predicate: (tx, on, kind) =>
    firstOf(
      follow(tx, on, kind).updates.map((update, i) => {
        const gradient = on.grads[i] ?? null
        const [before, after] = [norm(everything(gradient)), norm(everything(update))]
        const roundings = 4 + everything(gradient).length
        const slack = roundings * (precisionOf(kind) === 'float32' ? 2 ** -24 : 2 ** -53)
        if (before < maxNorm * (1 - slack))
          return compare('update', gradient, update, exactly, precisionOf(kind))
        const factor = Math.min(1, maxNorm / before)
        return firstOf([
          unless(after <= maxNorm * (1 + slack), 'the norm', `at most ${maxNorm}`, `${after}`),
          compare(
            'update',
            tree.map((block: Block) => block.map((x) => x * factor))(gradient),
            update,
            { ulps: roundings },
            precisionOf(kind),
          ),
        ])
      }),
    ),
})

/** How far a norm of float32 elements may be off by their rounding alone. */
const normSlack = (kind: Kind): number => (precisionOf(kind) === 'float32' ? 1e-6 : 1e-14)

/**
 * The norm of every leaf's update is `ratio` times that of its parameter, unless a norm is zero.
 *
 * @category Laws of closed forms
 */
export const updateNormIsRatio = (ratio: number, steps = 1): Law<Tx, Trial> => ({
  name: 'updateNormIsRatio',
  statement: `‖u‖ = ${ratio}·‖p‖ leaf by leaf, where ‖p‖ and ‖g‖ are not zero`,
  conditions: 'no momentum after the first step, no ε; within 1e-6 in float32, the elements’ own rounding',
  kinds: allKinds.filter((kind) => kind !== 'number'),
  arbitrary: (kind) => trial(kind, { grads: 'nonzero', params: 'nonzero', steps }),
  predicate: (tx, on, kind) => {
    const paramAt = leafAt(on.params)
    return firstOf(
      follow(tx, on, kind).updates.flatMap((update, i) =>
        tree.leaves(update).map(([path, { data }]) => {
          const expected = ratio * norm(paramAt(tree.showPath(path))?.data ?? [])
          const given = norm(data)
          return unless(
            Math.abs(given - expected) <= normSlack(kind) * expected,
            `the norm of ${tree.showPath([`update ${i + 1}`, ...path])}`,
            `${expected}`,
            `${given}`,
          )
        }),
      ),
    )
  },
})

/**
 * The norm of the updates over the whole tree is `length`.
 *
 * @category Laws of closed forms
 */
export const globalNormIs = (length: number): Law<Tx, Trial> => ({
  name: 'globalNormIs',
  statement: `‖u‖ = ${length}`,
  conditions: 'g ≠ 0, no ε; within 1e-6 in float32',
  kinds: allKinds,
  arbitrary: (kind) => trial(kind, { grads: 'nonzero' }),
  predicate: (tx, on, kind) =>
    firstOf(
      follow(tx, on, kind).updates.map((update, i) => {
        const given = norm(everything(update))
        const empty = everything(on.grads[i] ?? null).length === 0
        return unless(
          empty || Math.abs(given - length) <= normSlack(kind) * length,
          `the norm of update ${i + 1}`,
          `${length}`,
          `${given}`,
        )
      }),
    ),
})

/**
 * The rows of the updates of a tensor of rank 2 or more have mean zero.
 *
 * @category Laws of closed forms
 */
export const rowMeansVanish: Law<Tx, Trial> = {
  name: 'rowMeansVanish',
  statement: 'every row of a leaf of rank ≥ 2 has mean 0, and differs from the gradient by a constant',
  conditions: 'within 1e-6 of the row’s greatest element',
  kinds: ['ndarray', 'tensor'],
  arbitrary: (kind) => trial(kind, { grads: 'moderate' }),
  predicate: (tx, on, kind) => {
    const gradientAt = on.grads.map(leafAt)
    return firstOf(
      follow(tx, on, kind).updates.flatMap((update, step) =>
        tree.leaves(update).flatMap(([path, { shape, data }]) => {
          const [rows = 1] = shape
          if (shape.length < 2 || data.length === 0) return []
          const gradient = gradientAt[step]?.(tree.showPath(path))?.data ?? new Float64Array(0)
          const length = data.length / rows
          return Array.from({ length: rows }, (_, row) => {
            const own = Array.from(data.slice(row * length, (row + 1) * length))
            const before = gradient.slice(row * length, (row + 1) * length)
            const greatest = before.reduce((max, x) => Math.max(max, Math.abs(x)), 0)
            const sum = own.reduce((a, b) => a + b, 0)
            const shifts = own.map((x, i) => (before[i] ?? Number.NaN) - x)
            const spread = Math.max(...shifts) - Math.min(...shifts)
            return unless(
              Math.abs(sum) <= 1e-6 * length * greatest && spread <= 1e-6 * greatest,
              `row ${row} of ${tree.showPath([`update ${step + 1}`, ...path])}`,
              'mean 0 and one shift',
              `sum ${sum}, shifts ${spread} apart`,
            )
          })
        }),
      ),
    )
  },
}
