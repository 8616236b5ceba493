/** Composition: chains, masks and labels compose transformations without changing what they do. */

import * as fc from 'fast-check'
import {
  addDecayedWeights,
  chain,
  clip,
  clipByGlobalNorm,
  freeze,
  type GradientTransformation,
  identity,
  injectHyperparams,
  type Leaf,
  masked,
  type Params,
  type Path,
  partition,
  type Schedule,
  scale,
  scaleByAdam,
  scaleByRprop,
  scaleBySchedule,
  scaleByTrustRatio,
  setToZero,
  step,
  type Tree,
  trace,
  tree,
} from '../src/index.js'
import { powerOfTwo, type Trial, trial } from './arbitrary.js'
import type { Block } from './block.js'
import { follow, stateTree } from './follow.js'
import { allKinds, decode, encode, type Kind, precisionOf } from './kind.js'
import type { Law, Tx } from './law.js'
import { compare, compareTrees, equally, exactly, firstOf, unless, type Violation } from './violation.js'

/** What a transformation is composed with: rules of all scopes, with and without state, and one that is not a rule. */
const neighbours: Readonly<Record<string, () => Tx>> = {
  'scale(-0.3)': () => scale(-0.3),
  'trace(0.9)': () => trace(0.9),
  'scaleByAdam()': () => scaleByAdam(),
  'scaleByRprop(0.1)': () => scaleByRprop(0.1),
  'clip(1)': () => clip(1),
  'clipByGlobalNorm(1)': () => clipByGlobalNorm(1),
  'addDecayedWeights(0.1)': () => addDecayedWeights(0.1),
  'scaleByTrustRatio()': () => scaleByTrustRatio(),
  'scaleBySchedule(n => 1 / (n + 1))': () => scaleBySchedule((count) => 1 / (count + 1)),
  'setToZero()': () => setToZero(),
  'an ordinary transformation': () => ordinary(trace(0.5)),
}

/** The same transformation, hiding from chains that it is made of rules. */
const ordinary = <S>(tx: GradientTransformation<S>): GradientTransformation<S> => ({
  init: (params) => tx.init(params),
  update: <P extends Params>(grads: P, state: S, params?: Params) => tx.update<P>(grads, state, params),
})

const neighbour: fc.Arbitrary<string> = fc.constantFrom(...Object.keys(neighbours))

const made = (name: string): Tx => (neighbours[name] ?? identity)()

/** Updates at fixed parameters: each member gets the updates of the one before, and nothing is fused. */
const oneByOne = (members: readonly Tx[], { params, grads }: Trial, kind: Kind) => {
  const given = encode(kind)(params)
  let states = members.map((member) => member.init(given))
  const updates = grads.map((gradient) => {
    let update = encode(kind)(gradient)
    states = members.map((member, i) => {
      const [after, state] = member.update<Params>(update, states[i], given)
      update = after
      return state
    })
    return decode(gradient, update)
  })
  return { updates, states }
}

const sameUpdates = (
  expected: readonly Tree<Block>[],
  given: readonly Tree<Block>[],
  kind: Kind,
): Violation | null =>
  firstOf(
    expected.map((update, i) =>
      compare(`update ${i + 1}`, update, given[i] ?? null, exactly, precisionOf(kind)),
    ),
  )

/**
 * A trial, and the transformations before and after the one under test.
 *
 * @category Laws of composition
 */
export interface Between {
  /** What stands before, by name. */
  readonly before: string
  /** What stands after. */
  readonly after: string
  /** The trial. */
  readonly on: Trial
}

const betweenNeighbours = (kind: Kind): fc.Arbitrary<Between> =>
  fc.record({
    before: neighbour,
    after: neighbour,
    on: trial(kind, { grads: 'special', params: 'normal', steps: 3 }),
  })

// chains

/**
 * A chain, fused into one rule per leaf, does what its members do one after the other.
 *
 * @category Laws of composition
 */
export const fusedIsUnfused: Law<Tx, Between> = {
  name: 'fusedIsUnfused',
  statement: 'chain(a, f, b) = a, then f, then b: the same updates and the same states',
  conditions: 'all numbers; exact, since fusing keeps the order of operations',
  kinds: allKinds,
  arbitrary: betweenNeighbours,
  predicate: (tx, { before, after, on }, kind) => {
    const members = [made(before), tx, made(after)]
    const fused = follow(chain(...members), on, kind)
    const unfused = oneByOne(members, on, kind)
    return firstOf([
      sameUpdates(unfused.updates, fused.updates, kind),
      compareTrees(
        'the last state',
        stateTree(unfused.states),
        stateTree(fused.states.at(-1)),
        exactly,
        kind,
      ),
    ])
  },
}

