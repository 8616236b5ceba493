/** Every golden loss, its value and its gradient, on every backend that runs in Node. */
import '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { losses } from '../../src/index.js'
import { backends, useBackend } from '../backends.js'
import { assertAgreement, camel, compare, type GoldenLeaf, type Json, readGoldens, tensor } from './golden.js'

interface GoldenLoss {
  readonly name: string
  readonly config: Readonly<Record<string, Json>>
  readonly args: readonly GoldenLeaf[]
  readonly value: GoldenLeaf
  /** Of the sum of the value, in the first argument. */
  readonly grad: GoldenLeaf
  readonly f32_dev: number
}

const goldens = readGoldens<{ readonly losses: readonly GoldenLoss[] }>('optax_losses').losses

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

/** The call of a case: the parameters that Optax takes by position and we by name go into the options. */
const callOf = ({ name, config }: GoldenLoss): Loss => {
  if (name === 'make_fenchel_young_loss') {
    expect(config).toEqual({ max_fun: 'logsumexp' })
    return losses.makeFenchelYoungLoss((scores) => tf.logSumExp(scores, -1)) as Loss
  }
  const loss = functions[camel(name)]
  if (typeof loss !== 'function') throw new Error(`there is no loss ${camel(name)}`)
  // the file is trusted to call what it names as Optax does
  const call = loss as Loss
  const { alpha, ...rest } = config
  if (name === 'smooth_labels') return (labels) => call(labels, alpha)
  const options = Object.fromEntries(
    Object.entries(name === 'smooth_labels' ? rest : config).map(([key, value]) => [camel(key), value]),
  )
  if (Object.keys(options).length === 0) return call
  return (...args) => {
    // targets may be left out, before the options
    const missing = ['huber_loss'].includes(name) && args.length === 1 ? [undefined] : []
    return call(...args, ...missing, options)
  }
}

describe.each(backends)('on %s', (backend) => {
  beforeAll(() => useBackend(backend))

  test.each(goldens.map((golden, i) => [golden.name, golden.config, i, golden] as const))(
    '%s(%j), case %i, has the value and the gradient that Optax gives, and leaves nothing behind',
    (name, _, __, golden) => {
      const before = tf.memory().numTensors
      const differences = tf.tidy(() => {
        const args = golden.args.map((arg, i) => {
          const { shape, data } = arg
          return tf.tensor(
            Float32Array.from(data, Number),
            [...shape],
            classes[name] === i ? 'int32' : 'float32',
          )
        })
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
        ].map(({ path, ratio, message }) => ({ path, ratio, message }))
      })
      expect(tf.memory().numTensors - before).toBe(0)
      assertAgreement(`${name} on ${backend}`, differences)
    },
  )
})

test('every loss has a golden case', () => {
  const called = new Set(goldens.map(({ name }) => camel(name)))
  expect(Object.keys(losses).filter((name) => !called.has(name))).toEqual(['ctcLossWithForwardProbs'])
  expect(goldens.length).toBe(64)
})
