/** Every golden loss, its value and its gradient, on every backend that runs in Node. */
import '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { tidily } from '../../laws/tensor.js'
import { losses } from '../../src/tfjs/index.js'
import { backends, useBackend } from '../backends.js'
import { assertAgreement, camel, compare, type GoldenLeaf, tensor } from './golden.js'
import { argumentsOf, callOf, goldens, lossOf, others } from './losses.js'

/** Compares numbers where the golden ones are numbers. */
const compareFinite = (path: string, golden: GoldenLeaf, actual: tf.Tensor, tolerance: number) => {
  const is = golden.data.map((x) => x !== 'NaN')
  const found = actual.dataSync().filter((_, i) => is[i])
  const data = golden.data.filter((_, i) => is[i])
  return compare(path, { shape: [data.length], data }, Float32Array.from(found), tolerance)
}

describe.each(backends)('on %s', (backend) => {
  beforeAll(() => useBackend(backend))

  test.each(goldens.map((golden, i) => [golden.name, golden.config, i, golden] as const))(
    '%s(%j), case %i, has the value and the gradient that Optax gives, and leaves nothing behind',
    (name, _, __, golden) => {
      const before = tf.memory().numTensors
      const differences = tidily(() => {
        const [x, ...others] = argumentsOf(golden)
        const call = callOf(golden)
        const made = tf.memory().numTensors
        const value = call(x, ...others)
        expect(tf.memory().numTensors - made).toBe(1)
        const gradient = tf.grad((given) => tf.sum(call(given, ...others)))(x)
        expect(value.shape).toEqual(golden.value.shape)
        expect(gradient.shape).toEqual(golden.grad.shape)
        const tolerance = tensor.tolerance(golden.f32_dev)
        return [
          ...compare('value', golden.value, value, tolerance),
          ...compare('grad', golden.grad, gradient, tolerance),
        ]
      })
      expect(tf.memory().numTensors - before).toBe(0)
      assertAgreement(`${name} on ${backend}`, differences)
    },
  )

  test.each(others.map((golden, i) => [golden.name, i, golden] as const))(
    '%s with options, case %i, has the value and all gradients that Optax gives, and finite ones where those are NaN',
    (name, _, golden) => {
      const before = tf.memory().numTensors
      const differences = tidily(() => {
        const args = argumentsOf(golden)
        const call = callOf(golden)
        const result = call(...args)
        const tolerance = tensor.tolerance(golden.f32_dev)
        const gradients = Object.entries(golden.grads).flatMap(([key, grad]) => {
          const at = Number(key)
          const gradient = tf.grad((x) =>
            tf.sum(lossOf(call(...args.map((arg, i) => (i === at ? x : arg))))),
          )(args[at] as tf.Tensor)
          expect(gradient.shape).toEqual(grad.shape)
          expect(gradient.dataSync().every(Number.isFinite)).toBe(true)
          return compareFinite(`grad ${key}`, grad, gradient, tolerance)
        })
        return [...compare('value', golden.value, result, tolerance), ...gradients]
      })
      expect(tf.memory().numTensors - before).toBe(0)
      assertAgreement(`${name} on ${backend}`, differences)
    },
  )
})

test('every loss has a golden case', () => {
  const called = new Set([...goldens, ...others].map(({ name }) => camel(name)))
  expect(Object.keys(losses).filter((name) => !called.has(name))).toEqual([])
  expect([goldens.length, others.length]).toEqual([64, 54])
})
