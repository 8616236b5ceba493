/** Tensors of random numbers. The same generator gives the same numbers as in Objax, on every backend. */

import * as tf from '@tensorflow/tfjs-core'
import { options } from '../../options.js'
import { foldIn, type Key } from '../../random/key.js'
import * as sample from '../../random/sample.js'
import { randomBits } from '../../random/threefry.js'
import { keyOfTensor } from '../randomState.js'
import { DEFAULT_GENERATOR, type Generator } from './generator.js'

/**
 * The option that all distributions have.
 *
 * @category Random numbers
 */
export interface RandomOptions {
  /** The generator. Default {@link DEFAULT_GENERATOR}. */
  readonly generator?: Generator
}

/**
 * Options of {@link normal}.
 *
 * @category Random numbers
 */
export interface NormalOptions extends RandomOptions {
  /** The mean. Default 0. */
  readonly mean?: number
  /** The standard deviation. Default 1. */
  readonly stddev?: number
}

/**
 * Options of {@link truncatedNormal}.
 *
 * @category Random numbers
 */
export interface TruncatedNormalOptions extends RandomOptions {
  /** The standard deviation before the tails are cut off. Default 1. */
  readonly stddev?: number
  /** Where the lower tail is cut off, in standard deviations. Default -2. */
  readonly lower?: number
  /** Where the upper tail is cut off, in standard deviations. Default 2. */
  readonly upper?: number
}

const { fround } = Math

const sizeOf = (shape: readonly number[]): number => tf.util.sizeFromShape([...shape])

const nextKey = (generator: Generator): Key => {
  const tensor = generator()
  const key = keyOfTensor(tensor)
  tensor.dispose()
  return key
}

/**
 * Uniform random numbers from 0 up to 1, without 1.
 *
 * @param shape the shape of the result
 * @param given `generator`
 * @category Random numbers
 * @example
 * ```ts keeps-tensors
 * import * as objax from 'gradpipe/objax'
 *
 * const x = objax.random.uniform([16, 2])
 * assert.ok(x.dataSync().every((u) => 0 <= u && u < 1))
 * ```
 */
export const uniform = (shape: readonly number[], given?: RandomOptions): tf.Tensor => {
  const { generator } = options('uniform', { generator: DEFAULT_GENERATOR }, given)
  return tf.tensor(sample.uniform(nextKey(generator), sizeOf(shape)), [...shape])
}

/**
 * Normally distributed random numbers.
 *
 * @param shape the shape of the result
 * @param given `mean`, `stddev`, `generator`
 * @category Random numbers
 * @example
 * ```ts keeps-tensors
 * import * as tf from '@tensorflow/tfjs'
 * import * as objax from 'gradpipe/objax'
 *
 * const generator = new objax.random.Generator(0)
 * const x = objax.random.normal([10000], { mean: 3, stddev: 2, generator })
 * const { mean, variance } = tf.moments(x)
 * assert.deepEqual([mean, variance].map((t) => [...t.round().dataSync()]), [[3], [4]])
 * ```
 */
export const normal = (shape: readonly number[], given?: NormalOptions): tf.Tensor => {
  const { mean, stddev, generator } = options(
    'normal',
    { mean: 0, stddev: 1, generator: DEFAULT_GENERATOR },
    given,
  )
  const values = sample
    .normal(nextKey(generator), sizeOf(shape))
    .map((z) => fround(fround(z * stddev) + mean))
  return tf.tensor(values, [...shape])
}

/**
 * Normally distributed random numbers within bounds. Before the tails beyond `lower` and `upper` standard deviations
 * are cut off, the mean is 0 and the standard deviation is `stddev`.
 *
 * @param shape the shape of the result
 * @param given `stddev`, `lower`, `upper` (in standard deviations), `generator`
 * @category Random numbers
 * @example
 * ```ts keeps-tensors
 * import * as objax from 'gradpipe/objax'
 *
 * const x = objax.random.truncatedNormal([1000], { stddev: 3, lower: -1, upper: 2 })
 * assert.ok(x.dataSync().every((value) => -3 < value && value < 6))
 * ```
 */
export const truncatedNormal = (shape: readonly number[], given?: TruncatedNormalOptions): tf.Tensor => {
  const { stddev, lower, upper, generator } = options(
    'truncatedNormal',
    { stddev: 1, lower: -2, upper: 2, generator: DEFAULT_GENERATOR },
    given,
  )
  const values = sample
    .truncatedNormal(nextKey(generator), sizeOf(shape), lower, upper)
    .map((z) => fround(z * stddev))
  return tf.tensor(values, [...shape])
}

/**
 * Random integers from `low` up to `high`, without `high`.
 *
 * @param shape the shape of the result
 * @param low the least one
 * @param high one more than the greatest; if it is not above `low`, all are `low`, as in JAX
 * @param given `generator`
 * @returns int32
 * @category Random numbers
 * @example
 * ```ts keeps-tensors
 * import * as objax from 'gradpipe/objax'
 *
 * const dice = objax.random.randint([100], 1, 7)
 * assert.deepEqual([...new Set(dice.dataSync())].sort(), [1, 2, 3, 4, 5, 6])
 * ```
 */
export const randint = (
  shape: readonly number[],
  low: number,
  high: number,
  given?: RandomOptions,
): tf.Tensor => {
  const { generator } = options('randint', { generator: DEFAULT_GENERATOR }, given)
  const n = sizeOf(shape)
  const key = nextKey(generator)
  const upper = randomBits(foldIn(key, 0), n)
  const lower = randomBits(foldIn(key, 1), n)
  // 64 random bits modulo the span, in 32-bit arithmetic.
  const span = high > low ? high - low : 1
  const half = 2 ** 16 % span
  const carry = (Math.imul(half, half) >>> 0) % span
  const values = upper.map((bits, i) => {
    const offset = (Math.imul(bits % span, carry) >>> 0) + ((lower[i] ?? 0) % span)
    return (offset >>> 0) % span
  })
  return tf.tensor(
    Int32Array.from(values, (offset) => offset + low),
    [...shape],
    'int32',
  )
}
