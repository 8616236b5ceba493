import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { catalogue, trial } from '../../laws/index.js'
import * as gradpipe from '../../src/index.js'

/** Exported functions that make no transformation, by what they make. */
const others: Readonly<Record<string, string>> = {
  'what a rule is written in':
    'Condition Term constant max mean mix multiDot norm orthogonalize parameter select size slot sum zeros',
  'polynomials for orthogonalize': 'muonPolynomials polarExpress',
  leaves: 'NdArray ndarray',
  'makes transformations of what a user writes': 'fromRule fromRuleAround',
  schedules: `constantSchedule cosineDecaySchedule cosineOnecycleSchedule exponentialDecay fromTerm joinSchedules
    linearOnecycleSchedule linearSchedule piecewiseConstantSchedule piecewiseInterpolateSchedule polynomialSchedule
    sgdrSchedule warmupConstantSchedule warmupCosineDecaySchedule warmupExponentialDecaySchedule`,
  'uses of transformations': `applyUpdates describe dispose fromDescription latex minimize scheduleFreeEvalParams step stepAsync stepState updateAsync
    updateState`,
  'answers about gradients and states': 'hasUpdated lookaheadParams skipLargeUpdates skipNotFinite',
  'how tensors are computed': 'kernelStatistics onFallback onReplacement setThreadsCount withInterpreter',
  'functions of whole trees': 'globalNorm incrementalUpdate periodicUpdate',
  'takes gradients per example, which the laws do not draw':
    'differentiallyPrivateAggregate dpsgd perExampleGlobalNormClip perExampleLayerNormClip',
  'gradients, errors': 'GradpipeError grad valueAndGrad valueAndGradFromState',
  'takes its gradients itself, of tensors': 'hutchinsonEstimatorDiagHessian',
}

const words = Object.values(others).flatMap((names) => names.trim().split(/\s+/))

test('every function of the library that makes a transformation has a row in the catalogue', () => {
  const functions = Object.entries(gradpipe)
    .filter(([, value]) => typeof value === 'function')
    .map(([name]) => name)
  const rows = new Set(catalogue.map(({ name }) => name))
  expect(functions.filter((name) => !words.includes(name) && !rows.has(name))).toEqual([])
  expect([...rows].filter((name) => !functions.includes(name))).toEqual([])
})

test('no two rows of the catalogue have the same call', () => {
  const calls = catalogue.map(({ call }) => call)
  expect(calls.filter((call, i) => calls.indexOf(call) !== i)).toEqual([])
})

test('trials draw empty, scalar, odd-sized and large leaves, zeros of both signs, subnormals and huge numbers', () => {
  const drawn = fc.sample(trial('float32', { grads: 'finite' }), { numRuns: 400, seed: 1 })
  const blocks = drawn.flatMap(({ grads }) =>
    grads.flatMap((g) => gradpipe.tree.leaves(g).map(([, leaf]) => leaf)),
  )
  const numbers = blocks.flatMap(({ data }) => [...data])
  const sizes = new Set(blocks.map(({ data }) => data.length))
  expect(sizes).toContain(0)
  expect([...sizes].some((size) => size > 64 && size % 2 === 1)).toBe(true)
  expect(new Set(blocks.map(({ shape }) => shape.length))).toEqual(new Set([0, 1, 2, 3]))
  expect(drawn.some(({ params }) => params === null)).toBe(true)
  expect(numbers.some((x) => Object.is(x, -0))).toBe(true)
  expect(numbers.some((x) => Object.is(x, 0))).toBe(true)
  expect(numbers.some((x) => x !== 0 && Math.abs(x) < 2 ** -126)).toBe(true)
  expect(numbers.some((x) => Math.abs(x) > 1e38)).toBe(true)
})
