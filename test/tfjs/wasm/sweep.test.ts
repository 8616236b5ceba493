/** A sweep over every differentiable operation of TensorFlow.js: on WASM, values and gradients are those of cpu. */
import * as tf from '@tensorflow/tfjs'
import { describe, expect, it } from 'vitest'
import { useBackend } from '../../backends.js'
import { gradients, weights } from './agreement.js'
import { type Case, composed, kernels } from './operations.js'

/**
 * How many units in the last place of the largest number of a tensor may lie between the backends. Both are float32;
 * cpu rounds JavaScript's float64 functions once, WASM computes exp, tanh and others in float32, with a few ulps each, and
 * sums have another order.
 */
const ulps = 32

const largest = (values: Float32Array): number =>
  values.reduce((max, value) => Math.max(max, Math.abs(value)), 0)

const expectNear = (name: string, found: Float32Array, reference: Float32Array): void => {
  expect(found.length, name).toBe(reference.length)
  const room = ulps * 2 ** -23 * Math.max(largest(reference), 2 ** -20)
  found.forEach((value, i) => {
    const off = Math.abs(value - (reference[i] ?? Number.NaN))
    if (!(off <= room)) expect.fail(`${name}[${i}]: ${value} on wasm, ${reference[i]} on cpu`)
  })
}

const expectAgreement = async ({ f, inputs }: Case): Promise<void> => {
  await useBackend('cpu')
  const reference = gradients(f, inputs, weights)
  await useBackend('wasm')
  const found = gradients(f, inputs, weights)
  expectNear('y', found.y, reference.y)
  for (const [name, gradient] of Object.entries(reference.grads))
    expectNear(`gradient in ${name}`, found.grads[name] ?? new Float32Array(), gradient)
}

/** The kernels of TensorFlow.js that have a gradient: it names its kernels among its exports. */
const differentiable = Object.values<unknown>({ ...tf }).filter(
  (name): name is string => typeof name === 'string' && tf.getGradient(name) !== undefined,
)

/** Kernels with a gradient that nothing leads to: complex numbers, whose parts have none, on any backend. */
const unreachable = ['ComplexAbs']

it('has a case for every kernel with a gradient, and for no others', () => {
  expect(differentiable.length).toBeGreaterThan(100)
  expect([...Object.keys(kernels), ...unreachable].sort()).toEqual([...new Set(differentiable)].sort())
})

describe('the operation', () => {
  it.each(Object.entries({ ...kernels, ...composed }))('%s', async (_, given) => {
    await expectAgreement(given)
  })
})
