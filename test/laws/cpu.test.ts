/** Steps on the cpu backend against those on arrays: tensors of any shape, in every bit, sums among them. */
import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import * as fc from 'fast-check'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Trial } from '../../laws/index.js'
import { kernelStatistics } from '../../src/index.js'
import { constants, elementwise, expectEqualBits, inTurns, large, rules, small, timeout } from './drawn.js'
import { everything, type RuleSketch, transformationOf, type Vocabulary } from './randomRule.js'
import { asserting, runsOf } from './runs.js'

let before = kernelStatistics()

beforeAll(async () => {
  await tf.setBackend('cpu')
  expect(tf.getBackend()).toBe('cpu')
})

beforeEach(() => {
  before = kernelStatistics()
})

afterEach(() => {
  const { fallbacks, launches } = kernelStatistics()
  expect(fallbacks).toBe(before.fallbacks)
  expect(launches).toBeGreaterThan(before.launches)
})

/** Every operator, and sums of anything: they are added in the order of the elements, as those of arrays. */
const every: Vocabulary = { ...everything, constants }

const bitForBit = (drawn: readonly RuleSketch[], on: Trial): void => {
  for (const rule of drawn) expectEqualBits(transformationOf(rule), on, JSON.stringify(rule))
}

test(
  `${8 * runsOf(30)} random rules of every operator, reductions among them, give the same on small trees of special values`,
  () => fc.assert(inTurns(rules(every, 8), small, bitForBit), asserting(30)),
  timeout,
)

test(
  `${8 * runsOf(10)} random rules without reductions give the same`,
  () => fc.assert(inTurns(rules(elementwise, 8), small, bitForBit), asserting(10)),
  timeout,
)

test(
  'random rules give the same on leaves of up to 100,000 elements with random bits',
  () => fc.assert(inTurns(rules(every, 1), large, bitForBit), asserting(8)),
  timeout,
)
