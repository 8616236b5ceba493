/** Steps on the cpu backend against those on arrays: tensors of any shape, in every bit, sums among them. */
import '@tensorflow/tfjs-backend-cpu'
import * as fc from 'fast-check'
import { test } from 'vitest'
import { bitForBit, constants, elementwise, fusedOn, inTurns, large, rules, small, timeout } from './drawn.js'
import { everything, type Vocabulary } from './randomRule.js'
import { asserting, runsOf } from './runs.js'

fusedOn('cpu')

/** Every operator, and sums of anything: they are added in the order of the elements, as those of arrays. */
const every: Vocabulary = { ...everything, constants }

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
