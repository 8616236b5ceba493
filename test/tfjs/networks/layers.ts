/** Networks of TensorFlow.js's layers, with sizes as parameters: small ones for tests, larger ones to be timed. */
import * as tf from '@tensorflow/tfjs'
import { type Data, digits } from '../digits.js'

/** A model for `categoricalCrossentropy` that begins at the same weights each time, and data for it. */
export interface Network {
  readonly name: string
  readonly make: () => tf.LayersModel
  readonly data: (batch: number) => Data
}

const glorot = (seed: number) => tf.initializers.glorotUniform({ seed })

const digit = (seed: number) =>
  tf.layers.dense({ units: 10, activation: 'softmax', kernelInitializer: glorot(seed) })

/** A dense network 784–units–units–10. */
export const denseNetwork = ({ units }: { readonly units: number }): Network => ({
  name: 'dense network',
  make: () =>
    tf.sequential({
      layers: [
        tf.layers.dense({ inputShape: [784], units, activation: 'relu', kernelInitializer: glorot(1) }),
        tf.layers.dense({ units, activation: 'relu', kernelInitializer: glorot(2) }),
        digit(3),
      ],
    }),
  data: (batch) => digits(batch, [784]),
})

/** A convolution, normalized over the batch, and halved by pooling. */
const block = (filters: number, seed: number, inputShape?: readonly number[]): readonly tf.layers.Layer[] => [
  tf.layers.conv2d({
    ...(inputShape === undefined ? {} : { inputShape: [...inputShape] }),
    filters,
    kernelSize: 3,
    padding: 'same',
    // a normalization follows, which would take a bias off again
    useBias: false,
    kernelInitializer: glorot(seed),
  }),
  tf.layers.batchNormalization(),
  tf.layers.reLU(),
  tf.layers.maxPooling2d({ poolSize: 2 }),
]

/** Two convolutions with batch normalization and pooling, and two dense layers with dropout, on 28 × 28 digits. */
export const convolutionalNetwork = ({
  filters,
  units,
}: {
  readonly filters: readonly [number, number]
  readonly units: number
}): Network => ({
  name: 'convolutional network',
  make: () =>
    tf.sequential({
      layers: [
        ...block(filters[0], 1, [28, 28, 1]),
        ...block(filters[1], 2),
        tf.layers.flatten(),
        tf.layers.dense({ units, activation: 'relu', kernelInitializer: glorot(3) }),
        tf.layers.dropout({ rate: 0.25, seed: 4 }),
        digit(5),
      ],
    }),
  data: (batch) => digits(batch, [28, 28, 1]),
})

/** A convolution by 2, then depthwise-separable ones, then the mean of each channel. */
export const separableNetwork = ({ filters }: { readonly filters: readonly [number, number] }): Network => ({
  name: 'depthwise-separable network',
  make: () =>
    tf.sequential({
      layers: [
        tf.layers.conv2d({
          inputShape: [28, 28, 1],
          filters: filters[0],
          kernelSize: 3,
          strides: 2,
          padding: 'same',
          activation: 'relu',
          kernelInitializer: glorot(1),
        }),
        tf.layers.separableConv2d({
          filters: filters[1],
          kernelSize: 3,
          padding: 'same',
          activation: 'relu',
          depthwiseInitializer: glorot(2),
          pointwiseInitializer: glorot(3),
        }),
        tf.layers.depthwiseConv2d({
          kernelSize: 3,
          strides: 2,
          padding: 'same',
          activation: 'relu',
          depthwiseInitializer: glorot(4),
        }),
        tf.layers.globalAveragePooling2d({}),
        digit(5),
      ],
    }),
  data: (batch) => digits(batch, [28, 28, 1]),
})

/** An LSTM that reads a digit row by row. */
export const recurrentNetwork = ({ units }: { readonly units: number }): Network => ({
  name: 'LSTM',
  make: () =>
    tf.sequential({
      layers: [
        tf.layers.lstm({
          inputShape: [28, 28],
          units,
          kernelInitializer: glorot(1),
          recurrentInitializer: glorot(2),
        }),
        digit(3),
      ],
    }),
  data: (batch) => digits(batch, [28, 28]),
})

/** An embedding of words, their mean, and dense layers. */
export const embeddingNetwork = ({
  vocabulary,
  width,
  length,
}: {
  readonly vocabulary: number
  readonly width: number
  readonly length: number
}): Network => ({
  name: 'embedding network',
  make: () =>
    tf.sequential({
      layers: [
        tf.layers.embedding({
          inputDim: vocabulary,
          outputDim: width,
          inputLength: length,
          embeddingsInitializer: tf.initializers.randomUniform({ minval: -0.5, maxval: 0.5, seed: 1 }),
        }),
        tf.layers.globalAveragePooling1d({}),
        tf.layers.dense({ units: width, activation: 'relu', kernelInitializer: glorot(2) }),
        digit(3),
      ],
    }),
  data: (batch) =>
    tf.tidy(() => ({
      x: tf.floor(tf.randomUniform([batch, length], 0, vocabulary, 'float32', 4)),
      y: tf.oneHot(tf.cast(tf.floor(tf.randomUniform([batch], 0, 10, 'float32', 5)), 'int32'), 10).toFloat(),
    })),
})
