/** Rules of rows and columns on WASM: one pass over a leaf makes the reductions of both. */
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, expect, test } from 'vitest'
import {
  adafactor,
  dispose,
  fromRule,
  type GradientTransformation,
  kernelStatistics,
  norm,
  slot,
  step,
  sum,
} from '../../../../src/index.js'
import { numbers, useBackend } from '../../../backends.js'

beforeAll(() => useBackend('wasm'))

const byRowsAndColumns = fromRule({
  axes: () => ({ rows: 0, columns: 1 }),
  slots: { r: slot('row', 0), c: slot('column', 0), l: slot('leaf', 0) },
  scalars: {},
  step: ({ g, p }) => ({ update: g, r: norm(g, 'row'), c: sum(g, 'column'), l: norm(p, 'leaf') }),
})

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
  ['with a clip, whose norm wants all of the rows and columns before', adafactor(0.1), 3],
])('Adafactor goes over a matrix %s in so many passes', (_, tx, passes) => {
  const params = tf.ones([128, 160])
  const grads = tf.ones([128, 160])
  const state = tx.init(params)
  const { launches } = kernelStatistics()
  const next = step(tx)(params, state, grads)
  expect(kernelStatistics().launches - launches).toBe(passes)
  dispose(params, grads, state, next)
})
