/** Arguments of factories that stand before the options, and trees of labels. */
import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, test } from 'vitest'
import {
  adamw,
  andThen,
  clip,
  dispose,
  type GradientTransformation,
  type GradpipeError,
  injectHyperparams,
  injectStatefulHyperparams,
  multiSteps,
  norm,
  scale,
  scaleByAdopt,
  sgd,
  step,
} from '../../src/index.js'
import { thrown } from '../thrown.js'
import { factory, ofLearningRate, required } from './calls.js'

const notNumbers = ['nonsense', Number.NaN, null, {}, [0.1]]
const negative = [...notNumbers, undefined, -1]
const count = [...notNumbers, undefined, 0, -1, 1.5]
const callable = ['nonsense', undefined, null, 1, {}]
const transformation = [undefined, null, 1, {}, sgd, { init: () => 0 }]
const mask = [undefined, 1, 'w', { w: 1 }, { w: { b: 'yes' } }]

/** What a function of hyperparameters makes of none. */
const made = (inject: unknown): unknown => typeof inject === 'function' && inject({})

/** An argument by the path that a mistake is told under, how it is given, and what is wrong. */
const rows: readonly (readonly [
  path: string,
  call: (wrong: unknown) => unknown,
  wrong: readonly unknown[],
])[] = [
  ['scale.stepSize', (x) => factory('scale')(x), callable.filter((x) => x !== 1)],
  ['scaleBySchedule.stepSizeFn', (x) => factory('scaleBySchedule')(x), callable],
  ['scaleByLearningRate.learningRate', (x) => factory('scaleByLearningRate')(x), notNumbers],
  ['scaleByRprop.learningRate', (x) => factory('scaleByRprop')(x), [...negative, () => 1]],
  ['scaleByMadgrad.learningRate', (x) => factory('scaleByMadgrad')(x), notNumbers],
  ['addDecayedWeights.weightDecay', (x) => factory('addDecayedWeights')(x), notNumbers],
  ['trace.decay', (x) => factory('trace')(x), [...negative, 1.5]],
  ['ema.decay', (x) => factory('ema')(x), [...negative, 1]],
  ['measureWithEma.decay', (x) => factory('measureWithEma')(norm, x), [...negative, 1]],
  ['measureWithEma.measure', (x) => factory('measureWithEma')(x, 0.5), callable],
  ['snapshot.measure', (x) => factory('snapshot')('norm', x), callable],
  ['snapshot.measureName', (x) => factory('snapshot')(x, norm), [undefined, 1, norm]],
  ['monitor.norm', (x) => factory('monitor')({ norm: x }), [undefined, 1, {}]],
  ['clip.maxDelta', (x) => factory('clip')(x), negative],
  ['clipByGlobalNorm.maxNorm', (x) => factory('clipByGlobalNorm')(x), negative],
  ['clipByBlockRms.threshold', (x) => factory('clipByBlockRms')(x), negative],
  ['adaptiveGradClip.clipping', (x) => factory('adaptiveGradClip')(x), negative],
  ['addNoise.eta', (x) => factory('addNoise')(x, 0.5), negative],
  ['addNoise.gamma', (x) => factory('addNoise')(1, x), notNumbers],
  [
    'differentiallyPrivateAggregate.l2NormClip',
    (x) => factory('differentiallyPrivateAggregate')(x, 1),
    negative,
  ],
  [
    'differentiallyPrivateAggregate.noiseMultiplier',
    (x) => factory('differentiallyPrivateAggregate')(1, x),
    negative,
  ],
  [
    'scaleByBacktrackingLinesearch.maxBacktrackingSteps',
    (x) => factory('scaleByBacktrackingLinesearch')(x),
    count,
  ],
  ['scaleByZoomLinesearch.maxLinesearchSteps', (x) => factory('scaleByZoomLinesearch')(x), count],
  ['skipLargeUpdates.maxSquaredNorm', (x) => factory('skipLargeUpdates')(x), notNumbers],
  ['stateless.f', (x) => factory('stateless')(x), callable],
  ['statelessWithTreeMap.f', (x) => factory('statelessWithTreeMap')(x), callable],
  ['multiSteps.everyKSchedule', (x) => factory('multiSteps')(sgd(1), x), count],
  ['applyIfFinite.maxConsecutiveErrors', (x) => factory('applyIfFinite')(sgd(1), x), [...negative, 1.5]],
  ['scheduleFree.learningRate', (x) => factory('scheduleFree')(sgd(1), x), notNumbers],
  ['conditionallyMask.shouldTransformFn', (x) => factory('conditionallyMask')(sgd(1), x), callable],
  ['conditionallyTransform.shouldTransformFn', (x) => factory('conditionallyTransform')(sgd(1), x), callable],
  ['maybeUpdate.shouldUpdateFn', (x) => factory('maybeUpdate')(sgd(1), x), callable],
  ['injectHyperparams.inner', (x) => made(factory('injectHyperparams')(x)), callable],
  ['injectStatefulHyperparams.inner', (x) => made(factory('injectStatefulHyperparams')(x)), callable],
  ['constantSchedule.value', (x) => factory('constantSchedule')(x), notNumbers],
  ['cosineDecaySchedule.initValue', (x) => factory('cosineDecaySchedule')(x, 10), notNumbers],
  ['cosineDecaySchedule.decaySteps', (x) => factory('cosineDecaySchedule')(1, x), [...negative, 0]],
  [
    'cosineOnecycleSchedule.transitionSteps',
    (x) => factory('cosineOnecycleSchedule')(x, 1),
    [...negative, 0],
  ],
  ['linearOnecycleSchedule.peakValue', (x) => factory('linearOnecycleSchedule')(10, x), notNumbers],
  ['piecewiseConstantSchedule.initValue', (x) => factory('piecewiseConstantSchedule')(x), notNumbers],

  // transformations inside of others
  ['chain.1', (x) => factory('chain')(sgd(1), x), transformation],
  ['andThen.second', (x) => factory('andThen')(x), transformation],
  ['andThen.first', (x) => andThen(sgd(1))(x as never), transformation],
  ['namedChain.a', (x) => factory('namedChain')(['a', x]), transformation],
  ['partition.transforms.a', (x) => factory('partition')({ a: x }, 'a'), transformation],
  ['masked.inner', (x) => factory('masked')(x, true), transformation],
  ['flatten.inner', (x) => factory('flatten')(x), transformation],
  ['selectiveTransform.optimizer', (x) => factory('selectiveTransform')(x, true), transformation],
  ['multiSteps.inner', (x) => factory('multiSteps')(x, 2), transformation],
  ['applyIfFinite.inner', (x) => factory('applyIfFinite')(x, 2), transformation],
  ['conditionallyMask.inner', (x) => factory('conditionallyMask')(x, () => true), transformation],
  ['conditionallyTransform.inner', (x) => factory('conditionallyTransform')(x, () => true), transformation],
  ['maybeUpdate.inner', (x) => factory('maybeUpdate')(x, () => true), transformation],
  ['scheduleFree.baseOptimizer', (x) => factory('scheduleFree')(x, 0.1), transformation],
  ['mechanize.baseOptimizer', (x) => factory('mechanize')(x), transformation],
  ['sam.optimizer', (x) => factory('sam')(x, sgd(1)), transformation],
  ['sam.advOptimizer', (x) => factory('sam')(sgd(1), x), transformation],
]

