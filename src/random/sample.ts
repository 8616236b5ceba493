/**
 * Samples: any number of random numbers from a key, in float32.
 *
 * They are computed here, not on a device, so they are the same bits whatever computes the rest. The distributions
 * are those of `jax.random` in float32, to a few units in the last place.
 */
import { erf, erfInv } from './erf.js'
import type { Key } from './key.js'
import { randomBits } from './threefry.js'

/**
 * A distribution: makes any number of random numbers from a key.
 *
 * @category Random numbers
 */
export type Sampler = (key: Key, size: number) => Float32Array

const { fround } = Math

/** The least float32 above x. */
const nextUp = (x: number): number => {
  const bits = new DataView(new ArrayBuffer(4))
  bits.setFloat32(0, x)
  bits.setInt32(0, bits.getInt32(0) + (x < 0 ? -1 : 1))
  return bits.getFloat32(0)
}

/** Uniform in [low, high): 23 random bits after the point, scaled in float32. */
const between = (key: Key, size: number, low: number, high: number): Float32Array => {
  const span = fround(high - low)
  const values = new Float32Array(size)
  const bits = randomBits(key, size)
  for (let i = 0; i < size; i += 1)
    values[i] = Math.max(low, fround(fround(((bits[i] as number) >>> 9) * 2 ** -23 * span) + low))
  return values
}

/** In place, and given back. */
const transform = (values: Float32Array, f: (u: number) => number): Float32Array => {
  for (let i = 0; i < values.length; i += 1) values[i] = f(values[i] as number)
  return values
}

/**
 * Uniform random numbers from 0 up to 1, without 1: as many as `size` says.
 *
 * @category Random numbers
 * @see JAX, `random.uniform`, in float32
 * @example
 * ```ts
 * import { random } from 'gradpipe'
 *
 * const values = random.uniform(random.key(0), 100)
 * assert.ok(values.every((u) => 0 <= u && u < 1))
 * ```
 */
export const uniform: Sampler = (key, size) => between(key, size, 0, 1)

/**
 * Normally distributed random numbers, of mean 0 and variance 1: as many as `size` says.
 *
 * @category Random numbers
 * @see JAX, `random.normal`, in float32
 * @example
 * ```ts
 * import { random } from 'gradpipe'
 *
 * const values = random.normal(random.key(0), 10000)
 * const variance = values.reduce((sum, z) => sum + z * z, 0) / 10000
 * assert.ok(Math.abs(variance - 1) < 0.05)
 * ```
 */
export const normal: Sampler = (key, size) =>
  transform(between(key, size, LOWEST, 1), (u) => Math.SQRT2 * erfInv(u))

/** A uniform number of -1 itself would be an infinity. */
const LOWEST = -(1 - 2 ** -24)

/**
 * Random signs, −1 and 1, each with probability ½: as many as `size` says. Of all distributions with mean 0 and
 * variance 1, this has the smallest fourth moment.
 *
 * @category Random numbers
 * @see JAX, `random.rademacher`, in float32
 * @example
 * ```ts
 * import { random } from 'gradpipe'
 *
 * assert.deepEqual([...new Set(random.rademacher(random.key(0), 100))].sort(), [-1, 1])
 * ```
 */
export const rademacher: Sampler = (key, size) =>
  transform(between(key, size, 0, 1), (u) => (u < 0.5 ? 1 : -1))

/**
 * Normally distributed random numbers, without the tails below `lower` and above `upper`; the variance is 1 before
 * they are cut off.
 */
export const truncatedNormal = (key: Key, size: number, lower: number, upper: number): Float32Array => {
  const [a, b] = [fround(erf(lower / Math.SQRT2)), fround(erf(upper / Math.SQRT2))]
  const [least, greatest] = [nextUp(lower), -nextUp(-upper)]
  return transform(between(key, size, a, b), (u) =>
    Math.min(greatest, Math.max(least, fround(Math.SQRT2 * erfInv(u)))),
  )
}
