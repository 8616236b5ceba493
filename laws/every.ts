/** What holds for every transformation, whatever its rule. */

import { applyUpdates, type Leaf, type Params, step, type Tree, tree } from '../src/index.js'
import { type Trial, trial } from './arbitrary.js'
import type { Block } from './block.js'
import { donatedStepIsStep } from './donation.js'
import { follow, stateTree } from './follow.js'
import { allKinds, encode, read } from './kind.js'
import type { Law, Tx } from './law.js'
import { apart, leavesOf, remembered, watched } from './memory.js'
import { compare, compareTrees, exactly, firstOf, unless } from './violation.js'

// purity

/**
 * `update` is a pure function: the same arguments give the same result, the arguments stay as they are, the result
 * has memory of its own, and no tensor is left behind.
 *
 * @category Laws of every transformation
 */
export const updateIsPure: Law<Tx, Trial> = {
  name: 'updateIsPure',
  statement:
    'update and init give the same for the same, change no argument, share no memory and leave none behind',
  conditions: 'all numbers, NaN and infinities too; exact',
  kinds: allKinds,
  arbitrary: (kind) => trial(kind, { grads: 'special', params: 'special', steps: 3 }),
  predicate: (tx, { params, grads }, kind) => {
    const given = encode(kind)(params)
    const [first, leak] = watched('init', () => tx.init(given))
    const problem = firstOf([leak, apart('the first state', first, [given])])
    if (problem !== null) return problem
    let state = first
    for (const [i, gradient] of grads.entries()) {
      const encoded = encode(kind)(gradient)
      const [before, at] = [state, `update ${i + 1}`]
      const unchanged = remembered([encoded, stateTree(before), given])
      const [result, leaked] = watched(at, () => tx.update<Params>(encoded, before, given))
      const [again] = watched(at, () => tx.update<Params>(encoded, before, given))
      const wrong = firstOf([
        unchanged(),
        leaked,
        apart(at, result, [encoded, before, given]),
        compareTrees(`${at}, again`, stateTree(result), stateTree(again), exactly, kind),
      ])
      if (wrong !== null) return wrong
      state = result[1]
    }
    return null
  },
}

// structure

const reversed = (node: Params): Params => {
  if (typeof node !== 'object' || node === null || ArrayBuffer.isView(node)) return node
  // Array.isArray does not narrow readonly arrays
  if (Array.isArray(node)) return (node as readonly Params[]).map(reversed)
  // a record or a tensor; a tensor is no plain object
  if (Object.getPrototypeOf(node) !== Object.prototype) return node
  return Object.fromEntries(
    Object.entries(node)
      .reverse()
      .map(([key, child]: readonly [string, Params]) => [key, reversed(child)]),
  )
}

/**
 * Trees are matched by key: the order of a record's keys never changes a number.
 *
 * @category Laws of every transformation
 */
export const keyOrder: Law<Tx, Trial> = {
  name: 'keyOrder',
  statement: 'the order of keys in gradients, state and parameters does not matter',
  conditions: 'all numbers; exact',
  kinds: allKinds,
  arbitrary: (kind) => trial(kind, { grads: 'finite', steps: 3 }),
  predicate: (tx, { params, grads }, kind) => {
    const given = encode(kind)(params)
    let [state, other]: readonly [unknown, unknown] = [tx.init(given), tx.init(reversed(given))]
    for (const [i, gradient] of grads.entries()) {
      const encoded = encode(kind)(gradient)
      const one = tx.update<Params>(encoded, state, given)
      const two = tx.update<Params>(reversed(encoded), reversed(stateTree(other)), given)
      const wrong = compareTrees(`step ${i + 1}`, stateTree(one), stateTree(two), exactly, kind)
      if (wrong !== null) return wrong
      ;[state, other] = [one[1], two[1]]
    }
    return null
  },
}

/**
 * `null` is "nothing here": it passes through, beside anything, and changes nothing.
 *
 * @category Laws of every transformation
 */
export const nullPassesThrough: Law<Tx, Trial> = {
  name: 'nullPassesThrough',
  statement: 'a null leaf stays null and changes nothing else',
  conditions: 'all numbers; exact',
  kinds: allKinds,
  arbitrary: (kind) => trial(kind, { grads: 'finite', steps: 3 }),
  predicate: (tx, { params, grads }, kind) => {
    const beside = (blocks: Tree<Block>): Tree<Block> => ({ all: blocks, none: null })
    const alone = follow(tx, { params: { all: params }, grads: grads.map((all) => ({ all })) }, kind)
    const paired = follow(tx, { params: beside(params), grads: grads.map(beside) }, kind)
    return firstOf(
      alone.updates.map((update, i) => {
        const all = typeof update === 'object' && update !== null && 'all' in update ? update.all : null
        return compare(`update ${i + 1}`, beside(all), paired.updates[i] ?? null, exactly, 'float64')
      }),
    )
  },
}

/**
 * A leaf without a gradient does not change: its update is `null`, and its state stays, bit for bit.
 *
 * @category Laws of every transformation
 */