describe('an argument out of its range, or none, is refused under its name', () => {
  test.each(rows)('%s', (path, call, wrong) => {
    for (const value of wrong)
      expect(thrown(() => call(value))).toMatchObject({ _tag: 'InvalidArgument', path })
  })
})

describe('a learning rate that is no number, or a schedule that gives none, is refused by', () => {
  test.each(ofLearningRate)('%s', (name) => {
    const make = (rate: unknown) => factory(name)(rate, { ...required[name] })
    for (const wrong of [...notNumbers, () => 'nonsense', () => Number.NaN, () => Number.POSITIVE_INFINITY])
      expect(thrown(() => make(wrong))).toMatchObject({
        _tag: 'InvalidArgument',
        path: `${name}.learningRate`,
      })
  })
})

/** Extra arguments for those that ask for some, of the loss 1. */
const extraArgs = {
  value: 1,
  grad: 1,
  valueFn: () => 1,
  valueAndGradFn: () => ({ value: 1, grads: 1 }),
}

/** What is thrown by the first of some steps that throws. */
const thrownBySteps = (tx: GradientTransformation<unknown, typeof extraArgs>): GradpipeError => {
  let state = tx.init(1)
  return thrown(() => {
    for (let i = 0; i < 4; i++) [, state] = tx.update<number>(1, state, 1, extraArgs)
  })
}

/** A schedule that goes wrong in the third step. */
const worsening = (value: number) => (count: number) => (count < 2 ? 0.1 : value)

describe('a learning rate of a schedule that goes wrong is refused, under its name and with the count, by', () => {
  // these take no schedule, or the loss's derivatives
  const others = ['optimisticAdam', 'rprop', 'scaleByRprop', 'sophia', 'dpsgd']
  test.each(ofLearningRate.filter((name) => !others.includes(name)))('%s', (name) => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
      expect(thrownBySteps(factory(name)(worsening(value), { ...required[name] }) as never)).toMatchObject({
        _tag: 'InvalidArgument',
        path: `${name}.learningRate`,
        expected: 'a finite number',
        given: `${value} at count 2`,
      })
  })
})

