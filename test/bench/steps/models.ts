/** Models of TensorFlow.js's layers whose steps are timed. Their weights and data are the same in every run. */
import * as tf from '@tensorflow/tfjs'
import { noise } from '../noise.js'

/** A model that is not compiled, and one batch for it: images or words, each of one of ten classes. */
export interface LayersModel {
  readonly make: () => tf.LayersModel
  readonly data: () => { readonly x: tf.Tensor; readonly y: tf.Tensor }
}

const seeded = (seed: number) => tf.initializers.glorotUniform({ seed })

const classes = 10

/** A one among zeros for each item of a batch: the classes in turn. */
const labels = (batch: number): tf.Tensor =>
  tf.tidy(() => {
    const numbers = Array.from({ length: batch }, (_, i) => i % classes)
    return tf.oneHot(tf.tensor1d(numbers, 'int32'), classes).toFloat()
  })

/** Numbers in [0, limit). */
const drawn = (shape: readonly number[], limit: number): Float32Array => {
  const n = shape.reduce((a, b) => a * b, 1)
  return noise(n, limit, 7).map(Math.abs)
}

const sequential = (layers: () => tf.layers.Layer[]) => (): tf.LayersModel =>
  tf.sequential({ layers: layers() })

const ofPixels = (batch: number, shape: readonly number[]) => () => ({
  x: tf.tensor(drawn([batch, ...shape], 1), [batch, ...shape]),
  y: labels(batch),
})

const classify = (seed: number): tf.layers.Layer =>
  tf.layers.dense({ units: classes, activation: 'softmax', kernelInitializer: seeded(seed) })

/** 784 → units → units → 10. */
export const dense = (batch: number, units: number): LayersModel => {
  const hidden = (seed: number, inputShape?: number[]): tf.layers.Layer =>
    tf.layers.dense({
      units,
      activation: 'relu',
      kernelInitializer: seeded(seed),
      ...(inputShape && { inputShape }),
    })
  return {
    make: sequential(() => [hidden(1, [784]), hidden(2), classify(3)]),
    data: ofPixels(batch, [784]),
  }
}

/** Two convolutions of images, 28 × 28, with batch normalization, pooling and dropout. */
export const convolutional = (batch: number): LayersModel => ({
  make: sequential(() => [
    tf.layers.conv2d({
      inputShape: [28, 28, 1],
      filters: 16,
      kernelSize: 3,
      useBias: false,
      kernelInitializer: seeded(1),
    }),
    tf.layers.batchNormalization(),
    tf.layers.reLU(),
    tf.layers.maxPooling2d({ poolSize: 2 }),
    tf.layers.conv2d({ filters: 32, kernelSize: 3, activation: 'relu', kernelInitializer: seeded(2) }),
    tf.layers.maxPooling2d({ poolSize: 2 }),
    tf.layers.flatten(),
    tf.layers.dropout({ rate: 0.25, seed: 3 }),
    classify(4),
  ]),
  data: ofPixels(batch, [28, 28, 1]),
})

/** A convolution, then two that go by depth and by point, as in MobileNet. */
export const depthwise = (batch: number): LayersModel => {
  const separable = (filters: number, seed: number): tf.layers.Layer[] => [
    tf.layers.depthwiseConv2d({
      kernelSize: 3,
      padding: 'same',
      activation: 'relu',
      depthwiseInitializer: seeded(seed),
    }),
    tf.layers.conv2d({ filters, kernelSize: 1, activation: 'relu', kernelInitializer: seeded(seed + 1) }),
  ]
  return {
    make: sequential(() => [
      tf.layers.conv2d({
        inputShape: [28, 28, 1],
        filters: 16,
        kernelSize: 3,
        strides: 2,
        activation: 'relu',
        kernelInitializer: seeded(1),
      }),
      ...separable(32, 2),
      ...separable(64, 4),
      tf.layers.globalAveragePooling2d({}),
      classify(6),
    ]),
    data: ofPixels(batch, [28, 28, 1]),
  }
}

/** An LSTM that reads 28 rows of 28 pixels. */
export const recurrent = (batch: number, units: number): LayersModel => ({
  make: sequential(() => [
    tf.layers.lstm({
      inputShape: [28, 28],
      units,
      kernelInitializer: seeded(1),
      recurrentInitializer: seeded(2),
    }),
    classify(3),
  ]),
  data: ofPixels(batch, [28, 28]),
})

/** The mean of the embeddings of 64 words, and a dense layer. */
export const embedding = (batch: number, vocabulary: number, width: number): LayersModel => {
  const words = 64
  return {
    make: sequential(() => [
      tf.layers.embedding({
        inputDim: vocabulary,
        outputDim: width,
        inputLength: words,
        embeddingsInitializer: tf.initializers.randomUniform({ minval: -0.5, maxval: 0.5, seed: 1 }),
      }),
      tf.layers.globalAveragePooling1d({}),
      tf.layers.dense({ units: width, activation: 'relu', kernelInitializer: seeded(2) }),
      classify(3),
    ]),
    data: () => ({
      x: tf.tensor2d(drawn([batch, words], vocabulary).map(Math.floor), [batch, words]),
      y: labels(batch),
    }),
  }
}
