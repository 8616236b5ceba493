/** Rules of rows and columns on backends that have kernels for them; on WASM one pass over a leaf makes the reductions of both. */
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  adafactor,
  adaptiveGradClip,
  centralize,
  chain,
  clipByGlobalNorm,
  dispose,
  fromRule,
  type GradientTransformation,
  kernelStatistics,
  norm,
  normalizeByUpdateNorm,
  scale,
  slot,
  step,
  sum,
} from '../../../src/index.js'
import { withInterpreter } from '../../../src/tfjs/index.js'
import { backends, numbers, tensorsIn, useBackend } from '../../backends.js'

const byRowsAndColumns = fromRule({
  axes: () => ({ rows: 0, columns: 1 }),
  slots: { r: slot('row', 0), c: slot('column', 0), l: slot('leaf', 0) },
  scalars: {},
  step: ({ g, p }) => ({ update: g, r: norm(g, 'row'), c: sum(g, 'column'), l: norm(p, 'leaf') }),
})

describe('on wasm', () => {
  beforeAll(() => useBackend('wasm'))

  test.each([1, 2 ** -80, 2 ** 80])(
    'what rows are gone through again for is not added to columns twice (numbers near %d)',
    (size) => {
      const { numTensors } = tf.memory()
      const [m, n] = [70, 33]
      // whole numbers of so many bits, so that sums are exact
      const of = (i: number): number => ((i * 37) % 101) - 50
      const g = tf.tensor2d(
        Float32Array.from({ length: m * n }, (_, i) => of(i) * size),
        [m, n],
      )
      const p = tf.ones([m, n])
      const start = byRowsAndColumns.init(p)
      const { launches } = kernelStatistics()
      const [update, state] = byRowsAndColumns.update(g, start, p)
      // one pass for all reductions; the update is the gradient itself
      expect(kernelStatistics().launches - launches).toBe(2)
      const { r, c, l } = state as unknown as Record<'r' | 'c' | 'l', tf.Tensor>
      for (let j = 0; j < n; j++) {
        let total = 0
        for (let i = 0; i < m; i++) total += of(i * n + j)
        expect(numbers(c)[j]).toBe(total * size)
      }
      for (let i = 0; i < m; i++) {
        const own = Math.hypot(...Array.from({ length: n }, (_, j) => of(i * n + j))) * size
        expect(Math.abs((numbers(r)[i] ?? Number.NaN) / own - 1)).toBeLessThan(2 ** -20)
      }
      expect(numbers(l)[0]).toBeCloseTo(Math.sqrt(m * n), 4)
      dispose(g, p, start, update, state)
      expect(tf.memory().numTensors).toBe(numTensors)
    },
  )

  test.each<readonly [string, GradientTransformation, number]>([
    [
      'with neither clip nor scale',
      adafactor(0.1, { clippingThreshold: null, multiplyByParameterScale: false }),
      2,
    ],
    ['with a scale', adafactor(0.1, { clippingThreshold: null }), 2],
    ['with a clip, whose norm is made of rows and columns', adafactor(0.1), 2],
  ])('Adafactor goes over a matrix %s in so many passes', (_, tx, passes) => {
    const params = tf.ones([128, 160])
    const grads = tf.ones([128, 160])
    const state = tx.init(params)
    const { launches } = kernelStatistics()
    const next = step(tx)(params, state, grads)
    expect(kernelStatistics().launches - launches).toBe(passes)
    dispose(params, grads, state, next)
  })
})

describe.each(backends)('on %s, a norm over the tree', (backend) => {
  beforeAll(() => useBackend(backend))

  const shapes = [[40, 17], [129, 160], [3, 2, 16], [5], [], [300]]

  const drawn = (seed: number, size: number): tf.Tensor[] =>
    shapes.map((shape, k) => {
      const length = shape.reduce((all, n) => all * n, 1)
      const of = (i: number): number => Math.sin(seed + 13 * k + i * i * 0.37) * size
      return tf.tensor(
        Float32Array.from({ length }, (_, i) => of(i)),
        shape,
      )
    })

  test.each<readonly [string, GradientTransformation, number]>([
    ['before Adafactor', chain(clipByGlobalNorm(0.5), adafactor(0.1, { minDimSizeToFactor: 16 })), 1],
    ['of numbers whose squares are none', chain(clipByGlobalNorm(0.5), adafactor(0.1)), 1e25],
    ['after rows and columns', chain(adaptiveGradClip(0.1), clipByGlobalNorm(0.5), scale(-1)), 1],
    ['of rows alone', chain(centralize(), normalizeByUpdateNorm()), 1],
  ])('%s has kernels for all leaves, donated or not', (_, tx, size) => {
    const { numTensors } = tf.memory()
    const follow = (donate: boolean): readonly (readonly number[])[] => {
      let params = drawn(1, 1)
      let state = tx.init(params)
      for (let i = 0; i < 3; i++) {
        const grads = drawn(2 + i, size)
        const next = step(tx, { donate })<tf.Tensor[]>(params, state, grads)
        if (!donate) dispose(params, state, grads)
        ;[params, state] = next
      }
      const found = tensorsIn([params, state]).map(numbers)
      dispose(params, state)
      return found
    }
    const expected = withInterpreter('tensor', () => follow(false))
    const before = kernelStatistics()
    for (const donate of [false, true]) {
      const found = follow(donate)
      expect(found.map(({ length }) => length)).toEqual(expected.map(({ length }) => length))
      for (const [k, all] of found.entries()) {
        const most = Math.max(...all.map(Math.abs), 1e-30)
        const off = all.map((x, i) => Math.abs(x - (expected[k]?.[i] ?? Number.NaN)) / most)
        expect(off.every((each) => each < 1e-5)).toBe(true)
      }
    }
    const after = kernelStatistics()
    expect(after.fallbacks).toBe(before.fallbacks)
    // at least two passes over each of six leaves in six steps
    expect(after.launches - before.launches).toBeGreaterThanOrEqual(72)
    expect(tf.memory().numTensors).toBe(numTensors)
  })
})
