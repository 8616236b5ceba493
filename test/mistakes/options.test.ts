/** Options that are unknown, of another kind or out of their range, of every factory that takes some. */
import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { catalogue } from '../../laws/index.js'
import { type GradpipeError, tree } from '../../src/index.js'
import { thrown } from '../thrown.js'
import { plain, withOptions } from './calls.js'

beforeAll(async () => {
  await tf.setBackend('cpu')
})

const words = (text: string): readonly string[] => text.trim().split(/\s+/)

/** What is wrong for options of a name; `factory.option` where one of them differs. */
const outside: ReadonlyMap<string, readonly unknown[]> = new Map<string, readonly unknown[]>(
  (
    [
      ['b1 b2 b3 beta beta3 rho decay momentum adamB1 adamB2', [-0.1, 1, 1.5]],
      ['betas', [[0.9], [0.9, 1], [-1, 0.9], [0.9, '0.9'], [0.9, 0.9, 0.9]]],
      ['eps epsRoot epsilon adamEpsRoot minNorm atol rtol minScale maxStepSize minStepSize', [-1e-8]],
      ['initialScale initialAccumulatorValue repsRel initEstimSqDist l2NormClip globalL2NormClip', [-1]],
      ['threshold clipThreshold clippingThreshold noiseMultiplier', [-1]],
      ['scaleByPolyak.maxLearningRate polyakSgd.maxLearningRate consistentRms eta tol slopeRtol', [-1]],
      ['curvRtol stepsizePrecision approxDecRtol', [-1]],
      ['k rank updateProjGap memorySize nsSteps numBetas syncPeriod updateInterval', [0, -1, 1.5, Infinity]],
      ['accumulationSize', [0, 1.5]],
      [
        'patience cooldown minDimSizeToFactor scheduleFreeSgd.warmupSteps scheduleFreeAdamw.warmupSteps',
        [-1, 0.5],
      ],
      ['stepOffset decayOffset seed key randomSeed', [0.5]],
      ['estimLr0 sInit sophia.gamma increaseFactor maxLearningRate', [0, -1]],
      ['scaleByFactoredRms.decayRate scaleByFactoredRms.epsilon adafactor.decayRate adafactor.eps', [0, -1]],
      ['factor decreaseFactor etaMinus', [0, 1, -1]],
      ['etaPlus', [1, 0.5]],
      ['scaleByCocob.alpha cocob.alpha', [-1]],
      ['scaleBySm3.b2', [-0.1, 1.5]],
      ['eps1 eps2 scaleByCame.clippingThreshold came.clippingThreshold', [0, -1]],
      ['scheduleFree.b1 scheduleFreeSgd.b1 scheduleFreeAdamw.b1', [0, 1.5]],
      ['mode variant preconditioning balancing per initialGuessStrategy', ['Hard', 1, null]],
      ['initStep', [['distance'], ['far', 1], ['distance', '1']]],
      ['nsCoeffs', [[1, 2], 'Dion', [[1, 2]]]],
      ['axis blockAxes', [0.5, [0.5]]],
      ['mask weightDecayMask trustRatioMask', [1, { w: 1 }, { w: { b: 'yes' } }]],
      ['weightDimensionNumbers muonWeightDimensionNumbers', [null, { axis: 0 }, { outputAxis: 0.5 }]],
      ['baseOptimizer fastOptimizer hessianDiagonalFn linesearch', [1, {}, () => 1]],
      ['decayRateFn clipValueFn shouldSkipUpdateFn', [1, null, {}]],
      ['initialGuessStrategy', ['two']],
      ['decaySteps', [0, 5]],
      ['pctStart', [-0.1, 1.1]],
      // before pctStart, which is 0.3
      ['pctFinal', [-0.1, 0.2, 1.1]],
      ['divFactor finalDivFactor', [0, -1]],
    ] as const
  ).flatMap(([names, values]) => words(names).map((name) => [name, values] as const)),
)

/** Options that may be any number, and some of them a schedule. */
const anyNumber = words(`
  weightDecay weightDecayRate adamWeightDecay adamLearningRate alpha scaleByOptimisticGradient.beta
  optimisticGradientDescent.beta optimisticAdamV2.beta optimism scaling gamma trustCoefficient scaleFactor scale
  globalScale smoothBeta estimLrCoef fMin lowerBound slowStepSize weightLrPower initValue endValue peakValue power
  exponent transitionSteps transitionBegin decayRate warmupSteps
`)

/** Options that are on or off. */
const switches = words(`
  nesterov debias flipSign centered biasCorrection biasCorrectionMu biasCorrectionNu epsInSqrt useClipping adaptive
  factored multiplyByParameterScale safeguardWarmup adaptLowerBound resetState opaqueMode useGradMean storeGrad verbose
  forwardExtraArgs scaleInitPrecond signMomentum uniform staircase cautious
`)

const refused = (call: () => unknown, path: string): GradpipeError => {
  const error = thrown(call)
  expect({ _tag: error._tag, path: error.path }).toEqual({ _tag: 'InvalidArgument', path })
  return error
}

/** The names of all options, which the refusal of an unknown one tells. */
const optionsOf = (name: string): readonly string[] => {
  const make = withOptions.get(name)
  const expected = make === undefined ? '' : refused(() => make({ nonsense: 1 }), `${name}.nonsense`).expected
  return expected.replace('one of ', '').split(', ')
}

/** What is wrong for an option; `undefined` if it is on no list. */
const wrongFor = (name: string, option: string): readonly unknown[] | undefined => {
  const full = `${name}.${option}`
  if (anyNumber.includes(full)) return [{}]
  const found = outside.get(full) ?? outside.get(option)
  if (found !== undefined) return found
  if (switches.includes(option)) return [0, 1, null]
  return anyNumber.includes(option) ? [{}] : undefined
}

const each = [...withOptions].map(([name, make]) => ({ name, make, options: optionsOf(name) }))

test('every factory of the catalogue takes options, or is known to take none', () => {
  const names = new Set(catalogue.map(({ name }) => name))
  expect([...names].filter((name) => !plain.includes(name) && !withOptions.has(name))).toEqual([])
  expect(plain.filter((name) => !names.has(name) || withOptions.has(name))).toEqual([])
})

test('it is known of every option what it may be, and of no other', () => {
  const all = each.flatMap(({ name, options }) => options.map((option) => [name, option] as const))
  expect(all.filter(([name, option]) => wrongFor(name, option) === undefined)).toEqual([])
  const known = all.flatMap(([name, option]) => [option, `${name}.${option}`])
  expect([...outside.keys(), ...anyNumber, ...switches].filter((name) => !known.includes(name))).toEqual([])
})

describe.each(each)('$name', ({ name, make, options }) => {
  test('is made with what must be given, and with no option that it has not', () => {
    expect(() => make({})).not.toThrow()
    refused(() => make({ nonsense: 1 }), `${name}.nonsense`)
  })

  test.each(options)('refuses %s of another kind or out of its range, under that name', (option) => {
    for (const wrong of ['nonsense', Number.NaN, [Number.NaN], ...(wrongFor(name, option) ?? [])]) {
      // of a tree of labels, the one that is none is told
      const isMask = option.toLowerCase().endsWith('mask')
      const [path = []] = (isMask ? tree.leaves<unknown>(wrong)[0] : undefined) ?? []
      refused(() => make({ [option]: wrong }), [name, option, ...path].join('.'))
    }
  })

  test('refuses what is no record of options', () => {
    for (const wrong of [0.9, 'b1', null, [0.9], () => 1]) refused(() => make(wrong), name)
  })
})
