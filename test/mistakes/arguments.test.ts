/** Arguments of factories that stand before the options, and trees of labels. */
import { describe, expect, test } from 'vitest'
import { norm, sgd } from '../../src/index.js'
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
    for (const wrong of [...notNumbers, () => 'nonsense'])
      expect(thrown(() => make(wrong))).toMatchObject({
        _tag: 'InvalidArgument',
        path: `${name}.learningRate`,
      })
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
