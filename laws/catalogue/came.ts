/** CAME and its laws. */
import {
  addDecayedWeights,
  came,
  chain,
  type Schedule,
  scale,
  scaleByCame,
  type Tree,
  tree,
} from '../../src/index.js'
import { Block } from '../block.js'
import { decoupledDecay, zeroGradient } from '../closedForm.js'
import { leafwise, reflection } from '../equivariance.js'
import type { TxLaw } from '../law.js'
import type { Tolerance } from '../violation.js'
import { grouped, meanOf } from './axes.js'
import { type Came, cameAfter, cameForm } from './familyForms.js'
import { members } from './forms.js'
import { at, blocksAt, keeps } from './kept.js'
import { larger, leafForms } from './leafForms.js'
import { type CatalogueRow, row } from './row.js'

/** Sums and roots of several stages, and differences of what is near. */
const staged: Tolerance = { ulps: 256, floor: { float32: 2e-5, float64: 1e-12 } }

/** A leaf's means over its last axis, or over the one before. */
const meansOver = (block: Block, fromEnd: 1 | 2): Block => {
  const over = block.shape.length - fromEnd
  const means = grouped(block, (axis) => axis !== over, meanOf)
  const below = block.shape.slice(over + 1).reduce((all, n) => all * n, 1)
  const firsts = [...block.data.keys()].filter((i) => Math.floor(i / below) % (block.shape[over] ?? 1) === 0)
  return new Block(
    block.shape.filter((_, axis) => axis !== over),
    Float64Array.from(firsts, means),
  )
}

/** One of the means that its state has. */
const cameMeans = (name: string, what: string, options: Came, of: 'v' | 's', fromEnd: 1 | 2): TxLaw =>
  keeps({
    name,
    statement: `${name} averages the ${what}`,
    part: at(name),
    value: ({ far }) =>
      tree.mapWithPath((path): Tree<Block> => {
        const { averages } = cameAfter(options)(blocksAt(far, path))
        return averages === null ? null : meansOver(averages[of], fromEnd)
      })(far.at(-1) ?? null) as Tree<Block>, // a tree of trees of blocks is a tree of blocks
    tolerance: staged,
    kinds: ['ndarray'],
    grads: 'positive',
    // means of nothing are none
    minSize: larger.minSize,
  })

const cameRow = (call: string, options: Came): CatalogueRow =>
  row(call, () => scaleByCame(options), [
    reflection,
    leafwise,
    zeroGradient,
    ...leafForms('u = μ/√s, of matrices s = r·c/mean(r), of all else 1', cameForm(options), staged),
    cameMeans('vRow', 'means of g² + ε₁ over rows', options, 'v', 1),
    cameMeans('vCol', 'means of g² + ε₁ over columns', options, 'v', 2),
    cameMeans('sRow', 'means of (x − μ)² + ε₂ over rows', options, 's', 1),
    cameMeans('sCol', 'means of (x − μ)² + ε₂ over columns', options, 's', 2),
  ])

export const cames: readonly CatalogueRow[] = [
  cameRow('scaleByCame()', {}),
  cameRow('scaleByCame({ b1: 0.75, b2: 0.5, b3: 0.875, eps1: 0.25, eps2: 0.125, clippingThreshold: 0.5 })', {
    ...{ b1: 0.75, b2: 0.5, b3: 0.875, eps1: 0.25, eps2: 0.125, clippingThreshold: 0.5 },
  }),
  row(
    'came(0.1, { weightDecay: 0.25, b1: 0.75, clippingThreshold: 0.5 })',
    () => came(0.1, { weightDecay: 0.25, b1: 0.75, clippingThreshold: 0.5 }),
    [
      leafwise,
      decoupledDecay(0.1, 0.25),
      members(
        'came = scaleByCame, addDecayedWeights, the learning rate',
        () => chain(scaleByCame({ b1: 0.75, clippingThreshold: 0.5 }), addDecayedWeights(0.25), scale(-0.1)),
        { states: true, draws: larger },
      ),
    ],
    (learningRate: number | Schedule) => came(learningRate, { weightDecay: 0.25 }),
  ),
]
