/** Line searches and L-BFGS among other transformations, on all kinds of leaves, waiting for the device or not. */
import * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs'
import { beforeEach, describe, expect, it } from 'vitest'
import {
  applyIfFinite,
  applyUpdates,
  chain,
  dispose,
  type GradientTransformation,
  injectHyperparams,
  kernelStatistics,
  lbfgs,
  masked,
  namedChain,
  type Params,
  partition,
  scale,
  scaleByBacktrackingLinesearch,
  scaleByLbfgs,
  scaleByZoomLinesearch,
  sgd,
  step,
  stepAsync,
  updateAsync,
  type ValueAndGradFnArgs,
  valueAndGradFromState,
} from '../../src/index.js'
import { valueAndGrad } from '../../src/tfjs/index.js'
import { backends, numbers, useBackend } from '../backends.js'

type Weights = { readonly w: tf.Tensor2D; readonly b: tf.Tensor1D }

const loss = ({ w, b }: Weights): tf.Scalar =>
  tf.tidy(() => {
    const x = tf.tensor2d([1, 2, -1, 0.5, 3, -2], [3, 2])
    const y = tf.tensor2d([1, -1, 0, 2, 0.5, 1], [3, 2])
    return tf.sum(tf.square(tf.sub(tf.tanh(tf.add(tf.matMul(x, w), b)), y))) as tf.Scalar
  })

const weights = (): Weights => ({
  w: tf.tensor2d([0.5, -0.25, 0.1, 0.3], [2, 2]),
  b: tf.tensor1d([0.1, -0.2]),
})

const both = valueAndGrad(loss)

type Searching = GradientTransformation<unknown, ValueAndGradFnArgs>

const searches: Readonly<Record<string, () => Searching>> = {
  'lbfgs()': () => lbfgs(),
  'lbfgs with backtracking': () =>
    lbfgs(undefined, { memorySize: 3, linesearch: scaleByBacktrackingLinesearch(20, { storeGrad: true }) }),
  'sgd with zoom': () => chain(sgd(1), scaleByZoomLinesearch(15)),
  'sgd with backtracking': () => chain(sgd(1), scaleByBacktrackingLinesearch(15)),
}

const each = Object.entries(searches).flatMap(([name, make]) =>
  backends.map((backend) => ({ name, make, backend })),
)

describe.each(each)('$name on tensors, $backend', ({ make, backend }) => {
  beforeEach(() => useBackend(backend))

  it('lowers the loss, and leaves no tensor behind', () => {
    const alive = tf.memory().numTensors
    const tx = make()
    let params = weights()
    let state = tx.init(params)
    const { numTensors } = tf.memory()
    const losses: number[] = []
    for (let i = 0; i < 6; i++) {
      const { value, grads } = both(params)
      const given = { value, grad: grads, valueFn: loss, valueAndGradFn: both }
      const [updates, next] = tx.update(grads, state, params, given)
      const moved = applyUpdates(params, updates)
      losses.push(...value.dataSync())
      dispose(params, state, value, grads, updates)
      params = moved
      state = next
      expect(tf.memory().numTensors).toBe(numTensors)
    }
    const [first = Number.NaN] = losses
    expect(losses.at(-1)).toBeLessThan(0.8 * first)
    dispose(params, state)
    expect(tf.memory().numTensors).toBe(alive)
  })

  it('does the same by updateAsync and stepAsync, with functions that return promises', async () => {
    const alive = tf.memory().numTensors
    const tx = make()
    const params = weights()
    let state = tx.init(params)
    let other = tx.init(params)
    for (let i = 0; i < 3; i++) {
      const { value, grads } = both(params)
      const given = { value, grad: grads, valueFn: loss, valueAndGradFn: both }
      const later = {
        ...given,
        valueFn: async (p: Weights) => loss(p),
        valueAndGradFn: async (p: Weights) => both(p),
      }
      const [updates, next] = tx.update(grads, state, params, given)
      const [same, after] = await updateAsync(tx)(grads, other, params, later)
      expect(numbers(same.w)).toEqual(numbers(updates.w))
      const [stepped, last] = await stepAsync(tx)(params, other, grads, later)
      const moved = applyUpdates(params, updates)
      expect(numbers(stepped.b)).toEqual(numbers(moved.b))
      dispose(state, other, updates, same, stepped, last, moved, value, grads)
      state = next
      other = after
    }
    dispose(params, state, other)
    expect(tf.memory().numTensors).toBe(alive)
  })

  it('frees what it has made when a function throws, and leaves its arguments alone', async () => {
    const tx = make()
    const params = weights()
    const state = tx.init(params)
    const { value, grads } = both(params)
    const alive = tf.memory().numTensors
    let calls = 0
    const failing =
      <A>(f: (p: Weights) => A) =>
      (p: Weights): A => {
        if (calls++ > 0) throw new Error('no loss')
        return f(p)
      }
    const impossible = { value: Number.NEGATIVE_INFINITY, grad: grads }
    const given = { ...impossible, valueFn: failing(loss), valueAndGradFn: failing(both) }
    expect(() => tx.update(grads, state, params, given)).toThrow('no loss')
    calls = 0
    await expect(updateAsync(tx)(grads, state, params, given)).rejects.toThrow('no loss')
    expect(tf.memory().numTensors).toBe(alive)
    expect(params.w.isDisposed || grads.w.isDisposed).toBe(false)
    dispose(params, state, value, grads)
  })
})

