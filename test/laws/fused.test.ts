import '@tensorflow/tfjs-backend-wasm'
import * as tf from '@tensorflow/tfjs-core'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Block, follow, type Trial, trial } from '../../laws/index.js'
import { tidily } from '../../laws/tensor.js'
import { fromRule, kernelStatistics, norm, type Tree, tree } from '../../src/index.js'
import { withInterpreter } from '../../src/tfjs/index.js'
import {
  bitForBit,
  constants,
  elementwise,
  exactlyReduced,
  expectEqualBits,
  fusedOn,
  inTurns,
  large,
  rules,
  small,
  timeout,
} from './drawn.js'
import { deviation, journey } from './journey.js'
import { type RuleSketch, type Sketch, termSketch, transformationOf, type Vocabulary } from './randomRule.js'
import { asserting, isThorough, runsOf } from './runs.js'

fusedOn('wasm')

/** What is not asked for. */
const inert: Omit<RuleSketch, 'update'> = { m: 'm', l: 'l', r: 'r' }

// fused = numbers in float32, bit for bit

describe('a fused step on WASM is that of numbers in float32, bit for bit', () => {
  test(
    `by ${16 * runsOf(100)} random rules of every operator, reductions among them, on small trees of special values`,
    () => fc.assert(inTurns(rules(exactlyReduced, 16), small, bitForBit), asserting(100)),
    timeout,
  )

  test(
    `by ${16 * runsOf(50)} random rules of every operator without reductions`,
    () => fc.assert(inTurns(rules(elementwise, 16), small, bitForBit), asserting(50)),
    timeout,
  )

  test(
    'by random rules on leaves of up to 100,000 elements with random bits',
    () => fc.assert(inTurns(rules(exactlyReduced, 1), large, bitForBit), asserting(20)),
    timeout,
  )

  test('so that a rule of a sum of everything sees each element once, in a leaf of any size', () => {
    const tx = transformationOf({ ...inert, update: ['sum', 'leaf', 'g'] })
    for (let size = 0; size <= 200; size++) {
      const on = new Block(
        [size],
        Float64Array.from({ length: size }, (_, i) => i + 1),
      )
      const trial: Trial = { params: on, grads: [on] }
      expectEqualBits(tx, trial, `${size} elements`)
    }
  })
})

// sums, in another order

/**
 * A sum is accumulated in float64, in any order, and rounded to float32 once; but the eight vectors of one turn of a
 * kernel are added first, pair by pair, in float32. Three roundings are each off by at most 2⁻²⁴ of a part of the
 * sum of magnitudes M. Each of the n additions in float64 is off by at most 2⁻⁵³ of a partial sum, none of which
 * exceeds M: here and there at most 2n·2⁻⁵³·M. Rounding is monotone, so that the result lies between the roundings
 * of both ends.
 */
const sumOf = (x: Float64Array): { readonly least: number; readonly greatest: number } => {
  const sum = x.reduce((a, b) => a + b, 0)
  const apart = (3 * 2 ** -24 + 2 * x.length * 2 ** -53) * x.reduce((a, b) => a + Math.abs(b), 0)
  // what is not finite has no width: its kind does not depend on the order
  const width = Number.isFinite(apart) ? apart : 0
  return { least: Math.fround(sum - width), greatest: Math.fround(sum + width) }
}

/** Expects a leaf to hold the sum of some elements, in every place. */
const expectSum = (given: Block | undefined, elements: Float64Array): void => {
  const { least, greatest } = sumOf(elements)
  const [first = Number.NaN] = given?.data ?? []
  expect(given?.data.every((x) => Object.is(x, first))).toBe(true)
  if (Number.isNaN(least)) expect(first).toBeNaN()
  else {
    expect(first).toBeGreaterThanOrEqual(least)
    expect(first).toBeLessThanOrEqual(greatest)
  }
}

const blocks = (from: Tree<Block>): readonly Block[] => tree.leaves(from).map(([, leaf]) => leaf)

const firstUpdate = (update: Sketch, on: Trial, kind: 'float32' | 'tensor'): Tree<Block> => {
  const tx = transformationOf({ ...inert, update })
  return tidily(() => follow(tx, on, kind)).updates[0] ?? null
}

describe('a sum on WASM', () => {
  const finiteOrNot = fc.oneof(
    trial('tensor', { grads: 'special', params: 'special', steps: 1 }),
    trial('tensor', { grads: 'normal', params: 'normal', steps: 1 }),
    large,
  )

  test(
    'of any elementwise term is that of float64 in another order, rounded once; NaN and infinities exact',
    () =>
      fc.assert(
        inTurns(termSketch(elementwise), finiteOrNot, (term, on) => {
          const elements = blocks(firstUpdate(term, on, 'float32'))
          const whole = new Float64Array(elements.reduce((size, { data }) => size + data.length, 0))
          let next = 0
          for (const { data } of elements) {
            whole.set(data, next)
            next += data.length
          }
          const ofLeaf = blocks(firstUpdate(['sum', 'leaf', term], on, 'tensor'))
          const ofTree = blocks(firstUpdate(['sum', 'tree', term], on, 'tensor'))
          for (const [i, { data }] of elements.entries()) {
            if (data.length === 0) continue
            expectSum(ofLeaf[i], data)
            expectSum(ofTree[i], whole)
          }
        }),
        asserting(150),
      ),
    timeout,
  )

  const many = isThorough ? 10_000_000 : 2_000_000

  test(`of ${many.toLocaleString('en')} squares gives a norm within 1e-6 of that in float64`, () => {
    const drawn = Float32Array.from({ length: many }, (_, i) => Math.sin(i) * 2 ** (i % 7))
    const expected = Math.sqrt(drawn.reduce((sum, x) => sum + x * x, 0))
    const g = tf.tensor1d(drawn)
    for (const over of ['leaf', 'tree'] as const) {
      const tx = fromRule({ slots: {}, scalars: {}, step: ({ g }) => ({ update: norm(g, over) }) })
      const [first = Number.NaN] = tidily(() => tx.update(g, tx.init(g))[0].dataSync())
      expect(Math.abs(first / expected - 1)).toBeLessThan(1e-6)
    }
    g.dispose()
  })
})

// fused = operator by operator

describe('forced to go operator by operator on WASM', () => {
  const ieee: Vocabulary = {
    unary: ['neg', 'abs', 'sqrt', 'sign'],
    // without min and max, of which either zero will do
    binary: ['add', 'sub', 'mul', 'div'],
    factors: 'any',
    reductions: false,
    constants,
  }

  test(
    'random rules of IEEE operators give the same as fused, bit for bit',
    () =>
      fc.assert(
        inTurns(rules(ieee, 1), small, (drawn, on) => {
          for (const rule of drawn) {
            const tx = transformationOf(rule)
            const { launches } = kernelStatistics()
            const unfused = withInterpreter('tensor', () => journey(tx, on, 'tensor'))
            expect(kernelStatistics().launches).toBe(launches)
            const fused = withInterpreter('wasm', () => journey(tx, on, 'tensor'))
            expect(deviation(unfused, fused), JSON.stringify(rule)).toBeNull()
          }
        }),
        asserting(100),
      ),
    timeout,
  )
})
