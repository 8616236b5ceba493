/** What minimize returns, when it stops, what it calls how often, and what it refuses. */
import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import {
  adam,
  chain,
  freeze,
  lbfgs,
  linearSchedule,
  type MinimizeProgress,
  minimize,
  scale,
  scaleByBacktrackingLinesearch,
  sgd,
} from 'gradpipe'
import { beforeAll, describe, expect, it } from 'vitest'
import { useBackend } from '../backends.js'
import { thrown } from '../thrown.js'

// another file may have left one that is not ready
beforeAll(() => useBackend('cpu'))

const bowl = (x: number) => ({ value: (x - 3) ** 2, grads: 2 * (x - 3) })

const valley = ({ a, b: [b = 0, none] }: Point) => ({
  value: (1 - a) ** 2 + 100 * (b - a * a) ** 2,
  grads: { a: 2 * (a - 1) - 400 * a * (b - a * a), b: [200 * (b - a * a), none ?? null] as const },
})

type Point = { readonly a: number; readonly b: readonly [number, null] }

const start: Point = { a: -1.2, b: [1, null] }

/** Counts calls. */
const counted = <X, Y>(f: (x: X) => Y): { (x: X): Y; readonly calls: readonly X[] } => {
  const calls: X[] = []
  return Object.assign(
    (x: X) => {
      calls.push(x)
      return f(x)
    },
    { calls },
  )
}

describe('points', () => {
  it('are numbers, arrays, and trees of them, with null where there is nothing', () => {
    expect(minimize(bowl, 0).x).toBeCloseTo(3, 6)
    const { x } = minimize(valley, start, { gtol: 1e-9, ftol: 0 })
    expect(x).toEqual({ a: expect.closeTo(1, 8), b: [expect.closeTo(1, 8), null] })
    const two = minimize(
      ({ w, c }: { w: Float64Array; c: number }) => w.reduce((sum, wi, i) => sum + (wi - i) ** 2, c * c),
      { w: Float64Array.of(5, 5, 5), c: 7 },
    )
    expect(two.x.w).toBeInstanceOf(Float64Array)
    expect([...two.x.w, two.x.c]).toEqual([0, 1, 2, 0].map((xi) => expect.closeTo(xi, 6)))
  })

  it('of float32 move by differences that float32 can tell', () => {
    const { x, success } = minimize(
      (x: Float32Array) => x.reduce((sum, xi, i) => sum + Math.cosh(xi - i), 0),
      Float32Array.of(3, 3),
      { gtol: 1e-3 },
    )
    expect(success).toBe(true)
    expect(x).toBeInstanceOf(Float32Array)
    expect([...x]).toEqual([0, 1].map((xi) => expect.closeTo(xi, 2)))
  })

  it('are new: the start stays, and a gradient may be written over', () => {
    const x0 = Float64Array.of(4, 5)
    const grads = new Float64Array(2)
    const { x } = minimize((at: Float64Array) => {
      for (const [i, xi] of at.entries()) grads[i] = 2 * (xi - i)
      return { value: at.reduce((sum, xi, i) => sum + (xi - i) ** 2, 0), grads }
    }, x0)
    expect([...x0]).toEqual([4, 5])
    expect([...x]).toEqual([expect.closeTo(0, 6), expect.closeTo(1, 6)])
    const there = minimize((at: Float64Array) => ({ value: 0, grads: at.map(() => 0) }), x0)
    expect(there.x).toEqual(x0)
    expect(there.x).not.toBe(x0)
  })
})

describe('gradients', () => {
  it('come with the value, from a function of their own, or by central differences', () => {
    const both = minimize(bowl, 10)
    const apart = minimize((x) => bowl(x).value, 10, { grad: (x) => bowl(x).grads })
    const none = minimize((x) => bowl(x).value, 10)
    expect([both, apart, none].map(({ gradSource }) => gradSource)).toEqual([
      'given',
      'given',
      'finiteDifferences',
    ])
    expect(apart.x).toBe(both.x)
    expect(none.x).toBeCloseTo(3, 6)
    // of a cube, the central difference with a step h is off by h²
    const cube = minimize((x) => x ** 3, 2, { finiteDiffRelStep: 0.125, maxiter: 1, optimizer: sgd(0) })
    expect(cube.grad).toBe(12 + (0.125 * 2) ** 2)
  })

  it('are right to ten digits by central differences of the default step', () => {
    const { grad } = minimize((x) => Math.exp(x), 1, { maxiter: 1, optimizer: sgd(0) })
    expect(Math.abs(grad - Math.E)).toBeLessThan(1e-9)
  })
})