describe('line searches', () => {
  const parabola = (x: number) => ({ value: 3 * x * x, grads: 6 * x })
  const given = (x: number) => ({
    value: parabola(x).value,
    grad: parabola(x).grads,
    valueAndGradFn: parabola,
  })

  it('go along in every combinator', () => {
    const search = chain(scaleByLbfgs({ memorySize: 2 }), scale(-1), scaleByZoomLinesearch(20))
    const all: readonly GradientTransformation<unknown, ValueAndGradFnArgs>[] = [
      search,
      chain(search),
      masked(search, true),
      partition({ all: search, none: sgd(1) }, () => 'all'),
      applyIfFinite(search, 3),
      namedChain(['search', search]),
      injectHyperparams((h: { readonly slopeRtol: number }) => chain(sgd(1), scaleByZoomLinesearch(20, h)))({
        slopeRtol: 1e-3,
      }),
    ]
    for (const tx of all) {
      let [x, state] = [2, tx.init(2)]
      for (let i = 0; i < 3; i++) [x, state] = step(tx)(x, state, parabola(x).grads, given(x))
      expect(Math.abs(x)).toBeLessThan(1e-6)
    }
  })

  it('compute nothing for updates that are good as they are', () => {
    const tx = scaleByZoomLinesearch(20)
    const launchesOf = (update: number): number => {
      const x = Float64Array.of(2)
      const valueAndGradFn = ([at = 0]: Float64Array) => ({
        value: at * at,
        grads: Float64Array.of(2 * at),
      })
      const { value, grads } = valueAndGradFn(x)
      const before = kernelStatistics().launches
      const [, { learningRate }] = tx.update(Float64Array.of(update), tx.init(x), x, {
        value,
        grad: grads,
        valueAndGradFn: (point: Params) => valueAndGradFn(point as Float64Array), // like the parameters
      })
      expect(learningRate === 1).toBe(update === -2)
      return kernelStatistics().launches - before
    }
    // slopes at both ends, and the points; of the other one, whose first trial is too long, the update as well
    expect([launchesOf(-2), launchesOf(-8)]).toEqual([3, 6])
  })

  it('search over the trained part alone, where the rest has no gradient', () => {
    const valueAndGradFn = ({ x, y }: { readonly x: number; readonly y: number }) => ({
      value: x * x + 10 * y,
      grads: { x: 2 * x, y: 10 },
    })
    const tx = chain(sgd(1), scaleByZoomLinesearch(20))
    const params = { x: 3, y: 1 }
    const { value, grads } = valueAndGradFn(params)
    const [moved] = step(tx)<Params>(
      params,
      tx.init(params),
      { x: grads.x, y: null },
      { value, grad: grads, valueAndGradFn },
    )
    expect(moved).toEqual({ x: expect.closeTo(0, 12), y: 1 })
  })

  it('leave tensors of integers as they are', () => {
    const both = valueAndGrad(({ w, n }: { readonly w: tf.Tensor1D; readonly n: tf.Tensor1D }) =>
      tf.sum(tf.square(tf.sub(w, tf.cast(n, 'float32')))),
    )
    for (const linesearch of [
      scaleByZoomLinesearch(20),
      scaleByBacktrackingLinesearch(20, { storeGrad: true }),
    ] as const) {
      const tx: Searching = lbfgs(undefined, { linesearch })
      let params = { w: tf.tensor1d([3, 4]), n: tf.tensor1d([1, 2], 'int32') }
      let state = tx.init(params)
      for (let i = 0; i < 6; i++) {
        const { value, grads } = both(params)
        const given = { value, grad: grads, valueAndGradFn: both }
        ;[params, state] = step(tx, { donate: true })(params, state, grads, given)
        value.dispose()
      }
      expect([...params.w.dataSync()]).toEqual([expect.closeTo(1, 3), expect.closeTo(2, 3)])
      expect(params.n.dtype).toBe('int32')
      dispose(params, state)
    }
  })

  it('take no step to where the loss is no number, and try again from far', () => {
    const nowhere = () => ({ value: Number.NaN, grads: Number.NaN })
    const all = {
      backtracking: scaleByBacktrackingLinesearch(5),
      zoom: scaleByZoomLinesearch(5),
    }
    for (const [name, search] of Object.entries(all)) {
      const tx: GradientTransformation<{ readonly learningRate: number }, ValueAndGradFnArgs> = search
      const [update, state] = tx.update(-6, tx.init(1), 1, { ...given(1), valueAndGradFn: nowhere })
      expect([name, update, state.learningRate]).toEqual([name, -0, 0])
      const [again] = tx.update(-6, state, 1, given(1))
      expect(again).toBeLessThan(0)
    }
  })

  it('ask backtracking for the gradient once, after the last trial', () => {
    const asked: string[] = []
    const tx = scaleByBacktrackingLinesearch(20, { storeGrad: true, decreaseFactor: 0.5 })
    const [, state] = tx.update(-6, tx.init(1), 1, {
      ...given(1),
      valueFn: (x: number) => {
        asked.push('value')
        return parabola(x).value
      },
      valueAndGradFn: (x: number) => {
        asked.push('both')
        return parabola(x)
      },
    })
    expect(asked).toEqual(['value', 'value', 'value', 'both'])
    const { value, grads } = parabola(1 - 6 * state.learningRate)
    expect([state.value, state.grad, state.info.numLinesearchSteps]).toEqual([value, grads, 3])
  })
})

