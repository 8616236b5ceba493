import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import * as fc from 'fast-check'
import { beforeAll, describe, test } from 'vitest'
import {
  allKinds,
  boundScales,
  catalogue,
  checkLaws,
  equally,
  exactly,
  injectedHyperparams,
  type Law,
  sameAs,
  scaleHomomorphism,
  scheduleIsInjected,
  within,
} from '../../laws/index.js'
import {
  addDecayedWeights,
  chain,
  clip,
  clipByBlockRms,
  clipByGlobalNorm,
  type GradientTransformation,
  scale,
  scaleByAdam,
  scaleByLearningRate,
  scaleByTrustRatio,
  sgd,
  trace,
} from '../../src/index.js'
import { asserting, trying } from './runs.js'

beforeAll(async () => {
  await tf.setBackend('cpu')
})

const check = <S>(subject: S, law: Law<S>): void =>
  checkLaws(subject, [law], { kinds: allKinds, ...trying(20) })

describe('families', () => {
  for (const { name, byLearningRate } of catalogue)
    if (byLearningRate !== undefined) {
      test(`${name}: ${injectedHyperparams.statement}`, () => check(byLearningRate, injectedHyperparams))
      test(`${name}: ${scheduleIsInjected.statement}`, () => check(byLearningRate, scheduleIsInjected))
    }

  test.each([
    ['clip', clip],
    ['clipByGlobalNorm', clipByGlobalNorm],
    ['clipByBlockRms', clipByBlockRms],
  ] as const)(`%s: ${boundScales.statement}`, (_, make: (bound: number) => GradientTransformation) =>
    check(make, boundScales),
  )

  test(`scale: ${scaleHomomorphism.statement}`, () => check(scale, scaleHomomorphism))
})

describe('relations', () => {
  test('SGD with L2 regularization is SGD with decoupled decay, up to the order of operations', () => {
    const l2 = chain(addDecayedWeights(0.25), sgd(0.5))
    check(
      l2,
      sameAs({
        name: 'l2',
        statement: 'sgd of g + λp = −ηg − ηλp',
        other: () => chain(sgd(0.5), addDecayedWeights(-0.125)),
        tolerance: within(2),
        draws: { grads: 'positive', params: 'positive' },
      }),
    )
  })

  test('momentum and learning rate change places where the rate is a power of two', () => {
    check(
      chain(trace(0.9), scale(-0.5)),
      sameAs({
        name: 'commute',
        statement: 'trace, scale = scale, trace',
        other: () => chain(scale(-0.5), trace(0.9)),
        tolerance: equally,
      }),
    )
  })

  test('LAMB without decay is Adam with a trust ratio', () => {
    check(
      chain(scaleByAdam({ eps: 1e-6 }), scaleByTrustRatio(), scaleByLearningRate(0.1)),
      sameAs({
        name: 'lamb',
        statement: 'lamb = scaleByAdam, scaleByTrustRatio, the learning rate',
        other: () => catalogue.find(({ call }) => call === 'lamb(0.1)')?.make() ?? scale(0),
        tolerance: exactly,
      }),
    )
  })

  test('clipping to 0 is no update at all', () => {
    check(
      clip(0),
      sameAs({ name: 'zero', statement: 'clip(0) = scale(0)', other: () => scale(0), tolerance: equally }),
    )
  })
})

test('a random chain of two scales is one', () => {
  fc.assert(
    fc.property(fc.integer({ min: -8, max: 8 }), fc.integer({ min: -8, max: 8 }), (a, b) => {
      checkLaws(
        chain(scale(2 ** a), scale(-(2 ** b))),
        [
          sameAs({
            name: 'product',
            statement: 'scale(a)∘scale(b) = scale(ab)',
            other: () => scale(-(2 ** (a + b))),
          }),
        ],
        { runs: 2 },
      )
    }),
    asserting(20),
  )
})
