/** Initial values of weights: functions of a shape whose last dimension is the output's. */

import * as tf from '@tensorflow/tfjs-core'
import { GradpipeError } from '../../error.js'
import { options } from '../../options.js'
import { normal, truncatedNormal as truncated } from '../random/distributions.js'
import { truncatedStddev } from './truncatedStddev.js'

/**
 * Options of {@link xavierNormal}, {@link kaimingNormal} and {@link identity}.
 *
 * @category Layers
 */
export interface Gain {
  /** A factor. Default 1. */
  readonly gain?: number
}

/**
 * Where a normal distribution is cut off.
 *
 * @category Layers
 */
export interface Bounds {
  /** The lower end, in standard deviations before the cut. Default -2. */
  readonly lower?: number
  /** The upper end, in standard deviations before the cut. Default 2. */
  readonly upper?: number
}

const fans = (shape: readonly number[]): { readonly fanIn: number; readonly fanOut: number } => ({
  fanIn: shape.slice(0, -1).reduce((product, n) => product * n, 1),
  fanOut: shape.at(-1) ?? 1,
})

/**
 * The gain recommended before a leaky relu: $\sqrt{2 / (1 + s^2)}$.
 *
 * @param reluSlope s, the slope below zero
 * @category Layers
 * @example
 * ```ts
 * import * as objax from 'gradpipe/objax'
 *
 * assert.equal(objax.nn.init.gainLeakyRelu(0), Math.SQRT2)
 * ```
 */
export const gainLeakyRelu = (reluSlope = 0.1): number => Math.sqrt(2 / (1 + reluSlope ** 2))

/**
 * Xavier Glorot's standard deviation: $\sqrt{2 / (n_{in} + n_{out})}$.
 *
 * Source: Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks",
 * 2010.
 *
 * @param shape the last dimension is $n_{out}$, the product of the others $n_{in}$
 * @category Layers
 * @example
 * ```ts
 * import * as objax from 'gradpipe/objax'
 *
 * assert.equal(objax.nn.init.xavierNormalGain([3, 5]), 0.5)
 * ```
 */
export const xavierNormalGain = (shape: readonly number[]): number => {
  const { fanIn, fanOut } = fans(shape)
  return Math.sqrt(2 / (fanIn + fanOut))
}

/**
 * Kaiming He's standard deviation: $\sqrt{1 / n_{in}}$.
 *
 * Source: He, Zhang, Ren and Sun, "Delving deep into rectifiers", 2015.
 *
 * @param shape the product of all dimensions but the last is $n_{in}$
 * @category Layers
 * @example
 * ```ts
 * import * as objax from 'gradpipe/objax'
 *
 * assert.equal(objax.nn.init.kaimingNormalGain([4, 5]), 0.5)
 * ```
 */
export const kaimingNormalGain = (shape: readonly number[]): number => Math.sqrt(1 / fans(shape).fanIn)

/**
 * Normal, with Xavier Glorot's standard deviation: the default of `Linear`.
 *
 * @param shape the shape of the weights
 * @param given `gain`, a factor on the standard deviation
 * @category Layers
 * @example
 * ```ts keeps-tensors
 * import * as objax from 'gradpipe/objax'
 *
 * assert.deepEqual(objax.nn.init.xavierNormal([3, 5], { gain: 2 }).shape, [3, 5])
 * ```
 */
export const xavierNormal = (shape: readonly number[], given?: Gain): tf.Tensor => {
  const { gain } = options('xavierNormal', { gain: 1 }, given)
  return normal(shape, { stddev: gain * xavierNormalGain(shape) })
}

/**
 * Normal, with Kaiming He's standard deviation.
 *
 * @param shape the shape of the weights
 * @param given `gain`, a factor on the standard deviation
 * @category Layers
 * @example
 * ```ts keeps-tensors
 * import * as objax from 'gradpipe/objax'
 *
 * const layer = new objax.nn.Linear(4, 2, { wInit: objax.nn.init.kaimingNormal })
 * assert.equal(String(layer), 'objax.nn.Linear(nin=4, nout=2, use_bias=True, w_init=kaimingNormal)')
 * ```
 */