/**
 * $(a \circ f) \circ b = a \circ (f \circ b)$ up to the nesting of the state.
 *
 * @category Laws of composition
 */
export const chainIsAssociative: Law<Tx, Between> = {
  name: 'chainIsAssociative',
  statement: 'chain(chain(a, f), b) = chain(a, chain(f, b)) = chain(a, f, b)',
  conditions: 'all numbers; exact',
  kinds: allKinds,
  arbitrary: betweenNeighbours,
  predicate: (tx, { before, after, on }, kind) => {
    const [a, b] = [made(before), made(after)]
    const flat = follow(chain(a, tx, b), on, kind).updates
    return firstOf([
      sameUpdates(flat, follow(chain(chain(a, tx), b), on, kind).updates, kind),
      sameUpdates(flat, follow(chain(a, chain(tx, b)), on, kind).updates, kind),
    ])
  },
}

/**
 * `identity()` before or after changes nothing.
 *
 * @category Laws of composition
 */
export const identityIsNeutral: Law<Tx, Trial> = {
  name: 'identityIsNeutral',
  statement: 'chain(identity(), f) = f = chain(f, identity())',
  conditions: 'all numbers; exact',
  kinds: allKinds,
  arbitrary: (kind) => trial(kind, { grads: 'special', params: 'finite', steps: 3 }),
  predicate: (tx, on, kind) => {
    const alone = follow(tx, on, kind).updates
    return firstOf([
      sameUpdates(alone, follow(chain(identity(), tx), on, kind).updates, kind),
      sameUpdates(alone, follow(chain(tx, identity()), on, kind).updates, kind),
    ])
  },
}

// masks and labels

/**
 * `masked(f, true) = f`.
 *
 * @category Laws of composition
 */
export const maskedAll: Law<Tx, Trial> = {
  name: 'maskedAll',
  statement: 'masked(f, all) = f',
  conditions: 'all numbers; exact',
  kinds: allKinds,
  arbitrary: (kind) => trial(kind, { grads: 'special', params: 'finite', steps: 3 }),
  predicate: (tx, on, kind) => {
    const [plain, under] = [follow(tx, on, kind), follow(masked(tx, true), on, kind)]
    return firstOf([
      sameUpdates(plain.updates, under.updates, kind),
      compareTrees(
        'the last state',
        { innerState: stateTree(plain.states.at(-1)) },
        stateTree(under.states.at(-1)),
        exactly,
        kind,
      ),
    ])
  },
}

/** The leaves of a state that belong to a leaf of the parameters: all but counts and values of the whole tree. */
const ownLeaves = (state: unknown, mark: string): number =>
  tree.leaves<Leaf>(stateTree(state)).filter(([path]) => path.includes(mark)).length

/**
 * `masked(f, false)` is the identity, without state: gradients pass through, they are not zeroed.
 *
 * @category Laws of composition
 */
export const maskedNone: Law<Tx, Trial> = {
  name: 'maskedNone',
  statement: 'masked(f, none) = identity, and no leaf has state',
  conditions: 'all numbers; exact',
  kinds: allKinds,
  arbitrary: (kind) => trial(kind, { grads: 'special', params: 'finite', steps: 3 }),
  predicate: (tx, { params, grads }, kind) => {
    const on = { params: { leaf: params }, grads: grads.map((leaf) => ({ leaf })) }
    const { updates, states } = follow(masked(tx, false), on, kind)
    return firstOf([
      sameUpdates(on.grads, updates, kind),
      ...states.map((state, i) =>
        unless(ownLeaves(state, 'leaf') === 0, `state ${i}`, 'no leaf', `${ownLeaves(state, 'leaf')} leaves`),
      ),
    ])
  },
}

/**
 * A trial, and which of its leaves are selected.
 *
 * @category Laws of composition
 */
export interface Labelled {
  /** The trial. */
  readonly on: Trial
  /** For the leaves in turn. */
  readonly pattern: readonly boolean[]
}

const labelled = (kind: Kind): fc.Arbitrary<Labelled> =>
  fc.record({
    on: trial(kind, { grads: 'finite', params: 'finite', steps: 3 }),
    pattern: fc.array(fc.boolean(), { minLength: 1, maxLength: 5 }),
  })

/** The leaves that a pattern selects, counted in the canonical order. */
const selection = (params: Tree<Block>, pattern: readonly boolean[]): ((path: Path) => boolean) => {
  const chosen = new Map(
    tree.leaves(params).map(([path], i) => [tree.showPath(path), pattern[i % pattern.length] ?? false]),
  )
  // plain numbers stand below the place of the leaf that was drawn
  return (path) =>
    path.some((_, end) => chosen.get(tree.showPath(path.slice(0, end + 1)))) || (chosen.get('') ?? false)
}

