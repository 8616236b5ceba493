/** What random rules are drawn from, and what they are tried on, where results must be equal to the bit. */

import * as tf from '@tensorflow/tfjs-core'
import * as fc from 'fast-check'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { Block, type Trial, trial } from '../../laws/index.js'
import { type GradientTransformation, kernelStatistics, type Tree, tree } from '../../src/index.js'
import { deviation, journey } from './journey.js'
import {
  everything,
  type RuleSketch,
  ruleSketch,
  startSketch,
  transformationOf,
  type Vocabulary,
} from './randomRule.js'
import { isLong } from './runs.js'

// rules

/** Constants that need rounding, vanish or overflow when a step rounds them to float32, and those that are special. */
export const constants: readonly number[] = [
  0,
  -0,
  1,
  2,
  -1,
  0.1,
  2 ** -149,
  1e-60,
  1e60,
  Number.NaN,
  Number.NEGATIVE_INFINITY,
]

/** Every operator, without reductions. */
export const elementwise: Vocabulary = { ...everything, reductions: false, constants }

/** Every operator; sums are of signs alone, which are exact in every order, as are maxima of anything. */
export const exactlyReduced: Vocabulary = { ...everything, sums: 'signs', constants }

export const rules = (vocabulary: Vocabulary, count: number): fc.Arbitrary<readonly RuleSketch[]> => {
  const rule = fc
    .tuple(ruleSketch(vocabulary), startSketch(vocabulary))
    .map(([drawn, start]) => ({ ...drawn, start }))
  return fc.array(rule, { minLength: count, maxLength: count })
}

// numbers

/** Numbers whose bits are drawn: every exponent is as likely as the other, NaN and infinities among them. */
export const bits = (seed: number): (() => number) => {
  const view = new DataView(new ArrayBuffer(4))
  let state = seed | 0 || 1
  return () => {
    // Marsaglia's xorshift, 32 bits
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    view.setInt32(0, state)
    return view.getFloat32(0)
  }
}

export const block = (shape: readonly number[], next: () => number): Block =>
  new Block(shape, Float64Array.from({ length: shape.reduce((size, n) => size * n, 1) }, next))

/** Shapes around the ends of vectors and of several vectors per turn, and large ones. */
const shapes = [[], [0], [3], [31], [33], [7, 9], [127], [2, 3, 43], [1000], [4097], [255, 257], [100_000]]

/** Trees of a few leaves, large ones among them. */
export const large: fc.Arbitrary<Trial> = fc
  .tuple(fc.integer(), fc.array(fc.constantFrom(...shapes), { minLength: 1, maxLength: 3 }))
  .map(([seed, drawn]) => {
    const next = bits(seed)
    const column = (): Tree<Block> => ({
      all: drawn.map((shape) => block(shape, next)),
      none: null,
    })
    return { params: column(), grads: [column(), column()] }
  })

/** Some of the gradients are `null`: those leaves are left alone. */
export const small: fc.Arbitrary<Trial> = fc
  .tuple(
    trial('tensor', { grads: 'special', params: 'special', steps: 2 }),
    fc.array(fc.integer({ min: 0, max: 7 }), { minLength: 1, maxLength: 5 }),
  )
  .map(([{ params, grads }, chosen]) => ({
    params,
    grads: grads.map((gradient, step) => {
      let leaf = step
      // a tree of trees is a tree
      return tree.map((each: Block) => (chosen[leaf++ % chosen.length] === 0 ? null : each))(gradient)
    }),
  }))

// trying

/** Random rules take seconds; on busy cores, or when many are asked for, much longer. */
export const timeout: number = isLong ? 24 * 60 * 60 * 1000 : 120_000

/**
 * Checks each draw in a turn of the event loop of its own: terms, and the kernels compiled for them, are held weakly,
 * and what a weak reference has shown stays alive until the turn ends.
 */
export const inTurns = <A, B>(
  a: fc.Arbitrary<A>,
  b: fc.Arbitrary<B>,
  check: (a: A, b: B) => void,
): fc.IAsyncProperty<[A, B]> =>
  fc.asyncProperty(a, b, async (x, y) => {
    check(x, y)
    await new Promise((resolve) => setImmediate(resolve))
  })

/** Expects the same of tensors as of numbers in float32, in every bit. */
export const expectEqualBits = (tx: GradientTransformation, on: Trial, called: string): void => {
  expect(deviation(journey(tx, on, 'float32'), journey(tx, on, 'tensor')), called).toBeNull()
}

/** Rules that give the same on tensors as on arrays, in every bit. */
export const bitForBit = (drawn: readonly RuleSketch[], on: Trial): void => {
  for (const rule of drawn) expectEqualBits(transformationOf(rule), on, JSON.stringify(rule))
}

/** Runs a file's tests on a backend; they have to launch kernels, and none may fall back. */
export const fusedOn = (backend: string): void => {
  const begun = kernelStatistics()
  let before = begun
  beforeAll(async () => {
    await tf.setBackend(backend)
    expect(tf.getBackend()).toBe(backend)
  })
  beforeEach(() => {
    before = kernelStatistics()
  })
  afterEach(() => {
    expect(kernelStatistics().fallbacks).toBe(before.fallbacks)
  })
  // in all: few small draws may be stepped by loops alone
  afterAll(() => {
    expect(kernelStatistics().launches).toBeGreaterThan(begun.launches)
  })
}
