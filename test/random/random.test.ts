import { describe, expect, it } from 'vitest'
import { random } from '../../src/index.js'
import { truncatedNormal } from '../../src/random/sample.js'
import { thrown } from '../thrown.js'

const mean = (values: Float32Array): number => values.reduce((sum, x) => sum + x, 0) / values.length

const momentOf = (values: Float32Array, order: number): number =>
  values.reduce((sum, x) => sum + x ** order, 0) / values.length

/** Expected and found agree to float32, of which erfInv keeps all but a few units. */
const close = (found: Iterable<number>, expected: readonly number[]): void => {
  const all = [...found]
  expect(all).toHaveLength(expected.length)
  for (const [i, x] of expected.entries()) expect(Math.abs((all[i] ?? Number.NaN) - x)).toBeLessThan(1e-6)
}

describe('keys', () => {
  // made by jax 0.10.2: split(key(11), 3), fold_in(key(11), 5)
  it('are those of JAX, bit for bit', () => {
    const key = random.key(11)
    expect(random.split(key, 3)).toEqual([
      [1943334310, 1180745302],
      [3947986621, 4020105687],
      [3467837548, 1955229632],
    ])
    expect(random.split(key)).toEqual(random.split(key, 3).slice(0, 2))
    expect(random.foldIn(key, 5)).toEqual([617954253, 1799763451])
    expect(random.key(-1)).toEqual([0, 0xffffffff])
  })

  it('come of integers alone', () => {
    for (const seed of [0.5, Number.NaN, 2 ** 60])
      expect(thrown(() => random.key(seed))).toMatchObject({ _tag: 'InvalidArgument', path: 'seed' })
  })
})

describe('samples', () => {
  const key = random.key(3)
  const n = 100_000

  // made by jax 0.10.2: random.uniform(key(11), (4,)), random.rademacher(split(key(11), 1)[0], (8,))
  it('are those of JAX', () => {
    close(
      random.uniform(random.key(11), 4),
      [0.20978271961212158, 0.018746256828308105, 0.7274388074874878, 0.3450886011123657],
    )
    expect([...random.rademacher(random.foldIn(random.key(11), 0), 8)]).toEqual([1, 1, -1, 1, -1, -1, -1, 1])
  })

  it('are the same of the same key, and of another key others', () => {
    expect(random.normal(key, 5)).toEqual(random.normal(key, 5))
    expect(random.normal(key, 5)).toEqual(random.normal(key, 9).slice(0, 5))
    expect(random.normal(key, 5)).not.toEqual(random.normal(random.key(4), 5))
    expect(random.normal(key, 0)).toHaveLength(0)
  })

  it('have the moments of their distributions, within four standard errors', () => {
    const z = random.normal(key, n)
    expect(Math.abs(mean(z))).toBeLessThan(4 / Math.sqrt(n))
    expect(Math.abs(momentOf(z, 2) - 1)).toBeLessThan(4 * Math.sqrt(2 / n))
    expect(Math.abs(momentOf(z, 3))).toBeLessThan(4 * Math.sqrt(15 / n))
    expect(Math.abs(momentOf(z, 4) - 3)).toBeLessThan(4 * Math.sqrt(96 / n))
    const u = random.uniform(key, n)
    expect(Math.abs(mean(u) - 0.5)).toBeLessThan(4 / Math.sqrt(12 * n))
    expect(u.every((x) => 0 <= x && x < 1)).toBe(true)
    const signs = random.rademacher(key, n)
    expect(Math.abs(mean(signs))).toBeLessThan(4 / Math.sqrt(n))
    expect(new Set(signs)).toEqual(new Set([-1, 1]))
    const cut = truncatedNormal(key, n, -1, 2)
    expect(cut.every((x) => -1 < x && x < 2)).toBe(true)
  })

  it('fall below the quartiles of the normal distribution as often as they should', () => {
    const z = random.normal(key, n)
    for (const [quantile, share] of [
      [-0.6744897501960817, 0.25],
      [0, 0.5],
      [0.6744897501960817, 0.75],
      [1.959963984540054, 0.975],
    ] as const) {
      const found = z.filter((x) => x < quantile).length / n
      expect(Math.abs(found - share)).toBeLessThan(4 * Math.sqrt((share * (1 - share)) / n))
    }
  })
})
