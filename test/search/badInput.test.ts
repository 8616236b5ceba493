/** What line searches and L-BFGS refuse, and how they say so. */
import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import {
  chain,
  dispose,
  lbfgs,
  scale,
  scaleByBacktrackingLinesearch,
  scaleByLbfgs,
  scaleByZoomLinesearch,
  updateAsync,
  valueAndGradFromState,
} from '../../src/index.js'
import type { ExtraArgs } from '../../src/program/program.js'
import type { AnyTransformation, GradientTransformation } from '../../src/transform/transformation.js'
import { thrown } from '../thrown.js'

const parabola = (x: number) => ({ value: x * x, grads: 2 * x })
const good = { value: 1, grad: 2, valueFn: (x: number) => x * x, valueAndGradFn: parabola }

const searches: Readonly<Record<string, AnyTransformation>> = {
  backtracking: scaleByBacktrackingLinesearch(5),
  'backtracking that stores': scaleByBacktrackingLinesearch(5, { storeGrad: true }),
  zoom: scaleByZoomLinesearch(5),
}

/** Called as from JavaScript, with whatever extra arguments. */
const open = (tx: AnyTransformation): GradientTransformation<unknown, ExtraArgs> =>
  tx as GradientTransformation<unknown, ExtraArgs>

const refused = (tx: AnyTransformation, extraArgs: ExtraArgs, params?: number): string => {
  const error = thrown(() => open(tx).update(-2, tx.init(1), params, extraArgs))
  return `${error._tag} ${error.message}`
}

describe.each(Object.entries(searches))('%s', (_, tx) => {
  it('names what is missing', () => {
    const { value, grad, valueFn, valueAndGradFn } = good
    expect(refused(tx, { grad, valueFn, valueAndGradFn }, 1)).toMatch(/^MissingArgument extraArgs.value:/)
    expect(refused(tx, { value, valueFn, valueAndGradFn }, 1)).toMatch(/^MissingArgument extraArgs.grad:/)
    expect(refused(tx, { value, grad }, 1)).toMatch(
      /^MissingArgument extraArgs.value(AndGrad)?Fn: expected a function/,
    )
    expect(refused(tx, good)).toMatch(/^MissingParams params:/)
  })

  it('names what is of another kind', () => {
    const value = tf.tensor1d([1, 2])
    expect(refused(tx, { ...good, value }, 1)).toMatch(/^InvalidArgument extraArgs.value: .*float32 \[2\]$/)
    expect(refused(tx, { ...good, value: 'x' }, 1)).toMatch(/^InvalidArgument extraArgs.value:/)
    dispose(value)
    expect(refused(tx, { ...good, value }, 1)).toMatch(/^Disposed extraArgs.value:/)
    expect(refused(tx, { ...good, grad: [1] }, 1)).toMatch(/^TreeMismatch extraArgs.grad:/)
    expect(refused(tx, { ...good, valueAndGradFn: 1 }, 1)).toMatch(
      /^InvalidArgument extraArgs.valueAndGradFn:/,
    )
  })

  it('names a function that returns something else', () => {
    const nothing = { ...good, valueFn: () => undefined, valueAndGradFn: () => undefined }
    expect(refused(tx, nothing, 1)).toMatch(/extraArgs.value(Fn\(\)|AndGradFn):/)
    const texts = { ...good, valueFn: () => '1', valueAndGradFn: () => ({ value: '1', grads: 1 }) }
    expect(refused(tx, texts, 1)).toMatch(/^InvalidArgument extraArgs.value(AndGrad)?Fn\(\)/)
  })

  it('refuses a promise in update, which updateAsync waits for', async () => {
    const later = {
      ...good,
      valueFn: async (x: number) => x * x,
      valueAndGradFn: async (x: number) => parabola(x),
    }
    expect(refused(tx, later, 1)).toMatch(
      /^InvalidArgument extraArgs.value(AndGrad)?Fn: .*updateAsync.*a promise$/,
    )
    const [update] = await updateAsync(open(tx))(-2, tx.init(1), 1, later)
    expect(update).toBe(open(tx).update(-2, tx.init(1), 1, good)[0])
  })

  it('refuses a state that is none of its own', () => {
    expect(thrown(() => open(tx).update(-2, {}, 1, good)).path).toBe('state.learningRate')
  })
})

