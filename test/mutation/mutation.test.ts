import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { isLong, isThorough } from '../laws/runs.js'
import { factories, failedGolden, lawsOn, mutantsOfFactory, runs } from './judge.js'
import type { Mutant } from './mutate.js'
import { reasonOf, survivors } from './survivors.js'

/** Few, for a test among others; `npm run mutants` judges all. */
const few = [
  // elements' slots
  'adam',
  'rprop',
  'scaleByLion',
  // elements' slots, the parameters
  'cocob',
  // a leaf's norm, a leaf's slots
  'scaleByTrustRatio',
  'lars',
  'novograd',
  // the tree's norm, the tree's slots
  'clipByGlobalNorm',
  'dog',
  'prodigy',
  // extra arguments
  'polyakSgd',
  // around others
  'sophia',
  'scheduleFree',
  // chosen by the host's count
  'multiSteps',
  'sam',
  // beside ordinary code
  'scaleBySm3',
  'adafactor',
  // matrices, by their rows and columns and by products
  'adaptiveGradClip',
  'came',
  'muon',
]

/** The faults that are tried: without `CI` every fifth. */
const triedOf = (name: string): readonly Mutant[] =>
  mutantsOfFactory(name).filter((_, i) => isThorough || i % 5 === 0)

beforeAll(async () => {
  await tf.setBackend('cpu')
})

test('there are thousands of mutants', () => {
  expect(factories.flatMap(mutantsOfFactory).length).toBeGreaterThan(9500)
}, 120_000)

describe.each(isLong ? factories : few)('%s', (name) => {
  test('without a fault keeps its laws and goldens', () => {
    const law = lawsOn(name, [isThorough ? runs : 3])(null)
    expect([law, failedGolden(name, null)]).toEqual([null, null])
  })

  test('with any fault breaks a law, unless it is named with the reason why it cannot', () => {
    const lawOf = lawsOn(name)
    const alive = triedOf(name).filter((mutant) => lawOf(mutant) === null)
    const unexplained = alive.filter((mutant) => reasonOf(name, mutant.name) === null)
    expect(unexplained.map((mutant) => mutant.name)).toEqual([])
  }, 120_000)
})

test('every fault that is named as harmless exists, in every factory that it is named for', () => {
  const stale = survivors.flatMap(({ factories: named, fault }) =>
    named
      .filter((name) => !mutantsOfFactory(name).some((mutant) => fault.test(mutant.name)))
      .map((name) => [name, fault]),
  )
  expect(stale).toEqual([])
}, 120_000)
