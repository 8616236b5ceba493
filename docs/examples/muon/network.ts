/** The network: 784 pixels → 64 → 64 hidden units → 10 digits, with first weights that a seed decides. */
import * as tf from '@tensorflow/tfjs-core'
import type { Model } from '../digits/model.js'
import { classes, pixels } from '../digits/network.js'

type Layer = { readonly w: tf.Tensor2D; readonly b: tf.Tensor1D }

/** The parameters. */
export type Layers = { readonly first: Layer; readonly second: Layer; readonly head: Layer }

const units = 64

const layer = (inputs: number, outputs: number, seed: number): Layer => ({
  w: tf.randomNormal([inputs, outputs], 0, Math.sqrt(2 / inputs), 'float32', seed),
  b: tf.zeros([outputs]),
})

const through = (x: tf.Tensor, { w, b }: Layer): tf.Tensor => tf.add(tf.matMul(x, w), b)

/** The network whose first weights are those of a seed. */
export const deep = (seed: number): Model<Layers> => ({
  begin: () => ({
    first: layer(pixels, units, 3 * seed + 1),
    second: layer(units, units, 3 * seed + 2),
    head: layer(units, classes, 3 * seed + 3),
  }),
  predictWith:
    ({ first, second, head }) =>
    (images) =>
      through(tf.relu(through(tf.relu(through(images, first)), second)), head),
})