it('a gradient of another structure is named by the function that returned it', () => {
  const given = { ...good, valueAndGradFn: (x: number) => ({ value: x, grads: [x] }) }
  expect(refused(scaleByZoomLinesearch(5), given, 1)).toMatch(
    /^TreeMismatch extraArgs.valueAndGradFn\(\).grads:/,
  )
})

it('updates that were disposed of are not blamed on the gradient', () => {
  const [x, grad] = [tf.tensor1d([1]), tf.tensor1d([2])]
  const gone = x.clone()
  dispose(gone)
  const tx = open(scaleByZoomLinesearch(5))
  const state = tx.init(x)
  expect(thrown(() => tx.update(gone, state, x, { ...good, grad })).path).toBe('grads')
  dispose(x, grad, state)
})

describe('options', () => {
  const of = (make: () => unknown): string => thrown(make).path

  it('of backtracking keep to their ranges', () => {
    const backtracking = 'scaleByBacktrackingLinesearch'
    expect(of(() => scaleByBacktrackingLinesearch(0))).toBe(`${backtracking}.maxBacktrackingSteps`)
    expect(of(() => scaleByBacktrackingLinesearch(1.5))).toBe(`${backtracking}.maxBacktrackingSteps`)
    for (const [name, value] of Object.entries({
      slopeRtol: -1,
      decreaseFactor: 1,
      increaseFactor: 0,
      maxLearningRate: 0,
      atol: -1,
      rtol: Number.NaN,
    }))
      expect(of(() => scaleByBacktrackingLinesearch(5, { [name]: value }))).toBe(`${backtracking}.${name}`)
  })

  it('of zoom keep to their ranges', () => {
    const zoom = 'scaleByZoomLinesearch'
    expect(of(() => scaleByZoomLinesearch(0))).toBe(`${zoom}.maxLinesearchSteps`)
    for (const [name, value] of Object.entries({
      maxLearningRate: 0,
      tol: -1,
      increaseFactor: 1,
      slopeRtol: -1,
      curvRtol: -1,
      approxDecRtol: -1,
      stepsizePrecision: -1,
      initialGuessStrategy: 'two',
    }))
      expect(of(() => scaleByZoomLinesearch(5, { [name]: value }))).toBe(`${zoom}.${name}`)
  })

  it('of L-BFGS keep to their ranges', () => {
    for (const memorySize of [0, 1.5, Number.NaN]) {
      expect(of(() => scaleByLbfgs({ memorySize }))).toBe('scaleByLbfgs.memorySize')
      expect(of(() => lbfgs(0.1, { memorySize }))).toBe('lbfgs.memorySize')
    }
  })
})

describe('scaleByLbfgs', () => {
  it('needs the parameters, and a state of its own', () => {
    const tx = scaleByLbfgs({ memorySize: 2 })
    const state = tx.init(1)
    expect(thrown(() => tx.update(1, state))._tag).toBe('MissingParams')
    const other = scaleByLbfgs({ memorySize: 3 }).init(1)
    expect(thrown(() => tx.update(1, other, 1)).path).toBe('state.diffParamsMemory')
    expect(thrown(() => tx.update(1, { ...state, count: -1 }, 1)).path).toBe('state.count')
    const [, next] = tx.update(1, state, 1)
    const wrong = { ...next, diffUpdatesMemory: [[1], 0] }
    expect(thrown(() => tx.update(1, wrong, 1)).path).toBe('state.diffUpdatesMemory')
  })
})

describe('valueAndGradFromState', () => {
  it('needs the state of one line search that keeps its gradient', () => {
    const fromState = valueAndGradFromState(parabola)
    const given = (tx: AnyTransformation): string => thrown(() => fromState(1, tx.init(1))).given
    expect(given(scale(1))).toBe('none')
    expect(given(chain(scaleByZoomLinesearch(5), scaleByZoomLinesearch(5)))).toBe('2 of them')
    expect(given(scaleByBacktrackingLinesearch(5))).toMatch(/storeGrad/)
  })
})
