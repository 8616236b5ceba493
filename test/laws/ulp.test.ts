import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { getUlpEq, type Precision, ulpDistance } from '../../laws/index.js'

const precisions: readonly Precision[] = ['float32', 'float64']
const numbers = {
  float32: fc.float({ noNaN: true }),
  float64: fc.double({ noNaN: true }),
} as const

test.each(precisions)('in %s a distance is 0 of equal bits only, and symmetric', (precision) => {
  const distance = ulpDistance(precision)
  fc.assert(
    fc.property(numbers[precision], numbers[precision], (x, y) => {
      expect(distance(x, y)).toBe(distance(y, x))
      expect(distance(x, y) === 0).toBe(Object.is(x, y))
    }),
  )
})

test('distances along the line add up', () => {
  const distance = ulpDistance('float32')
  fc.assert(
    fc.property(fc.tuple(numbers.float32, numbers.float32, numbers.float32), (three) => {
      const [a, b, c] = Float32Array.from(three).sort()
      if (a === undefined || b === undefined || c === undefined) throw new Error('three numbers')
      expect(distance(a, c)).toBe(distance(a, b) + distance(b, c))
    }),
  )
})

test('neighbours are 1 apart: −0 and 0, the greatest number and infinity, 1 and the next', () => {
  expect(ulpDistance('float64')(-0, 0)).toBe(1)
  expect(ulpDistance('float64')(Number.MAX_VALUE, Number.POSITIVE_INFINITY)).toBe(1)
  expect(ulpDistance('float64')(1, 1 - Number.EPSILON / 2)).toBe(1)
  expect(ulpDistance('float32')(1, 1 + 2 ** -23)).toBe(1)
  expect(ulpDistance('float32')(0, 2 ** -149)).toBe(1)
  expect(ulpDistance('float64')(0, Number.MIN_VALUE)).toBe(1)
})

test('NaN is NaN and far from all else', () => {
  expect(ulpDistance('float32')(Number.NaN, Number.NaN)).toBe(0)
  expect(ulpDistance('float64')(Number.NaN, Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY)
})

test('trees are compared by structure, shape and ulps, tensors too', async () => {
  await tf.setBackend('cpu')
  const bits = getUlpEq('float32')
  const before = tf.memory().numTensors
  const [a, b, row] = [tf.tensor1d([1, 2]), tf.tensor1d([1, 2 + 2 ** -22]), tf.tensor2d([[1, 2]])]
  expect(bits.equals({ w: a, b: null }, { b: null, w: Float32Array.of(1, 2) })).toBe(true)
  expect(bits.equals({ w: a }, { w: b })).toBe(false)
  expect(getUlpEq('float32', 1).equals({ w: a }, { w: b })).toBe(true)
  expect(bits.equals({ w: a }, { w: row })).toBe(false)
  expect(bits.equals({ w: a }, { v: a })).toBe(false)
  tf.dispose([a, b, row])
  expect(tf.memory().numTensors).toBe(before)
})
