/** Layers that are frozen, shared, or without a gradient, in models that toOptimizer trains. */
import * as tf from '@tensorflow/tfjs'
import { adam, adamw, chain, clipByGlobalNorm, tree } from 'gradpipe'
import { toOptimizer } from 'gradpipe/tfjs'
import { beforeEach, describe, expect, test } from 'vitest'
import { backends, numbers, useBackend } from '../backends.js'
import { dense, train, weightsOf } from './models.js'

const loss = 'categoricalCrossentropy'

describe.each(backends)('on %s', (backend) => {
  beforeEach(() => useBackend(backend))

  test('a layer that is frozen in between keeps weights and moments, and goes on with them', async () => {
    const { numTensors } = tf.memory()
    const data = dense.data()
    const model = dense.model()
    const optimizer = toOptimizer(chain(clipByGlobalNorm(1), adamw(0.01)))
    const [first, second] = model.layers
    const run = async (trainable: boolean): Promise<void> => {
      if (first !== undefined) first.trainable = trainable
      model.compile({ optimizer, loss })
      await train(model, data, 1)
    }
    const momentsOf = (layer: tf.layers.Layer | undefined): readonly (readonly number[])[] =>
      ['mu', 'nu'].flatMap((name) => {
        // moments are kept by the variables' names
        const moments = tree.get(optimizer.state, name) as Readonly<Record<string, tf.Tensor>>
        return (layer?.weights ?? []).map((weight) => numbers(moments[weight.name]))
      })
    await run(true)
    const valuesOf = (layer: tf.layers.Layer | undefined): readonly (readonly number[])[] =>
      (layer?.getWeights() ?? []).map(numbers)
    const [weights, moments] = [valuesOf(first), momentsOf(first)]
    const others = momentsOf(second)
    expect(moments.flat().some((x) => x !== 0)).toBe(true)
    const tensors = tf.memory().numTensors
    await run(false)
    expect(tf.memory().numTensors).toBe(tensors)
    expect(valuesOf(first)).toEqual(weights)
    expect(momentsOf(first)).toEqual(moments)
    expect(momentsOf(second)).not.toEqual(others)
    await run(true)
    expect(valuesOf(first)).not.toEqual(weights)
    expect(momentsOf(first)).not.toEqual(moments)
    expect(tf.memory().numTensors).toBe(tensors)
    // the count is that of all steps: 96 digits, 16 at a time, three times
    expect(tree.get(optimizer.state, 'count')).toBe(18)
    optimizer.dispose()
    model.dispose()
    tf.dispose([data.x, data.y])
    expect(tf.memory().numTensors).toBe(numTensors)
  })

  test('a layer that is called twice is stepped once, by the sum of its gradients, as by tf.train', async () => {
    const twice = (): tf.LayersModel => {
      const shared = tf.layers.dense({
        units: 4,
        activation: 'tanh',
        kernelInitializer: tf.initializers.glorotUniform({ seed: 3 }),
      })
      const [a, b] = [tf.input({ shape: [4] }), tf.input({ shape: [4] })]
      // a layer that is given one symbolic tensor gives one
      const outputs = [shared.apply(a), shared.apply(b)] as tf.SymbolicTensor[]
      const joined = tf.layers.concatenate().apply(outputs) as tf.SymbolicTensor
      const head = tf.layers.dense({
        units: 1,
        kernelInitializer: tf.initializers.glorotUniform({ seed: 4 }),
      })
      return tf.model({ inputs: [a, b], outputs: head.apply(joined) as tf.SymbolicTensor })
    }
    const { numTensors } = tf.memory()
    const x = [1, 2].map((seed) => tf.randomNormal([16, 4], 0, 1, 'float32', seed))
    const y = tf.tidy(() => tf.sum(tf.mul(x[0] ?? 0, x[1] ?? 0), 1, true))
    const trained = async (optimizer: tf.Optimizer): Promise<readonly (readonly number[])[]> => {
      const model = twice()
      model.compile({ optimizer, loss: 'meanSquaredError' })
      await model.fit(x, y, { epochs: 5, batchSize: 8, shuffle: false })
      const weights = weightsOf(model)
      const variables = model.weights.map((weight) => weight.read())
      model.dispose()
      // of a layer that is called twice, TensorFlow.js frees the weights when the model is disposed twice
      tf.dispose(variables)
      optimizer.dispose()
      return weights
    }
    const ours = await trained(toOptimizer(adam(0.01, { eps: 1e-7 })))
    const theirs = await trained(tf.train.adam(0.01, 0.9, 0.999, 1e-7))
    expect(ours).toHaveLength(4)
    for (const [i, weight] of ours.entries())
      for (const [j, w] of weight.entries()) expect(w).toBeCloseTo(theirs[i]?.[j] ?? Number.NaN, 5)
    tf.dispose([x, y])
    expect(tf.memory().numTensors).toBe(numTensors)
  })

  test('a weight that the loss does not depend on stays, whatever its weight decay', async () => {
    const { numTensors } = tf.memory()
    const optimizer = toOptimizer(adamw(0.1, { weightDecay: 0.5 }))
    const model = dense.model()
    const data = dense.data()
    model.compile({ optimizer, loss })
    const [layer] = model.layers
    const rest = model.layers.slice(1)
    const before = weightsOf(model)
    const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable)
    const hidden = tf.ones([4, 16])
    optimizer.minimize(
      () =>
        tf.tidy(
          () => tf.sum(tf.square(rest.reduce((h, next) => next.apply(h) as tf.Tensor, hidden))) as tf.Scalar,
        ),
      false,
      variables,
    )
    const after = weightsOf(model)
    expect(layer?.weights).toHaveLength(2)
    expect(after.slice(0, 2)).toEqual(before.slice(0, 2))
    expect(after[2]).not.toEqual(before[2])
    optimizer.dispose()
    model.dispose()
    tf.dispose([data.x, data.y, hidden])
    expect(tf.memory().numTensors).toBe(numTensors)
  })
})
