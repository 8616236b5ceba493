/** The network: 784 pixels → 100 hidden units → 10 digits. It is a tree of tensors, and functions of it. */
import * as tf from '@tensorflow/tfjs'
import type { Batch } from './data.js'

/** The parameters. */
export type Network = {
  readonly hidden: { readonly w: tf.Tensor2D; readonly b: tf.Tensor1D }
  readonly output: { readonly w: tf.Tensor2D; readonly b: tf.Tensor1D }
}

/** Gives each image, [n, 784], a score for each digit, [n, 10]. */
export type Predict = (images: tf.Tensor2D) => tf.Tensor

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
    tf.relu(images.matMul(hidden.w).add(hidden.b)).matMul(output.w).add(output.b)

/** How far the scores are from the labels: the mean cross-entropy. */
export const crossEntropy = (scores: tf.Tensor, labels: tf.Tensor): tf.Scalar =>
  tf.losses.softmaxCrossEntropy(labels, scores)

/** The share of images that get their highest score for what they are. */
export const accuracy = (predict: Predict, { images, labels }: Batch): number =>
  tf.tidy(() => {
    const right = tf.equal(predict(images).argMax(1), labels.argMax(1))
    return tf.mean<tf.Scalar>(right).arraySync()
  })
