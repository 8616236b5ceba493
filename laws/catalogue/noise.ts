/** Transformations that add random noise, and their laws: the noise depends on the key, not on the gradients. */
import { addNoise, chain, noisySgd, scale, type Tree, tree } from '../../src/index.js'
import { type Trial, trial } from '../arbitrary.js'
import type { Block } from '../block.js'
import { sameAs } from '../closedForm.js'
import { follow } from '../follow.js'
import { allKinds, precisionOf } from '../kind.js'
import type { Law, Tx } from '../law.js'
import { compare, equally, firstOf } from '../violation.js'
import { agreeing, linear } from './groups.js'
import { type CatalogueRow, row } from './row.js'

const zerosOf = tree.map((block: Block) => block.map(() => 0))

/** Leaf by leaf, the first tree's numbers and the second's at the same place. */
const both = (f: (x: number, y: number) => number): ((x: Tree<Block>, y: Tree<Block>) => Tree<Block>) => {
  const zipped = tree.zipWith((x: Block, y: Block) => x.map((each, i) => f(each, y.data[i] ?? Number.NaN)))
  return (x, y) => {
    const result = zipped(x, y)
    if (result._tag === 'Left') throw result.left
    return result.right
  }
}

/** The noise is the update of a zero gradient; it is added to any other gradient, and depends on none. */
const noiseIsAdded: Law<Tx, Trial> = {
  name: 'noiseIsAdded',
  statement: 'f(g) = g + f(0), whatever the gradients before',
  conditions: 'finite numbers; exact',
  kinds: allKinds,
  arbitrary: (kind) => trial(kind, { grads: 'finite', steps: 4 }),
  predicate: (tx, { params, grads }, kind) => {
    const precision = precisionOf(kind)
    const round = precision === 'float32' ? Math.fround : (x: number): number => x
    const noise = follow(tx, { params, grads: grads.map((each) => zerosOf(each)) }, kind).updates
    return firstOf(
      follow(tx, { params, grads }, kind).updates.map((update, i) => {
        const sum = both((g, z) => round(g + z))(grads[i] ?? null, noise[i] ?? null)
        return compare(`update ${i + 1}`, sum, update, equally, precision)
      }),
    )
  },
}

/** Every element and step has a number of its own: no leaf and no step repeats. */
const noiseIsFresh: Law<Tx, Trial> = {
  name: 'noiseIsFresh',
  statement: 'no two elements, of any leaves or steps, have the same noise',
  conditions: 'zero gradients; up to a hundred numbers per step; 24 random bits in each',
  kinds: allKinds,
  arbitrary: (kind) => trial(kind, { grads: 'finite', steps: 3 }),
  predicate: (tx, { params, grads }, kind) => {
    const { updates } = follow(tx, { params, grads: grads.map((each) => zerosOf(each)) }, kind)
    const all = updates.flatMap((update) => tree.leaves<Block>(update).flatMap(([, { data }]) => [...data]))
    // in ten thousand numbers some three are expected to meet another one by chance
    const [distinct, least] = [new Set(all).size, all.length - Math.ceil((all.length / 3000) ** 2)]
    return distinct >= least
      ? null
      : { where: 'noise', expected: `${least}`, given: `${distinct}`, ulps: null, precision: 'float32' }
  },
}

export const noisy: readonly CatalogueRow[] = [
  row('addNoise(0, 0.55)', () => addNoise(0, 0.55), [
    ...linear,
    agreeing(0, 0),
    sameAs({
      name: 'noNoise',
      statement: 'variance 0 is the identity',
      other: () => scale(1),
      tolerance: equally,
    }),
  ]),
  row('addNoise(0.25, 1, { key: 7 })', () => addNoise(0.25, 1, { key: 7 }), [noiseIsAdded, noiseIsFresh]),
  row(
    'noisySgd(0.1)',
    () => noisySgd(0.1),
    [
      sameAs({
        name: 'noisySgdIsChain',
        statement: 'the noise has variance 0.01·t⁻⁰·⁵⁵ and the key 0',
        other: () => chain(addNoise(0.01, 0.55, { key: 0 }), scale(-0.1)),
      }),
    ],
    noisySgd,
  ),
  row('noisySgd(0.1, { eta: 4, gamma: 2, seed: 3 })', () => noisySgd(0.1, { eta: 4, gamma: 2, seed: 3 }), [
    sameAs({
      name: 'noisySgdIsChain',
      statement: 'the noise has variance η·t⁻ᵞ and the key of the seed',
      other: () => chain(addNoise(4, 2, { key: [0, 3] }), scale(-0.1)),
    }),
  ]),
]