const restricted = (blocks: Tree<Block>, selects: (path: Path) => boolean): Tree<Block> =>
  // a tree of blocks and nulls is a tree of blocks
  tree.mapWithPath((path, block: Block) => (selects(path) ? block : null))(blocks) as Tree<Block>

/**
 * `partition` restricts each transformation to its leaves, as if the others were not there.
 *
 * @category Laws of composition
 */
export const partitionRestricts: Law<Tx, Labelled> = {
  name: 'partitionRestricts',
  statement:
    'partition({ a: f, b: h }) = f on the leaves labelled a, h on those labelled b; with one label it is f',
  conditions: 'all numbers; exact',
  kinds: allKinds,
  arbitrary: labelled,
  predicate: (tx, { on, pattern }, kind) => {
    const selects = selection(on.params, pattern)
    const other = chain(clipByGlobalNorm(1), scaleByAdam())
    const both = partition({ a: tx, b: other }, ({ path }) => (selects(path) ? 'a' : 'b'))
    const { updates } = follow(both, on, kind)
    const part = (member: Tx, keeps: (path: Path) => boolean): Violation | null => {
      const only = (blocks: Tree<Block>): Tree<Block> => restricted(blocks, keeps)
      const alone = follow(member, { params: only(on.params), grads: on.grads.map(only) }, kind).updates
      return sameUpdates(alone, updates.map(only), kind)
    }
    return firstOf([
      part(tx, selects),
      part(other, (path) => !selects(path)),
      sameUpdates(
        follow(tx, on, kind).updates,
        follow(
          partition({ all: tx }, () => 'all'),
          on,
          kind,
        ).updates,
        kind,
      ),
    ])
  },
}

/**
 * Frozen leaves stay, bit for bit. If `partition` freezes them, they have no state.
 *
 * @category Laws of composition
 */
export const frozenStay: Law<Tx, Labelled> = {
  name: 'frozenStay',
  statement:
    'frozen leaves stay bit for bit, by freeze or by partition with setToZero, which keeps no state for them',
  conditions: 'finite numbers; exact; −0 stays −0 where all is made of rules',
  kinds: allKinds,
  arbitrary: labelled,
  predicate: (tx, { on, pattern }, kind) => {
    const chosen = selection(on.params, pattern)
    const trains = (path: Path): boolean =>
      path[0] === 'train' || (path[0] === 'mixed' && chosen(path.slice(1)))
    const params = { train: on.params, frozen: on.params, mixed: on.params }
    const frozenOf = (blocks: Tree<Block>): Tree<Block> => restricted(blocks, (path) => !trains(path))
    // if something is not a rule, the zero update is added: −0 + 0 = 0
    const kept = tx.ruled === undefined ? equally : exactly
    const check = (frozen: Tx, spared: boolean): Violation | null => {
      let [at, state]: readonly [Params, unknown] = [encode(kind)(params), frozen.init(encode(kind)(params))]
      for (const gradient of on.grads)
        [at, state] = step(frozen)<Params>(
          at,
          state,
          encode(kind)({ train: gradient, frozen: gradient, mixed: gradient }),
        )
      return firstOf([
        compare('params', frozenOf(params), frozenOf(decode(params, at)), kept, precisionOf(kind)),
        unless(!spared || ownLeaves(state, 'frozen') === 0, 'the state', 'nothing of frozen leaves', 'some'),
      ])
    }
    return firstOf([
      check(
        partition({ train: tx, frozen: setToZero() }, ({ path }) => (trains(path) ? 'train' : 'frozen')),
        true,
      ),
      check(
        chain(
          tx,
          freeze(({ path }) => !trains(path)),
        ),
        false,
      ),
    ])
  },
}

// hyperparameters

/**
 * A transformation for each learning rate.
 *
 * @category Laws of composition
 */
export type ByLearningRate = (learningRate: number) => Tx

/**
 * A trial and two learning rates.
 *
 * @category Generators
 */
export interface RatesCase {
  /** Parameters and gradients. */
  readonly on: Trial
  /** The learning rates before and after the change. */
  readonly rates: readonly [number, number]
  /** The step from which the second one counts. */
  readonly change: number
}

/**
 * `injectHyperparams(f)(h) = f(h)`. Changing a hyperparameter in the state changes the transformation from that step
 * on, with the same moments.
 *
 * @category Laws of composition
 */
