import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { dispose, globalNorm, incrementalUpdate, type Params, periodicUpdate, tree } from '../../src/index.js'
import { backends, numbers, tensorsLeft, useBackend } from '../backends.js'
import { thrown } from '../thrown.js'

describe('a function of two trees', () => {
  it('matches them by key, and is null where the first one is', () => {
    expect(tree.sub({ a: 1, b: [null, 5] }, { b: [7, 2], a: 3 })).toEqual({ a: -2, b: [null, 3] })
    expect(tree.updateMoment({ a: null, b: 3 }, { a: 1, b: 1 }, 0.5, 1)).toEqual({ a: null, b: 2 })
    expect(incrementalUpdate({ a: null }, { a: 1 }, { stepSize: 0.5 })).toEqual({ a: null })
  })

  it('computes each kind of leaf in its own precision', () => {
    const third = Math.fround(1 / 3)
    const mixed = { a: 1, b: Float64Array.of(1), c: Float32Array.of(1) }
    expect(tree.div(mixed, { a: 3, b: Float64Array.of(3), c: Float32Array.of(3) })).toEqual({
      a: 1 / 3,
      b: Float64Array.of(1 / 3),
      c: Float32Array.of(third),
    })
  })

  it.each([
    [{ w: [1] }, { w: [1, 2] }, 'x.w', 'TreeMismatch'],
    [{ w: Float64Array.of(1) }, { w: Float64Array.of(1, 2) }, 'x.w', 'ShapeMismatch'],
    [{ w: [1] }, { w: [Float32Array.of(1)] }, 'x.w.0', 'ShapeMismatch'],
    [{ w: Float64Array.of(1) }, { w: Float32Array.of(1) }, 'x.w', 'DtypeMismatch'],
    [{ w: 1 }, { w: null }, 'y.w', 'TreeMismatch'],
  ] as const)('refuses %j and %j at %s', (x, y, path, tag) => {
    for (const call of [
      () => tree.add<Params>(x, y),
      () => tree.addScale<Params>(x, 1, y),
      () => tree.where<Params>(true, x, y),
      () => tree.vdot(x, y),
    ])
      expect(thrown(call)).toMatchObject({ _tag: tag, path })
  })

  it('speaks of its arguments by their names', () => {
    expect(thrown(() => incrementalUpdate<Params>([1], 2, { stepSize: 1 })).path).toBe('newTensors')
    expect(thrown(() => tree.updateMoment<Params>([Float32Array.of(1)], [1], 0, 1)).path).toBe('updates.0')
    const text: unknown = 'text'
    expect(thrown(() => tree.scale(2, { w: text as number }))).toMatchObject({
      _tag: 'InvalidLeaf',
      path: 'tree.w',
    })
  })
})

describe('sums of trees', () => {
  it('take any number of them', () => {
    expect(tree.add({ w: 1 }, { w: 2 }, { w: 4 }, { w: 8 })).toEqual({ w: 15 })
  })
})

describe('bounds', () => {
  it('may be left out, and keep NaN', () => {
    expect(tree.clip([-3, 0, 3, Number.NaN])).toEqual([-3, 0, 3, Number.NaN])
    expect(tree.clip([-3, 0, 3], { minValue: -1 })).toEqual([-1, 0, 3])
    expect(tree.clip([-3, 0, 3, Number.NaN], { maxValue: 1 })).toEqual([-3, 0, 1, Number.NaN])
  })
})

describe('a moment', () => {
  it('is of any order', () => {
    expect(tree.updateMoment([2, -2], [0, 0], 0.5, 3)).toEqual([4, -4])
    expect(tree.updateMoment(4, 1, 0.5, 0.5)).toBe(1.5)
  })

  it('decays where the gradient is small, as a maximum', () => {
    expect(tree.updateInfinityMoment([1, -9], [8, 8], 0.5, 1)).toEqual([4, 10])
  })
})

describe('averages of parameters', () => {
  it('refuse options that are missing, unknown or out of range', () => {
    const none: unknown = {}
    expect(thrown(() => incrementalUpdate(1, 2, none as { stepSize: number }))).toMatchObject({
      _tag: 'InvalidArgument',
      path: 'incrementalUpdate.stepSize',
    })
    const every = (steps: number, updatePeriod: number) => () => periodicUpdate(1, 2, { steps, updatePeriod })
    expect(thrown(every(1.5, 2)).path).toBe('periodicUpdate.steps')
    expect(thrown(every(-1, 2)).path).toBe('periodicUpdate.steps')
    expect(thrown(every(1, 0)).path).toBe('periodicUpdate.updatePeriod')
    expect(every(0, 1)()).toBe(1)
  })
})

