/** A convolutional network: two convolutions that halve the image, and a dense layer. */
import * as tf from '@tensorflow/tfjs-core'
import type { Model } from './model.js'
import { classes } from './network.js'

/** The parameters. */
export type Convolutional = {
  readonly first: { readonly w: tf.Tensor4D; readonly b: tf.Tensor1D }
  readonly second: { readonly w: tf.Tensor4D; readonly b: tf.Tensor1D }
  readonly output: { readonly w: tf.Tensor2D; readonly b: tf.Tensor1D }
}

const side = 28
const size = 3
const [few, many] = [8, 32]
/** What is left of an image: a quarter of its sides, for each channel. */
const features = (side / 4) ** 2 * many

/** Of random numbers whose spread is that of the inputs (He et al., 2015). */
const filters = (inputs: number, outputs: number): tf.Tensor4D =>
  tf.randomNormal([size, size, inputs, outputs], 0, Math.sqrt(2 / (size * size * inputs)), 'float32', outputs)

/** 28 × 28 pixels → 14 × 14 × 8 → 7 × 7 × 32 → 10 digits. */
export const convolutional: Model<Convolutional> = {
  begin: () => ({
    first: { w: filters(1, few), b: tf.zeros([few]) },
    second: { w: filters(few, many), b: tf.zeros([many]) },
    output: {
      w: tf.randomNormal([features, classes], 0, Math.sqrt(1 / features), 'float32', 1),
      b: tf.zeros([classes]),
    },
  }),
  predictWith:
    ({ first, second, output }) =>
    (images) => {
      const pictures = tf.reshape(images, [-1, side, side, 1]) as tf.Tensor4D // as the shape says
      const halved = tf.relu(tf.add(tf.conv2d(pictures, first.w, 2, 'same'), first.b)) as tf.Tensor4D
      const again = tf.relu(tf.add(tf.conv2d(halved, second.w, 2, 'same'), second.b))
      return tf.add(tf.matMul(tf.reshape(again, [-1, features]), output.w), output.b)
    },
}
