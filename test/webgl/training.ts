/** `compile` and `fit` of a model on WebGL, by toOptimizer as by tf.train, in a page. */
import * as tf from '@tensorflow/tfjs'
import { adam, kernelStatistics } from '../../src/index.js'
import { toOptimizer } from '../../src/tfjs/index.js'
import { reasonsOf, textures, useWebgl } from './backend.js'

const wave = (n: number, seed: number): Float32Array =>
  Float32Array.from({ length: n }, (_, i) => Math.sin(i * 12.9898 + seed) / 2)

/** A convolution and dense layers, whose gradients come in textures of both kinds. */
const convolutional = (): tf.LayersModel => {
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({ inputShape: [8, 8, 1], filters: 4, kernelSize: 3, activation: 'relu' }),
      tf.layers.depthwiseConv2d({ kernelSize: 3, activation: 'relu' }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 10, activation: 'tanh' }),
      tf.layers.dense({ units: 3, activation: 'softmax' }),
    ],
  })
  const weights = model.getWeights().map(({ shape, size }, i) => tf.tensor(wave(size, i), shape))
  model.setWeights(weights)
  tf.dispose(weights)
  return model
}

const valuesOf = (model: tf.LayersModel): Promise<readonly (readonly number[])[]> =>
  Promise.all(model.getWeights().map(async (weight) => [...(await weight.data())]))

/** How far the weights and losses are from those of `tf.train.adam`, and what training leaves behind. */
export const trained = async (): Promise<{
  readonly apart: number
  readonly losses: readonly (readonly number[])[]
  readonly reasons: readonly string[]
  readonly launches: number
  readonly tensors: number
  /** What an epoch more adds. */
  readonly textures: number
}> => {
  await useWebgl()
  const { numTensors } = tf.memory()
  const [x, y] = [
    tf.tensor4d(wave(24 * 64, 7), [24, 8, 8, 1]),
    tf.oneHot(
      Array.from({ length: 24 }, (_, i) => i % 3),
      3,
    ),
  ] as const
  let grown = 0
  const fitted = async (optimizer: tf.Optimizer) => {
    const model = convolutional()
    model.compile({ optimizer, loss: 'categoricalCrossentropy' })
    const trainFor = (epochs: number) => model.fit(x, y, { epochs, batchSize: 8, shuffle: false, verbose: 0 })
    const { history } = await trainFor(3)
    const before = textures()
    await trainFor(1)
    grown = textures() - before
    const weights = await valuesOf(model)
    model.optimizer.dispose()
    model.dispose()
    return { weights, losses: (history.loss ?? []).map(Number) }
  }
  const theirs = await fitted(tf.train.adam(0.005, 0.9, 0.999, 1e-5))
  const before = kernelStatistics().launches
  let ours = theirs
  const reasons = await reasonsOf(async () => {
    ours = await fitted(toOptimizer(adam(0.005, { eps: 1e-5 }), { name: 'fitted on WebGL' }))
  })
  const off = ours.weights.map((weight, i) =>
    Math.max(...weight.map((w, j) => Math.abs(w - (theirs.weights[i]?.[j] ?? Number.NaN)))),
  )
  tf.dispose([x, y])
  return {
    apart: Math.max(...off),
    losses: [ours.losses, theirs.losses],
    reasons,
    launches: kernelStatistics().launches - before,
    tensors: tf.memory().numTensors - numTensors,
    textures: grown,
  }
}
