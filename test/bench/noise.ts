/** Numbers for problems, without chance. */

/** Numbers in (−scale, scale) without a pattern, the same in every run: those of Marsaglia's xorshift. */
export const noise = (n: number, scale: number, seed: number): Float32Array => {
  let x = seed
  return Float32Array.from({ length: n }, () => {
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    return (x / 2 ** 31) * scale
  })
}