export const injectedHyperparams: Law<ByLearningRate, RatesCase> = {
  name: 'injectedHyperparams',
  statement:
    'injectHyperparams(f)(h) = f(h); h changed in the state = f(h′) from there on, on the same moments',
  conditions: 'finite numbers; exact',
  kinds: allKinds,
  arbitrary: (kind) =>
    fc.record({
      on: trial(kind, { grads: 'finite' }),
      rates: fc.tuple(fc.double({ min: 0, max: 2, noNaN: true }), fc.double({ min: 0, max: 2, noNaN: true })),
      change: fc.nat(4),
    }),
  predicate: (make, { on: { params, grads }, rates: [first, second], change }, kind) => {
    const injected = injectHyperparams(({ learningRate }: { readonly learningRate: number }) =>
      make(learningRate),
    )({ learningRate: first })
    const given = encode(kind)(params)
    let state = injected.init(given)
    let plain = make(first).init(given)
    for (const [i, gradient] of grads.entries()) {
      if (i === change) state = { ...state, hyperparams: { learningRate: second } }
      const encoded = encode(kind)(gradient)
      const [u, next] = injected.update<Params>(encoded, state, given)
      const [v, after] = make(i < change ? first : second).update<Params>(encoded, plain, given)
      const wrong = firstOf([
        compareTrees(`update ${i + 1}`, v, u, exactly, kind),
        compareTrees(`state ${i + 1}`, stateTree(after), stateTree(next.innerState), exactly, kind),
      ])
      if (wrong !== null) return wrong
      ;[state, plain] = [next, after]
    }
    return null
  },
}

/**
 * A schedule in place of the learning rate acts like the schedule injected: at count $n$ the rate is $s(n)$, from
 * $s(0)$ on.
 *
 * @category Laws of composition
 */
export const scheduleIsInjected: Law<(learningRate: Schedule) => Tx, Trial> = {
  name: 'scheduleIsInjected',
  statement: 'f(s) makes the updates of f(s(0)), f(s(1)), …, on the same moments',
  conditions: 'finite numbers; exact',
  kinds: allKinds,
  arbitrary: (kind) => trial(kind, { grads: 'finite', steps: 5 }),
  predicate: (make, { params, grads }, kind) => {
    const schedule: Schedule = (count) => 1 / (count + 2)
    const scheduled = follow(make(schedule), { params, grads }, kind).updates
    const given = encode(kind)(params)
    let state = make(() => 0).init(given)
    const each = grads.map((gradient, count) => {
      const [update, next] = make(() => schedule(count)).update<Params>(encode(kind)(gradient), state, given)
      state = next
      return decode(gradient, update)
    })
    return sameUpdates(each, scheduled, kind)
  },
}

/**
 * A trial and two factors.
 *
 * @category Generators
 */
export interface FactorsCase {
  /** Parameters and gradients. */
  readonly on: Trial
  /** The one factor. */
  readonly a: number
  /** The other. */
  readonly b: number
}

/**
 * $\operatorname{scale}(a) \circ \operatorname{scale}(b) = \operatorname{scale}(ab)$.
 *
 * @category Laws of composition
 */
export const scaleHomomorphism: Law<(stepSize: number) => Tx, FactorsCase> = {
  name: 'scaleHomomorphism',
  statement: 'scale(a)∘scale(b) = scale(ab)',
  // differs in 35 % of draws, by 1 ulp, measured; a third rounding is that of ab itself
  conditions: 'within 2 ulps, 0 where a and b are powers of two',
  kinds: allKinds,
  arbitrary: (kind) => {
    const factor = fc.oneof(powerOfTwo, fc.double({ min: 0.1, max: 10, noNaN: true }))
    return fc.record({ on: trial(kind), a: factor, b: factor })
  },
  predicate: (make, { on, a, b }, kind) => {
    const exact = [a, b].every((x) => Math.log2(x) % 1 === 0)
    const both = follow(chain(make(a), make(b)), on, kind).updates
    return firstOf(
      follow(make(a * b), on, kind).updates.map((update, i) =>
        compare(`update ${i + 1}`, update, both[i] ?? null, exact ? exactly : { ulps: 2 }, precisionOf(kind)),
      ),
    )
  },
}

/**
 * The laws of composition that every transformation keeps.
 *
 * @category Laws of composition
 * @example
 * ```ts
 * import { sgd } from 'gradpipe'
 * import { checkLaws, compositionLaws } from 'gradpipe/laws'
 *
 * checkLaws(sgd(0.1, { momentum: 0.9 }), compositionLaws, { kinds: ['number'], runs: 5 })
 * ```
 */
export const compositionLaws: readonly Law<Tx>[] = [
  fusedIsUnfused,
  chainIsAssociative,
  identityIsNeutral,
  maskedAll,
  maskedNone,
  partitionRestricts,
  frozenStay,
]
