/** Agreement: the gradients of an operation on WASM, held against the cpu backend's within what rounding explains. */
import * as tf from '@tensorflow/tfjs'
import fc from 'fast-check'
import { valueAndGrad } from 'gradpipe/tfjs'
import { expect } from 'vitest'
import { useBackend } from '../../backends.js'

/** Numbers and their shape. */
export interface Given {
  readonly shape: readonly number[]
  readonly values: Float32Array
}

/** A function of tensors by name. */
export type Operation = (inputs: Readonly<Record<string, tf.Tensor>>) => tf.Tensor

type Inputs = Readonly<Record<string, Given>>

/** How many numbers a shape has. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, each) => product * each, 1)

/** Numbers between −1 and 1 of a shape, by a generator with a seed. */
export const given = (seed: number, ...shape: readonly number[]): Given => {
  let state = seed * 2_654_435_761 + 12_345
  const next = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 31 - 1
  }
  return { shape, values: Float32Array.from({ length: sizeOf(shape) }, next) }
}

/** A seed. */
export const seeds: fc.Arbitrary<number> = fc.integer({ min: 0, max: 1e6 })

const upload = ({ shape, values }: Given): tf.Tensor => tf.tensor(values, [...shape])

const absolute = ({ shape, values }: Given): Given => ({ shape, values: values.map(Math.abs) })

/** What comes out of an operation, and its gradients for some weights of the outputs; leaves no tensor. */
export const gradients = (
  f: Operation,
  inputs: Inputs,
  weigh: (y: tf.Tensor) => tf.Tensor,
): { readonly y: Float32Array; readonly grads: Readonly<Record<string, Float32Array>> } => {
  const before = tf.memory().numTensors
  const tensors = Object.fromEntries(Object.entries(inputs).map(([name, each]) => [name, upload(each)]))
  const { value, grads, aux } = valueAndGrad(
    (inputs: Readonly<Record<string, tf.Tensor>>) => {
      const y = f(inputs)
      return [tf.sum(tf.mul(y, weigh(y))), y] as const
    },
    { hasAux: true },
  )(tensors)
  const result = {
    y: Float32Array.from(aux.dataSync()),
    grads: Object.fromEntries(
      Object.entries(grads).map(([name, grad]) => [name, Float32Array.from(grad.dataSync())]),
    ),
  }
  tf.dispose([tensors, value, grads, aux])
  expect(tf.memory().numTensors).toBe(before)
  return result
}

const on = async <T>(backend: 'cpu' | 'wasm', f: () => T): Promise<T> => {
  await useBackend(backend)
  return f()
}

/** Weights between −1 and 1, the same for the same shape. */
export const weights = (y: tf.Tensor): tf.Tensor => upload(given(y.size, ...y.shape))

const expectClose = (name: string, found: Float32Array, expected: Float32Array, room: Float32Array): void => {
  expect(found.length).toBe(expected.length)
  const off = found.findIndex(
    (value, i) => !(Math.abs(value - (expected[i] ?? Number.NaN)) <= (room[i] ?? Number.NaN)),
  )
  if (off >= 0)
    expect.fail(
      `${name}[${off}]: ${found[off]} on wasm, ${expected[off]} on cpu, of which ${room[off]} may be rounding`,
    )
}

/**
 * Checks that an operation that is linear in each input has the same values and gradients on WASM as on cpu.
 *
 * Both add products up in float32, in different orders. A sum of n products lies within n u Σ|a b| of the exact one,
 * u = 2⁻²⁴ (Higham, Accuracy and Stability of Numerical Algorithms, 2002, section 3.1), so two of them within twice
 * that; Σ|a b| is what the operation gives for the absolute values.
 */
export const expectLinear = async (f: Operation, inputs: Inputs, terms: number): Promise<void> => {
  const bounds = await on('cpu', () =>
    gradients(
      f,
      Object.fromEntries(Object.entries(inputs).map(([name, each]) => [name, absolute(each)])),
      (y) => tf.abs(weights(y)),
    ),
  )
  await expectWithin(f, inputs, (name) =>
    ((name === null ? bounds.y : bounds.grads[name]) ?? new Float32Array()).map(
      (each) => 2 * (terms + 2) * 2 ** -24 * each,
    ),
  )
}

/** Checks that values and gradients on WASM are those on cpu, but for some room: of the values (`null`), of an input. */
export const expectWithin = async (
  f: Operation,
  inputs: Inputs,
  room: (name: string | null) => Float32Array,
): Promise<void> => {
  const expected = await on('cpu', () => gradients(f, inputs, weights))
  const found = await on('wasm', () => gradients(f, inputs, weights))
  expectClose('y', found.y, expected.y, room(null))
  for (const name of Object.keys(inputs)) {
    const [own, reference] = [found.grads[name], expected.grads[name]]
    if (own === undefined || reference === undefined) expect.fail(`no gradient in ${name}`)
    else expectClose(name, own, reference, room(name))
  }
}