describe('counts', () => {
  it('are those of calls, and no point is computed twice', () => {
    const pair = counted(valley)
    const result = minimize(pair, start)
    expect([result.nfev, result.njev]).toEqual([pair.calls.length, pair.calls.length])
    expect(new Set(pair.calls.map(({ a, b }) => `${a} ${b[0]}`)).size).toBe(pair.calls.length)
    expect(result.nfev).toBeGreaterThan(result.nit)
  })

  it('tell values from gradients', () => {
    const [value, grad] = [counted((x: number) => bowl(x).value), counted((x: number) => bowl(x).grads)]
    const optimizer = chain(sgd(1), scaleByBacktrackingLinesearch(20, { decreaseFactor: 0.4 }))
    const result = minimize(value, 10, { grad, optimizer })
    expect([result.nfev, result.njev]).toEqual([value.calls.length, grad.calls.length])
    expect(result.njev).toBe(result.nit + 1)
    expect(result.nfev).toBeGreaterThan(result.njev)
    const differences = counted((x: number) => bowl(x).value)
    const by = minimize(differences, 10)
    expect(by.nfev).toBe(differences.calls.length)
    expect(by.nfev).toBe(3 * by.njev)
  })
})

describe('stops', () => {
  it('where the gradient is small, at the start too', () => {
    const at = minimize(bowl, 3)
    expect(at).toMatchObject({ status: 'gradient', success: true, nit: 0, x: 3 })
    expect(minimize(bowl, 10, { gtol: 0.5, ftol: 0, optimizer: sgd(0.25) })).toMatchObject({
      status: 'gradient',
      grad: 0.4375,
      message: 'No element of the gradient is greater than gtol, 0.5.',
    })
  })

  it('where the value stays', () => {
    const flat = { gtol: 0, ftol: 0.1, optimizer: sgd(0.25) }
    expect(minimize(bowl, 10, flat)).toMatchObject({ status: 'value', success: true })
    expect(minimize(bowl, 10, { ...flat, ftol: 0, maxiter: 5 })).toMatchObject({
      status: 'steps',
      success: false,
      nit: 5,
      message: 'All steps that maxiter allows were made: 5.',
    })
  })

  it('not where a rate is still zero', () => {
    const learningRate = linearSchedule({ initValue: 0, endValue: 0.5, transitionSteps: 5 })
    const result = minimize(bowl, 10, { optimizer: sgd(learningRate) })
    expect(result.success).toBe(true)
    expect(result.x).toBeCloseTo(3, 5)
  })

  it('when the callback says true, and tells it of every step', () => {
    const told: MinimizeProgress<number>[] = []
    const all = minimize(bowl, 10, { callback: (progress) => told.push(progress), optimizer: adam(0.5) })
    expect(told.map(({ nit }) => nit)).toEqual(Array.from({ length: all.nit }, (_, i) => i + 1))
    expect(all).toMatchObject({ ...told.at(-1) })
    const some = minimize(bowl, 10, { callback: ({ nit }) => nit === 3, optimizer: adam(0.5) })
    expect(some).toMatchObject({ ...told[2], status: 'callback', success: false })
  })

  it('when a gradient points uphill, and a line search finds nothing', () => {
    const uphill = (x: number) => ({ value: x * x, grads: -2 * x })
    const optimizer = chain(sgd(1), scaleByBacktrackingLinesearch(2000, { decreaseFactor: 0.5 }))
    const result = minimize(uphill, 1, { optimizer })
    expect(result).toMatchObject({ status: 'stuck', success: false, x: 1 })
    expect(result.message).toMatch(/gradient may be wrong/)
  })

  it('before a value that is no number, at the point where it still was one', () => {
    const root = (x: number) => ({ value: -Math.sqrt(x), grads: -0.5 / Math.sqrt(x) })
    expect(minimize(root, -1)).toMatchObject({ status: 'notFinite', success: false, nit: 0, x: -1 })
    const log = (x: number) => ({ value: Math.log(x), grads: 1 / x })
    const off = minimize(log, 1, { optimizer: sgd(2) })
    expect(off).toMatchObject({ status: 'notFinite', success: false, nit: 0, x: 1, value: 0 })
    expect(off.message).toBe('The value is NaN after the next step. This is the point before it.')
    // a line search never goes there
    const barrier = (x: number) => ({ value: x - Math.log(x), grads: 1 - 1 / x })
    expect(minimize(barrier, 0.01).x).toBeCloseTo(1, 5)
  })
})

