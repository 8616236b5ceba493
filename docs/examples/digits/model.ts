/** A model: parameters to begin with, and what they say of images. */
import type * as tf from '@tensorflow/tfjs-core'

/** Gives each image, [n, 784], a score for each digit, [n, 10]. */
export type Predict = (images: tf.Tensor2D) => tf.Tensor

/** A model whose parameters are a tree of tensors. */
export interface Model<P> {
  /** The parameters before the training: random, but the same each time. */
  readonly begin: () => P
  readonly predictWith: (parameters: P) => Predict
}
