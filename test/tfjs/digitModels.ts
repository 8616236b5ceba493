/** Small LayersModels on real digits, the same ones each time. */
import * as tf from '@tensorflow/tfjs'
import { type Data, digits } from './digits.js'

/** A model to be trained with a categorical crossentropy, and some digits as it takes them. */
export interface Example {
  readonly make: () => tf.LayersModel
  readonly data: (count: number) => Data
}

const glorot = (seed: number) => tf.initializers.glorotUniform({ seed })

/** A dense network with penalties and a seeded dropout. */
export const dense: Example = {
  make: () =>
    tf.sequential({
      layers: [
        tf.layers.dense({
          name: 'hidden',
          units: 12,
          inputShape: [784],
          activation: 'relu',
          kernelInitializer: glorot(1),
          kernelRegularizer: tf.regularizers.l2({ l2: 1e-3 }),
        }),
        tf.layers.dropout({ name: 'drop', rate: 0.25, seed: 7 }),
        tf.layers.dense({
          name: 'digit',
          units: 10,
          activation: 'softmax',
          kernelInitializer: glorot(2),
          biasRegularizer: tf.regularizers.l1({ l1: 1e-3 }),
        }),
      ],
    }),
  data: (count) => digits(count, [784]),
}

/** A small convolutional network with a batch normalization, not sequential. */
export const convolutional: Example = {
  make: () => {
    const input = tf.input({ shape: [28, 28, 1] })
    const conv = tf.layers
      .conv2d({ name: 'conv', filters: 4, kernelSize: 3, strides: 3, kernelInitializer: glorot(1) })
      .apply(input)
    const norm = tf.layers.batchNormalization({ name: 'norm' }).apply(conv)
    const flat = tf.layers.flatten().apply(tf.layers.reLU().apply(norm))
    const output = tf.layers
      .dense({ name: 'digit', units: 10, activation: 'softmax', kernelInitializer: glorot(2) })
      .apply(flat)
    return tf.model({ inputs: input, outputs: output as tf.SymbolicTensor }) // of one symbolic tensor
  },
  data: (count) => digits(count, [28, 28, 1]),
}

/** An embedding of the amount of ink in each row, read by an LSTM. */
export const recurrent: Example = {
  make: () =>
    tf.sequential({
      layers: [
        tf.layers.embedding({
          name: 'ink',
          inputDim: 29,
          outputDim: 4,
          inputLength: 28,
          maskZero: true,
          embeddingsInitializer: tf.initializers.randomUniform({ minval: -0.5, maxval: 0.5, seed: 3 }),
        }),
        tf.layers.lstm({
          name: 'lstm',
          units: 5,
          kernelInitializer: glorot(4),
          recurrentInitializer: glorot(5),
        }),
        tf.layers.dense({ name: 'digit', units: 10, activation: 'softmax', kernelInitializer: glorot(6) }),
      ],
    }),
  data: (count) => {
    const { x, y } = digits(count, [28, 28])
    const ink = tf.tidy(() => x.sum(2).round())
    x.dispose()
    return { x: ink, y }
  },
}

/** A dense network with a batch normalization. */
export const normalized: Example = {
  make: () =>
    tf.sequential({
      layers: [
        tf.layers.dense({ name: 'hidden', units: 8, inputShape: [784], kernelInitializer: glorot(1) }),
        tf.layers.batchNormalization({ name: 'norm' }),
        tf.layers.reLU(),
        tf.layers.dense({ name: 'digit', units: 10, activation: 'softmax', kernelInitializer: glorot(2) }),
      ],
    }),
  data: (count) => digits(count, [784]),
}