describe('optimizers', () => {
  it('of any kind make the steps: by path, and without a line search', () => {
    const optimizer = chain(adam(0.1), freeze({ a: true, b: [false, null] }))
    const { x } = minimize(valley, start, { optimizer, maxiter: 200 })
    expect(x.a).toBe(-1.2)
    expect(x.b[0]).toBeCloseTo(1.44, 3)
    // what is done after the line search is taken into account
    const short = minimize(valley, start, { optimizer: chain(lbfgs(), scale(0.5)) })
    expect([short.success, short.x.a]).toEqual([true, expect.closeTo(1, 4)])
    expect(short.value).toBe(valley(short.x).value)
  })
})

describe('mistakes', () => {
  const open = minimize as (...args: readonly unknown[]) => unknown
  const refused = (...args: readonly unknown[]): string => {
    const error = thrown(() => open(...args))
    return `${error._tag} ${error.message}`
  }

  it('are named: options', () => {
    expect(refused(bowl, 1, { tol: 1 })).toMatch(
      /^InvalidArgument minimize.tol: expected one of optimizer, grad/,
    )
    for (const [name, value] of Object.entries({
      gtol: -1,
      ftol: Number.NaN,
      maxiter: 0.5,
      finiteDiffRelStep: 0,
      grad: 1,
      callback: true,
      optimizer: adam,
    }))
      expect(refused(bowl, 1, { [name]: value })).toMatch(new RegExp(`^InvalidArgument minimize.${name}: `))
    expect(refused(1, bowl)).toBe('InvalidArgument minimize.objective: expected a function, given 1')
    expect(refused(bowl, 1, { grad: bowl })).toMatch(/^InvalidArgument minimize.grad: expected nothing/)
  })

  it('are named: points', () => {
    const { numTensors } = tf.memory()
    const tensor = tf.scalar(1)
    expect(refused(bowl, { w: tensor })).toBe(
      'InvalidLeaf x0.w: expected a number, a Float64Array, a Float32Array or an ndarray; for tensors there is step, given a tensor',
    )
    tensor.dispose()
    expect(tf.memory().numTensors).toBe(numTensors)
    expect(refused(bowl, { w: 'x' })).toMatch(/^InvalidLeaf x0.w: /)
    expect(refused(bowl, [])).toBe('InvalidLeaf x0: expected at least one number, given none')
    expect(refused(bowl)).toMatch(/^TreeMismatch x0: /)
  })

  it('are named: what functions return', () => {
    expect(refused(() => 'x', 1)).toBe(
      'InvalidArgument minimize.objective(): expected a number, or { value, grads }, given "x"',
    )
    expect(refused(async () => 1, 1)).toMatch(/given a Promise$/)
    expect(refused(() => ({ value: [1], grads: 1 }), 1)).toMatch(/given an array$/)
    expect(refused(() => ({ value: 1, grads: [1] }), 1)).toMatch(/^TreeMismatch objective\(\).grads: /)
    expect(refused(() => ({ value: 1, grads: { w: null } }), { w: 1 })).toMatch(
      /^TreeMismatch objective\(\).grads.w: expected a leaf, given null/,
    )
    expect(refused(() => ({ value: 1, grads: [5, 1] }), [null, 1])).toBe(
      'TreeMismatch objective().grads.0: expected null, given a leaf',
    )
    expect(refused(() => ({ value: 1, grads: Float64Array.of(1) }), Float64Array.of(1, 2))).toMatch(
      /^ShapeMismatch objective\(\).grads: /,
    )
    expect(refused(() => ({ value: 1, grads: Float32Array.of(1) }), Float64Array.of(1))).toMatch(
      /^DtypeMismatch objective\(\).grads: /,
    )
    expect(refused(() => 1, [1], { grad: () => 1 })).toMatch(/^TreeMismatch grad\(\): /)
    expect(refused(() => 1, [1], { grad: () => undefined })).toMatch(/^TreeMismatch grad\(\): /)
    let calls = 0
    expect(refused((x: number) => (calls++ > 0 ? x : bowl(x)), 1)).toMatch(/as in its first call/)
    expect(() =>
      minimize(() => {
        throw new RangeError('mine')
      }, 1),
    ).toThrow(new RangeError('mine'))
  })
})