describe('any other schedule that goes wrong is refused, under its name and with the count', () => {
  const wrong = worsening(Number.NaN)
  test.each([
    ['scaleBySchedule.stepSizeFn', () => factory('scaleBySchedule')(wrong)],
    ['addDecayedWeights.weightDecay', () => factory('addDecayedWeights')(wrong)],
    ['addDecayedWeights.weightDecay', () => factory('addDecayedWeights')(wrong, { mask: true })],
    ['adamw.weightDecay', () => factory('adamw')(0.1, { weightDecay: wrong })],
    ['novograd.weightDecay', () => factory('novograd')(0.1, { weightDecay: wrong })],
    ['adafactor.weightDecayRate', () => factory('adafactor')(0.1, { weightDecayRate: wrong })],
    ['muon.adamLearningRate', () => factory('muon')(0.1, { adamLearningRate: wrong })],
    ['muon.adamWeightDecay', () => factory('muon')(0.1, { adamWeightDecay: wrong })],
    ['scaleByAdemamix.b3', () => factory('scaleByAdemamix')({ b3: wrong })],
    ['ademamix.alpha', () => factory('ademamix')(0.1, { alpha: wrong })],
    ['simplifiedAdemamix.alpha', () => factory('simplifiedAdemamix')(0.1, { alpha: wrong })],
    ['optimisticGradientDescent.beta', () => factory('optimisticGradientDescent')(0.1, { beta: wrong })],
    ['optimisticAdamV2.alpha', () => factory('optimisticAdamV2')(0.1, { alpha: wrong })],
    ['polyakSgd.scaling', () => factory('polyakSgd')({ scaling: wrong })],
    ['scaleByAdopt.clipValueFn', () => factory('scaleByAdopt')({ clipValueFn: wrong })],
    ['scaleByFactoredRms.decayRateFn', () => factory('scaleByFactoredRms')({ decayRateFn: wrong })],
    ['multiSteps.everyKSchedule', () => multiSteps(sgd(1), (count) => (count < 2 ? 1 : Number.NaN))],
    [
      'injectHyperparams.rate',
      () => injectHyperparams((h: { rate: number }) => scale(h.rate))({ rate: wrong }),
    ],
    [
      'injectStatefulHyperparams.rate',
      () => injectStatefulHyperparams((h: { rate: number }) => scale(h.rate))({ rate: wrong }),
    ],
  ] as const)('%s', (path, make) => {
    expect(thrownBySteps(make() as never)).toMatchObject({
      _tag: 'InvalidArgument',
      path,
      given: 'NaN at count 2',
    })
  })

  test('what an injected schedule gives is judged by what is made of it', () => {
    const rate = worsening(Number.POSITIVE_INFINITY)
    expect(thrownBySteps(injectHyperparams((h: { rate: number }) => sgd(h.rate))({ rate }))).toMatchObject({
      path: 'sgd.learningRate',
      given: 'Infinity at count 2',
    })
    // no bound is a bound
    const unbounded: GradientTransformation<unknown> = injectHyperparams((h: { rate: number }) =>
      clip(h.rate),
    )({
      rate,
    })
    const free: GradientTransformation<unknown> = scaleByAdopt({ clipValueFn: rate })
    for (const tx of [unbounded, free]) {
      let state = tx.init(1)
      for (let i = 0; i < 4; i++) [, state] = tx.update<number>(1, state)
    }
  })

  test('nothing has changed then, and no tensor is made', async () => {
    await tf.setBackend('cpu')
    const tx = adamw(worsening(Number.NaN))
    let params = tf.tensor1d([1, 2])
    const grads = tf.tensor1d([1, 1])
    let state = tx.init(params)
    for (let i = 0; i < 2; i++) {
      const before = [params, state] as const
      ;[params, state] = step(tx)(params, state, grads)
      dispose(before)
    }
    const { numTensors } = tf.memory()
    for (const options of [{}, { donate: true }])
      expect(() => step(tx, options)(params, state, grads)).toThrow('NaN at count 2')
    expect(tf.memory().numTensors).toBe(numTensors)
    expect(state[0].count).toBe(2)
    dispose([params, state, grads])
  })
})

describe('a mask with something else than booleans in it is refused where it is given to', () => {
  test.each([
    ['masked.mask', (x) => factory('masked')(sgd(1), x)],
    ['freeze.mask', (x) => factory('freeze')(x)],
    ['selectiveTransform.freezeMask', (x) => factory('selectiveTransform')(sgd(1), x)],
  ] satisfies readonly (readonly [string, (wrong: unknown) => unknown])[])('%s', (path, call) => {
    for (const wrong of mask) {
      const error = thrown(() => call(wrong))
      expect(error).toMatchObject({ _tag: 'InvalidArgument', expected: 'a boolean' })
      expect(error.path.startsWith(path)).toBe(true)
    }
  })

  test('partition, of labels that are no words', () => {
    const make = (labels: unknown) => factory('partition')({ a: sgd(1) }, labels)
    expect(thrown(() => make({ w: { b: 1 } })).path).toBe('partition.paramLabels.w.b')
    expect(thrown(() => make(1)).path).toBe('partition.paramLabels')
  })
})
