/** The network: 784 pixels → 100 hidden units → 10 digits. It is a tree of tensors, and functions of it. */
import * as tf from '@tensorflow/tfjs-core'
import type { Batch } from './batch.js'
import type { Model, Predict } from './model.js'

/** The parameters. */
export type Network = {
  readonly hidden: { readonly w: tf.Tensor2D; readonly b: tf.Tensor1D }
  readonly output: { readonly w: tf.Tensor2D; readonly b: tf.Tensor1D }
}

export const pixels = 784
export const hiddenUnits = 100
export const classes = 10

/** The first weights between two layers: random, but the same each time. */
export const firstWeights = (inputs: number, outputs: number): tf.Tensor2D =>
  tf.randomNormal([inputs, outputs], 0, Math.sqrt(2 / (inputs + outputs)), 'float32', inputs)

/** The network before the training. */
export const newNetwork = (): Network => ({
  hidden: { w: firstWeights(pixels, hiddenUnits), b: tf.zeros([hiddenUnits]) },
  output: { w: firstWeights(hiddenUnits, classes), b: tf.zeros([classes]) },
})

export const predictWith =
  ({ hidden, output }: Network): Predict =>
  (images) =>
    tf.add(tf.matMul(tf.relu(tf.add(tf.matMul(images, hidden.w), hidden.b)), output.w), output.b)

/** The network as a model. */
export const perceptron: Model<Network> = { begin: newNetwork, predictWith }

/** How far the scores are from the labels: the mean cross-entropy. */
export const crossEntropy = (scores: tf.Tensor, labels: tf.Tensor): tf.Scalar =>
  tf.losses.softmaxCrossEntropy(labels, scores)

/** The share of images that get their highest score for what they are: a tensor, the caller's to dispose. */
export const shareRight = (predict: Predict, { images, labels }: Batch): tf.Scalar =>
  tf.tidy(() => {
    const right = tf.equal(tf.argMax(predict(images), 1), tf.argMax(labels, 1))
    return tf.mean<tf.Scalar>(tf.cast(right, 'float32'))
  })

/** The same as a number. */
export const accuracy = (predict: Predict, batch: Batch): number => {
  const share = shareRight(predict, batch)
  const [value = Number.NaN] = share.dataSync()
  share.dispose()
  return value
}