export const noGradientNoChange: Law<Tx, Trial> = {
  name: 'noGradientNoChange',
  statement: 'a leaf whose gradient is null has no update, and keeps its state and its parameter',
  conditions: 'all numbers; exact',
  kinds: allKinds,
  arbitrary: (kind) => trial(kind, { grads: 'finite', steps: 2 }),
  predicate: (tx, { params, grads }, kind) => {
    const [first = null] = grads
    const given = encode(kind)({ on: params, off: params })
    const [, state] = tx.update<Params>(encode(kind)({ on: first, off: first }), tx.init(given), given)
    const half = encode(kind)({ on: first, off: null })
    const [updates, next] = tx.update<Params>(half, state, given)
    const [moved] = step(tx)<Params>(given, state, half)
    // the state has the values of a leaf under its path
    const off = (from: unknown): Params =>
      tree.leaves<Leaf>(stateTree(from)).flatMap(([path, leaf]) => (path.includes('off') ? [leaf] : []))
    return firstOf([
      unless(leavesOf(off(updates)).length === 0, 'updates.off', 'null', 'an update'),
      compareTrees('state.off', off(state), off(next), exactly, kind),
      compareTrees('params.off', off(given), off(moved), exactly, kind),
    ])
  },
}

const isPlain = (node: unknown): boolean =>
  node === null ||
  (Array.isArray(node)
    ? node.every(isPlain)
    : typeof node === 'object' && Object.getPrototypeOf(node) === Object.prototype
      ? Object.values(node).every(isPlain)
      : typeof node === 'number' || ArrayBuffer.isView(node) || isLeafTensor(node))

const isLeafTensor = (node: unknown): boolean =>
  typeof node === 'object' && node !== null && 'dtype' in node && 'shape' in node

const outline = (state: unknown): string =>
  tree
    .leaves<Leaf>(stateTree(state))
    .map(
      ([path, leaf]) =>
        `${tree.showPath(path)}: ${typeof leaf === 'number' ? 'number' : `[${read(leaf).shape}]`}`,
    )
    .join('; ')

/**
 * A state is plain data, and keeps its structure from step to step: it can be saved, compared and sent.
 *
 * @category Laws of every transformation
 */
export const stateIsPlainData: Law<Tx, Trial> = {
  name: 'stateIsPlainData',
  statement: 'a state consists of records, arrays, numbers, leaves and null, and a step keeps its structure',
  conditions: 'all numbers; exact',
  kinds: allKinds,
  arbitrary: (kind) => trial(kind, { grads: 'finite', steps: 3 }),
  predicate: (tx, given, kind) => {
    const { states } = follow(tx, given, kind)
    const [first] = states
    return firstOf(
      states.flatMap((state, i) => [
        unless(isPlain(state), `state ${i}`, 'plain data', 'something else'),
        unless(outline(state) === outline(first), `state ${i}`, outline(first), outline(state)),
      ]),
    )
  },
}

/**
 * $\operatorname{step}(p, s, g) = (p + u, s')$ where $(u, s') = \operatorname{update}(g, s, p)$.
 *
 * @category Laws of every transformation
 */
export const stepUpdatesAndApplies: Law<Tx, Trial> = {
  name: 'stepUpdatesAndApplies',
  statement: 'step = update, then applyUpdates: the same parameters and state',
  conditions: 'all numbers, NaN and infinities too; exact, a constant zero update aside (which leaves −0 be)',
  kinds: allKinds,
  arbitrary: (kind) => trial(kind, { grads: 'special', params: 'finite', steps: 3 }),
  predicate: (tx, { params, grads }, kind) => {
    let [at, state]: readonly [Params, unknown] = [encode(kind)(params), tx.init(encode(kind)(params))]
    for (const [i, gradient] of grads.entries()) {
      const encoded = encode(kind)(gradient)
      const [updates, next] = tx.update<Params>(encoded, state, at)
      const moved = applyUpdates<Params>(at, updates)
      const [stepped, after] = step(tx)<Params>(at, state, encoded)
      const wrong = firstOf([
        compareTrees(`params ${i + 1}`, moved, stepped, { ulps: 0, floor: 0 }, kind),
        compareTrees(`state ${i + 1}`, stateTree(next), stateTree(after), exactly, kind),
      ])
      if (wrong !== null) return wrong
      ;[at, state] = [stepped, after]
    }
    return null
  },
}

/**
 * The laws of every transformation.
 *
 * @category Laws of every transformation
 * @example
 * ```ts
 * import { lamb } from 'gradpipe'
 * import { checkLaws, everyLaw } from 'gradpipe/laws'
 *
 * checkLaws(lamb(0.1), everyLaw, { kinds: ['float32'], runs: 5 })
 * ```
 */
export const everyLaw: readonly Law<Tx>[] = [
  updateIsPure,
  keyOrder,
  nullPassesThrough,
  noGradientNoChange,
  stateIsPlainData,
  stepUpdatesAndApplies,
  donatedStepIsStep,
]
