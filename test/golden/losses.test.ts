/** Every golden loss, its value and its gradient, on every backend that runs in Node. */
import '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { tidily } from '../../laws/tensor.js'
import { losses } from '../../src/index.js'
import { backends, useBackend } from '../backends.js'
import {
  assertAgreement,
  camel,
  compare,
  type GoldenLeaf,
  isGoldenLeaf,
  type Json,
  readGoldens,
  tensor,
} from './golden.js'

interface GoldenLoss {
  readonly name: string
  readonly config: Readonly<Record<string, Json>>
  readonly args: readonly GoldenLeaf[]
  readonly value: GoldenLeaf
  /** Of the sum of the value, in the first argument. */
  readonly grad: GoldenLeaf
  readonly f32_dev: number
}

interface GoldenOptions extends Omit<GoldenLoss, 'value' | 'grad'> {
  /** Several where the function gives several. */
  readonly value: GoldenLeaf | readonly GoldenLeaf[]
  /** Which arguments are integers. */
  readonly integers: readonly number[]
  /** Of the sum of the (first) value, by argument. */
  readonly grads: Readonly<Record<string, GoldenLeaf>>
}

const goldens = readGoldens<{ readonly losses: readonly GoldenLoss[] }>('optax_losses').losses
const others = readGoldens<{ readonly losses: readonly GoldenOptions[] }>('optax_loss_options').losses

type Loss = (...args: readonly unknown[]) => tf.Tensor
const functions: Readonly<Record<string, unknown>> = losses

/** Which argument is a class per example; the file writes all numbers alike. */
const classes: Readonly<Record<string, number>> = {
  softmax_cross_entropy_with_integer_labels: 1,
  multiclass_hinge_loss: 1,
  multiclass_perceptron_loss: 1,
  multiclass_sparsemax_loss: 1,
  ntxent: 1,
  ctc_loss: 2,
}

const tensorOf = ({ shape, data }: GoldenLeaf, integer: boolean): tf.Tensor =>
  data.every((x) => typeof x === 'boolean')
    ? tf.tensor(data.map(Number), [...shape], 'bool')
    : tf.tensor(Float32Array.from(data, Number), [...shape], integer ? 'int32' : 'float32')

/** The call of a case: the parameters that Optax takes by position and we by name go into the options. */
const callOf = ({ name, config }: Pick<GoldenLoss, 'name' | 'config'>): Loss => {
  if (name === 'make_fenchel_young_loss') {
    expect(config).toEqual({ max_fun: 'logsumexp' })
    const loss = losses.makeFenchelYoungLoss((scores) => tf.logSumExp(scores, -1))
    return (scores, targets) => loss(scores as tf.Tensor, targets as tf.Tensor)
  }
  const loss = functions[camel(name)]
  if (typeof loss !== 'function') throw new Error(`there is no loss ${camel(name)}`)
  // the file is trusted to call what it names as Optax does
  const call = loss as Loss
  const { alpha, ...rest } = config
  const given = Object.entries(name === 'smooth_labels' ? rest : config).map(
    ([key, value]) => [camel(key), isGoldenLeaf(value) ? tensorOf(value, false) : value] as const,
  )
  const options = given.length === 0 ? [] : [Object.fromEntries(given)]
  if (name === 'smooth_labels') return (labels) => call(labels, alpha, ...options)
  // targets may be left out, before the options
  const absent = name === 'huber_loss' ? [undefined] : []
  return (...args) => call(...args, ...(args.length === 1 ? absent : []), ...options)
}

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
        const args = golden.args.map((arg, i) => tensorOf(arg, classes[name] === i))
        const [x, ...others] = args as [tf.Tensor, ...tf.Tensor[]]
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
        const args = golden.args.map((arg, i) => tensorOf(arg, golden.integers.includes(i)))
        const call = callOf(golden)
        const result = call(...args)
        // a loss, or several tensors of which it is the first
        const first = (value: unknown) => (Array.isArray(value) ? value[0] : value) as tf.Tensor
        const tolerance = tensor.tolerance(golden.f32_dev)
        const gradients = Object.entries(golden.grads).flatMap(([key, grad]) => {
          const at = Number(key)
          const gradient = tf.grad((x) => tf.sum(first(call(...args.map((arg, i) => (i === at ? x : arg))))))(
            args[at] as tf.Tensor,
          )
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
