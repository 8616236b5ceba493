/** Every transformation of the catalogue drives an optimizer, and goes on from its weights bit for bit. */
import * as tf from '@tensorflow/tfjs'
import { toOptimizer } from 'gradpipe/tfjs'
import { beforeAll, describe, expect, test } from 'vitest'
import { catalogue } from '../../laws/index.js'
import { backends, numbers, useBackend } from '../backends.js'

const start = { kernel: [0.5, -1, 2, 0.25, -0.75, 1.5], bias: [0.5, -0.25, 1] }

describe.each(backends)('on %s', (backend) => {
  beforeAll(() => useBackend(backend))

  test.each(catalogue.map((row) => [row.call, row] as const))(
    '%s steps variables, is saved after three steps, and makes the same two steps after it',
    async (_, { make }) => {
      const { numTensors } = tf.memory()
      const initial = [tf.tensor2d(start.kernel, [2, 3]), tf.tensor1d(start.bias)] as const
      const kernel = tf.variable(initial[0], true, 'layer/kernel')
      const bias = tf.variable(initial[1], true, 'layer/bias')
      tf.dispose([...initial])
      const x = tf.tensor2d([1, 2, -1, 0.5], [2, 2])
      const loss = (): tf.Scalar => tf.tidy(() => tf.mean(tf.square(tf.add(tf.matMul(x, kernel), bias))))
      const tx = make()
      const train = (optimizer: tf.Optimizer, steps: number): readonly number[] => {
        for (let i = 0; i < steps; i++) optimizer.minimize(loss, false, [kernel, bias])
        return [...numbers(kernel), ...numbers(bias)]
      }
      const first = toOptimizer(tx)
      train(first, 3)
      const values = [kernel.clone(), bias.clone()] as const
      const weights = await tf.io.encodeWeights(await first.getWeights())
      const expected = train(first, 2)
      kernel.assign(values[0])
      bias.assign(values[1])
      const decoded = tf.io.decodeWeights(weights.data, weights.specs)
      const second = toOptimizer(tx)
      await second.setWeights(weights.specs.map(({ name }) => ({ name, tensor: decoded[name] ?? x })))
      tf.dispose(decoded)
      expect(train(second, 2)).toEqual(expected)
      expect(second.iterations).toBe(first.iterations)
      first.dispose()
      second.dispose()
      tf.dispose([kernel, bias, x, ...values])
      expect(tf.memory().numTensors - numTensors).toBe(0)
    },
  )
})
