/** Fused steps on WASM against numbers in float32, where there is more than one rule, and more than a few of anything. */
import '@tensorflow/tfjs-backend-wasm'
import * as tf from '@tensorflow/tfjs-core'
import * as fc from 'fast-check'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Block, Trial } from '../../laws/index.js'
import { chain, kernelStatistics, type LeafSpec, masked, partition, type Tree } from '../../src/index.js'
import { bits, block, exactlyReduced, expectEqualBits, inTurns, rules, small, timeout } from './drawn.js'
import { type Sketch, transformationOf } from './randomRule.js'
import { asserting, runsOf } from './runs.js'

let fallbacks = 0

beforeAll(async () => {
  await tf.setBackend('wasm')
  expect(tf.getBackend()).toBe('wasm')
})

beforeEach(() => {
  fallbacks = kernelStatistics().fallbacks
})

afterEach(() => {
  expect(kernelStatistics().fallbacks).toBe(fallbacks)
})

/** By the number of elements: arrays have other shapes than tensors. */
const isOdd = ({ shape }: LeafSpec): boolean => shape.reduce((size, n) => size * n, 1) % 2 === 1

test(
  `chains, partitions and masks of ${4 * runsOf(100)} random rules, which reduce over the leaves that are theirs, are exact`,
  () =>
    fc.assert(
      inTurns(rules(exactlyReduced, 4), small, (drawn, on) => {
        const [first, one, two, last] = drawn.map(transformationOf)
        if (!(first && one && two && last)) throw new Error('four rules')
        const tx = chain(
          first,
          partition({ odd: one, even: two }, (leaf) => (isOdd(leaf) ? 'odd' : 'even')),
          masked(last, isOdd),
        )
        expectEqualBits(tx, on, JSON.stringify(drawn))
      }),
      asserting(100),
    ),
  timeout,
)

const terms: readonly (readonly [string, Sketch])[] = [
  ['elements', ['select', 'lt', 'g', 'p', ['mul', 'm', ['tanh', 'g']], ['sub', 'p', ['div', 'm', 'a']]]],
  ['a maximum over each leaf', ['mul', 'g', ['max of', 'leaf', ['abs', 'g']]]],
  ['a sum over the tree', ['div', 'p', ['sum', 'tree', ['sign', 'g']]]],
  ['reductions of reductions', ['sub', 'g', ['max of', 'tree', ['mul', 'p', ['max of', 'leaf', 'g']]]]],
]

test.each(terms)('a tree of five hundred leaves of every size is exact, by %s', (_, update) => {
  const tx = transformationOf({ update, m: ['add', 'm', 'g'], l: 'g', r: ['abs', 'p'] })
  const next = bits(7)
  const column = (): Tree<Block> =>
    Array.from({ length: 500 }, (_each, i) => (i % 50 === 49 ? null : block([i % 97], next)))
  const on: Trial = { params: column(), grads: [column(), column()] }
  expectEqualBits(tx, on, 'five hundred leaves')
})

test.each([20, 60, 100, 200, 600])('a term of %d operators is exact', (length) => {
  const chosen = ['g', 'p', 'm'] as const
  const long = (from: number): Sketch =>
    Array.from({ length }).reduce<Sketch>((term, _each, i) => {
      const other = chosen[(i + from) % 3] ?? 'g'
      return i % 4 === 3 ? ['select', 'le', other, 'g', term, other] : [i % 2 ? 'add' : 'mul', term, other]
    }, 'p')
  const tx = transformationOf({
    update: long(0),
    m: ['max of', 'leaf', long(1)],
    l: long(2),
    r: 'p',
  })
  const next = bits(length)
  const column = (): Tree<Block> => [31, 64, 71, 200].map((size) => block([size], next))
  expectEqualBits(tx, { params: column(), grads: [column()] }, `${length} operators`)
})