describe('reductions', () => {
  const reductions = { sum: tree.sum, max: tree.max, min: tree.min, norm: tree.norm, globalNorm }

  it('of no leaves are numbers', () => {
    expect(Object.values(reductions).map((reduce) => reduce({ w: null, b: [] }))).toEqual([
      0,
      Number.NEGATIVE_INFINITY,
      Number.POSITIVE_INFINITY,
      0,
      0,
    ])
    expect(tree.norm({ w: new Float32Array(0) }, { ord: 'inf' })).toBe(0)
    expect(tree.norm({}, { ord: Number.POSITIVE_INFINITY, squared: true })).toBe(0)
    expect(tree.vdot({}, {})).toBe(0)
    expect(tree.size({ w: new Float32Array(0), b: null })).toBe(0)
  })

  it('see every leaf, and NaN', () => {
    const all = { a: -7, b: Float32Array.of(2, 3), c: [Float64Array.of(5)] }
    expect(tree.sum(all)).toBe(3)
    expect(tree.max(all)).toBe(5)
    expect(tree.min(all)).toBe(-7)
    expect(tree.size(all)).toBe(4)
    expect(tree.norm(all, { ord: 1, squared: true })).toBe(17 ** 2)
    expect(tree.norm(all, { ord: 'inf', squared: true })).toBe(49)
    for (const reduce of Object.values(reductions)) expect(reduce([...[all], Number.NaN])).toBeNaN()
  })

  it('of unknown order are refused', () => {
    expect(thrown(() => tree.norm(1, { ord: 3 }))).toMatchObject({
      _tag: 'InvalidArgument',
      path: 'tree.norm.ord',
      given: '3',
    })
  })
})

describe.each(backends)('with tensors on %s', (backend) => {
  beforeAll(() => useBackend(backend))

  const made = (): { w: tf.Tensor; b: tf.Tensor } => ({
    w: tf.tensor2d([[1, -2, 3]]),
    b: tf.scalar(-4),
  })

  it('every function gives new tensors, and leaves no others behind', () => {
    const [x, y] = [made(), made()]
    const calls: readonly (() => unknown)[] = [
      () => tree.add(x, y),
      () => tree.add(x, y, x, y),
      () => tree.sub(x, y),
      () => tree.mul(x, y),
      () => tree.div(x, y),
      () => tree.scale(2, x),
      () => tree.addScale(x, 2, y),
      () => tree.clip(x, { minValue: -1, maxValue: 1 }),
      () => tree.where(true, x, y),
      () => tree.where(false, x, y),
      () => tree.fullLike(x, 3),
      () => tree.zerosLike(x),
      () => tree.onesLike(x),
      () => tree.updateMoment(x, y, 0.5, 2),
      () => tree.updateInfinityMoment(x, y, 0.5, 0),
      () => tree.biasCorrection(x, 0.5, 2),
      () => incrementalUpdate(x, y, { stepSize: 0.5 }),
      () => periodicUpdate(x, y, { steps: 1, updatePeriod: 2 }),
    ]
    for (const call of calls) {
      const left = tensorsLeft(() => {
        const result = call() as { w: tf.Tensor; b: tf.Tensor }
        expect(result.w.shape).toEqual([1, 3])
        expect(result.b.shape).toEqual([])
        for (const given of [x, y]) expect([given.w, given.b]).not.toContain(result.w)
        dispose(result)
        expect(x.w.isDisposed || y.b.isDisposed).toBe(false)
      })
      expect(left).toBe(0)
    }
    dispose(x, y)
  })

  it('reductions are scalar tensors', () => {
    const x = made()
    const left = tensorsLeft(() => {
      const reduced = [
        tree.sum(x),
        tree.max(x),
        tree.min(x),
        tree.norm(x, { squared: true }),
        tree.norm(x, { ord: 1 }),
        tree.norm(x, { ord: 'inf' }),
        tree.vdot(x, x),
      ]
      expect(reduced.map((value) => value.shape)).toEqual(reduced.map(() => []))
      expect(reduced.flatMap(numbers)).toEqual([-2, 3, -4, 30, 10, 4, 30])
      tf.dispose(reduced)
    })
    expect(left).toBe(0)
    dispose(x)
  })

  it('a factor may be a tensor', () => {
    const [x, factor] = [made(), tf.scalar(0.5)]
    const left = tensorsLeft(() => {
      const [scaled, added] = [tree.scale(factor, x), tree.addScale(x, factor, x)]
      expect([scaled.w, scaled.b, added.w, added.b].map(numbers)).toEqual([
        [0.5, -1, 1.5],
        [-2],
        [1.5, -3, 4.5],
        [-6],
      ])
      dispose(scaled, added)
    })
    expect(left).toBe(0)
    expect(thrown(() => tree.scale(x.w, x))).toMatchObject({ _tag: 'ShapeMismatch', path: 'scalar' })
    expect(thrown(() => tree.scale(factor, { w: 1 }))).toMatchObject({ _tag: 'DtypeMismatch' })
    const whole = tf.scalar(2, 'int32')
    expect(thrown(() => tree.addScale(x, whole, x))).toMatchObject({ _tag: 'DtypeMismatch', path: 'scalar' })
    dispose(x, factor, whole)
  })

  it('numbers beside tensors, tensors of integers and disposed ones are refused, and nothing is left', () => {
    const [float, integer] = [tf.tensor1d([1, 2]), tf.tensor1d([1, 2], 'int32')]
    const left = tensorsLeft(() => {
      expect(thrown(() => tree.sum({ a: 1, b: float }))).toMatchObject({ _tag: 'DtypeMismatch' })
      for (const call of [() => tree.sum([integer]), () => tree.scale(2, [integer])])
        expect(thrown(call)).toMatchObject({ _tag: 'DtypeMismatch', path: 'tree.0' })
      expect(thrown(() => tree.add(float, float, integer))).toMatchObject({ _tag: 'DtypeMismatch' })
    })
    expect(left).toBe(0)
    expect(tree.size([float, integer])).toBe(4)
    dispose(float, integer)
    expect(thrown(() => tree.norm([float]))).toMatchObject({ _tag: 'Disposed', path: 'tree.0' })
  })
})
