/**
 * Threefry-2x32 with 20 rounds: a hash of a key and a counter, from which any number of independent random
 * streams are made without shared state. The same function as JAX's default generator, so seeds mean the same
 * here.
 *
 * Source: Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", 2011.
 */

import { GradpipeError } from '../../error.js'

/** Two unsigned 32-bit integers. */
export type Words = readonly [number, number]

const ROTATIONS = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
] as const
const PARITY = 0x1bd11bda

const rotate = (x: number, by: number): number => (x << by) | (x >>> (32 - by))

/** Hashes a counter under a key. */
export const threefry = ([k0, k1]: Words, [c0, c1]: Words): Words => {
  const keys = [k0, k1, k0 ^ k1 ^ PARITY] as const
  let x0 = (c0 + k0) | 0
  let x1 = (c1 + k1) | 0
  for (let group = 0; group < 5; group += 1) {
    for (const by of ROTATIONS[group % 2 === 0 ? 0 : 1]) {
      x0 = (x0 + x1) | 0
      x1 = rotate(x1, by) ^ x0
    }
    x0 = (x0 + (keys[(group + 1) % 3] ?? 0)) | 0
    x1 = (x1 + (keys[(group + 2) % 3] ?? 0) + group + 1) | 0
  }
  return [x0 >>> 0, x1 >>> 0]
}

/** The key of a seed, an integer: its low 32 bits, as in JAX without 64-bit types. */
export const keyOf = (seed: number): Words => {
  if (Number.isSafeInteger(seed)) return [0, seed >>> 0]
  throw new GradpipeError('InvalidArgument', 'seed', 'an integer', String(seed))
}

/** The i-th of the independent keys that are made of one. */
export const childKey = (key: Words, i: number): Words => threefry(key, [0, i])

/** As many random unsigned 32-bit integers. */
export const randomBits = (key: Words, n: number): Uint32Array =>
  Uint32Array.from({ length: n }, (_, i) => {
    const [high, low] = threefry(key, [0, i])
    return high ^ low
  })