describe('valueAndGradFromState', () => {
  const fn = (x: number) => ({ value: x * x, grads: 2 * x })

  it('computes at first, and then takes what the line search has computed', () => {
    let calls = 0
    const counted = (x: number) => {
      calls++
      return fn(x)
    }
    const all: readonly Searching[] = [
      lbfgs(),
      chain(sgd(1), scaleByBacktrackingLinesearch(15, { storeGrad: true })),
      masked(chain(sgd(1), scaleByZoomLinesearch(15)), true),
    ]
    for (const tx of all) {
      calls = 0
      const fromState = valueAndGradFromState(counted)
      const { value, grads } = fromState(3, tx.init(3))
      expect([value, grads, calls]).toEqual([9, 6, 1])
      const [x, state] = step(tx)(3, tx.init(3), grads, { value, grad: grads, valueAndGradFn: fn })
      const found = fromState(x, state)
      expect([found.value, found.grads]).toEqual([fn(x).value, fn(x).grads])
      expect(calls).toBe(1)
    }
  })

  it("gives tensors that are the caller's", () => {
    const tx = chain(sgd(1), scaleByZoomLinesearch(15))
    const params = weights()
    const state = tx.init(params)
    const { value, grads } = both(params)
    const [moved, next] = step(tx)(params, state, grads, { value, grad: grads, valueAndGradFn: both })
    const found = valueAndGradFromState(both)(moved, next)
    dispose(found)
    const again = valueAndGradFromState(both)(moved, next)
    const fresh = both(moved)
    expect(numbers(again.grads.w)).toEqual(numbers(fresh.grads.w))
    dispose(params, state, value, grads, moved, next, again, fresh)
  })
})
