/**
 * Threefry-2x32 with 20 rounds: a hash of a key and a counter, which makes any number of independent random streams
 * without shared state. It is JAX's default generator, so seeds mean the same here.
 *
 * Source: Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", 2011.
 */

/** Two unsigned 32-bit integers. */
export type Words = readonly [number, number]

const ROTATIONS: readonly number[] = [13, 15, 26, 6, 17, 29, 16, 24]
const PARITY = 0x1bd11bda

/** Hashes a counter under a key into `out`. It makes no array, since a step may want millions of hashes. */
const hashInto = (out: Int32Array, k0: number, k1: number, c0: number, c1: number): void => {
  // the key's words and their parity, in the order in which they are added, group after group
  let [a, b, c] = [k1 | 0, k0 ^ k1 ^ PARITY, k0 | 0]
  let x0 = (c0 + k0) | 0
  let x1 = (c1 + k1) | 0
  for (let group = 0; group < 5; group += 1) {
    const from = (group & 1) << 2
    for (let i = from; i < from + 4; i += 1) {
      const by = ROTATIONS[i] as number
      x0 = (x0 + x1) | 0
      x1 = ((x1 << by) | (x1 >>> (32 - by))) ^ x0
    }
    x0 = (x0 + a) | 0
    x1 = (x1 + b + group + 1) | 0
    const first = a
    a = b
    b = c
    c = first
  }
  out[0] = x0
  out[1] = x1
}

/** Hashes a counter under a key. */
export const threefry = ([k0, k1]: Words, [c0, c1]: Words): Words => {
  const out = new Int32Array(2)
  hashInto(out, k0, k1, c0, c1)
  return [(out[0] as number) >>> 0, (out[1] as number) >>> 0]
}

/** As many random unsigned 32-bit integers. */
export const randomBits = ([k0, k1]: Words, n: number): Uint32Array => {
  const out = new Int32Array(2)
  const bits = new Uint32Array(n)
  for (let i = 0; i < n; i += 1) {
    hashInto(out, k0, k1, 0, i)
    bits[i] = (out[0] as number) ^ (out[1] as number)
  }
  return bits
}