export const kaimingNormal = (shape: readonly number[], given?: Gain): tf.Tensor => {
  const { gain } = options('kaimingNormal', { gain: 1 }, given)
  return normal(shape, { stddev: gain * kaimingNormalGain(shape) })
}

/**
 * Normal with the tails cut off, and a given standard deviation after that.
 *
 * @param shape the shape of the weights
 * @param given `stddev`; `lower`, `upper`, in standard deviations before the cut
 * @category Layers
 * @example
 * ```ts keeps-tensors
 * import * as objax from 'gradpipe/objax'
 *
 * assert.deepEqual(objax.nn.init.truncatedNormal([2, 3], { stddev: 0.1 }).shape, [2, 3])
 * ```
 */
export const truncatedNormal = (
  shape: readonly number[],
  given?: Bounds & { readonly stddev?: number },
): tf.Tensor => {
  const { lower, upper, stddev } = options('truncatedNormal', { lower: -2, upper: 2, stddev: 1 }, given)
  return truncated(shape, { lower, upper, stddev: stddev / truncatedStddev(lower, upper) })
}

/**
 * Normal with the tails cut off, and Xavier Glorot's standard deviation after that.
 *
 * @param shape the shape of the weights
 * @param given `gain`; `lower`, `upper`, in standard deviations before the cut
 * @category Layers
 * @example
 * ```ts keeps-tensors
 * import * as objax from 'gradpipe/objax'
 *
 * assert.deepEqual(objax.nn.init.xavierTruncatedNormal([2, 3]).shape, [2, 3])
 * ```
 */
export const xavierTruncatedNormal = (shape: readonly number[], given?: Bounds & Gain): tf.Tensor => {
  const { gain, ...bounds } = options('xavierTruncatedNormal', { lower: -2, upper: 2, gain: 1 }, given)
  return truncatedNormal(shape, { ...bounds, stddev: gain * xavierNormalGain(shape) })
}

/**
 * Normal with the tails cut off, and Kaiming He's standard deviation after that.
 *
 * @param shape the shape of the weights
 * @param given `gain`; `lower`, `upper`, in standard deviations before the cut
 * @category Layers
 * @example
 * ```ts keeps-tensors
 * import * as objax from 'gradpipe/objax'
 *
 * assert.deepEqual(objax.nn.init.kaimingTruncatedNormal([2, 3], { lower: -1, upper: 1 }).shape, [2, 3])
 * ```
 */
export const kaimingTruncatedNormal = (shape: readonly number[], given?: Bounds & Gain): tf.Tensor => {
  const { gain, ...bounds } = options('kaimingTruncatedNormal', { lower: -2, upper: 2, gain: 1 }, given)
  return truncatedNormal(shape, { ...bounds, stddev: gain * kaimingNormalGain(shape) })
}

/**
 * The identity matrix, times a factor.
 *
 * Source: Le, Jaitly and Hinton, "A simple way to initialize recurrent networks of rectified linear units",
 * 2015.
 *
 * @param shape two dimensions
 * @param given `gain`, the factor
 * @throws GradpipeError `InvalidArgument` for another number of dimensions
 * @category Layers
 * @example
 * ```ts keeps-tensors
 * import * as objax from 'gradpipe/objax'
 *
 * assert.deepEqual([...objax.nn.init.identity([2, 2], { gain: 3 }).dataSync()], [3, 0, 0, 3])
 * ```
 */
export const identity = (shape: readonly number[], given?: Gain): tf.Tensor => {
  const { gain } = options('identity', { gain: 1 }, given)
  const [rows, columns, ...others] = shape
  if (rows === undefined || columns === undefined || others.length > 0) {
    throw new GradpipeError(
      'InvalidArgument',
      'identity',
      'a shape of two dimensions',
      `[${shape.join(', ')}]`,
    )
  }
  return tf.tidy(() => tf.mul(tf.eye(rows, columns), gain))
}
