import '@tensorflow/tfjs-backend-wasm'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { catalogue, checkLaws, interpretersAgree, lawsOf, within } from '../../laws/index.js'
import { withInterpreter } from '../../src/tfjs/index.js'
import { trying } from './runs.js'

beforeAll(async () => {
  await tf.setBackend('wasm')
  expect(tf.getBackend()).toBe('wasm')
})

/** One of each kind of rule: linear, adaptive, of signs, of leaf norms, of a tree's norm, and some that are no rules. */
const calls = [
  'sgd(0.1, { momentum: 0.9 })',
  'adamw(0.1, { weightDecay: 0.25 })',
  'radam(0.1)',
  'rprop(1)',
  'lamb(0.1)',
  'clipByGlobalNorm(1)',
  'chain(trace(0.9), centralize(), scale(-0.1))',
  'scaleByFactoredRms({ minDimSizeToFactor: 2 })',
  'scaleBySm3()',
  'scaleByCame()',
  'scaleByMuon({ weightDimensionNumbers: ({ shape }) => (shape.length === 2 ? {} : null) })',
]

/** Fused, and operator by operator. */
const both = (['wasm', 'tensor'] as const).flatMap((by) => calls.map((call) => [by, call] as const))

describe.each(both)('tensors on WASM, by the interpreter %s, %s', (by, call) => {
  const row = catalogue.find((each) => each.call === call)
  if (row === undefined) throw new Error(`the catalogue has no ${call}`)
  for (const law of lawsOf(row))
    if (law.kinds.includes('tensor'))
      test(`${law.name}: ${law.statement}`, () =>
        withInterpreter(by, () => checkLaws(row.make(), [law], { kinds: ['tensor'], ...trying(5) })))
})

// a reduction in float32, in vector registers, is off by more than one in float64
test.each(['lamb(0.1)', 'lars(0.1)', 'clipByGlobalNorm(1)'])('%s agrees within 32 ulps', (call) => {
  const row = catalogue.find((each) => each.call === call)
  const law = interpretersAgree({ float32: within(64), tensor: within(32), numbers: false })
  if (row !== undefined) checkLaws(row.make(), [law], { kinds: ['tensor'], ...trying(20) })
})
