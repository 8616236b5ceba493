/** The functions that are raced on: their gradients, minima, and noise. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { objectives, type Point } from '../../docs/site/race/functions.js'

const h = 1e-5

describe.each(objectives)('$title', ({ value, gradient, domain, minimum, start, noisy }) => {
  const inside: fc.Arbitrary<Point> = fc.record({
    x: fc.double({ min: domain.x[0], max: domain.x[1], noNaN: true }),
    y: fc.double({ min: domain.y[0], max: domain.y[1], noNaN: true }),
  })

  it('has the gradient that finite differences have', () => {
    fc.assert(
      fc.property(inside, ({ x, y }) => {
        const exact = gradient({ x, y })
        const differences = {
          x: (value({ x: x + h, y }) - value({ x: x - h, y })) / (2 * h),
          y: (value({ x, y: y + h }) - value({ x, y: y - h })) / (2 * h),
        }
        // how far differences are off, beside the size of what is subtracted
        const tolerance = 1e-6 * (1 + Math.abs(value({ x, y })) + Math.hypot(exact.x, exact.y))
        expect(Math.abs(exact.x - differences.x)).toBeLessThan(tolerance)
        expect(Math.abs(exact.y - differences.y)).toBeLessThan(tolerance)
      }),
    )
  })

  it('is 0 at its minimum, flat there, and larger elsewhere', () => {
    expect(value(minimum)).toBeCloseTo(0, 12)
    const flat = gradient(minimum)
    expect(Math.hypot(flat.x, flat.y)).toBeLessThan(1e-12)
    fc.assert(fc.property(inside, (at) => value(at) >= 0))
  })

  it('begins and ends within its picture, which is as wide as high', () => {
    for (const at of [minimum, start]) {
      expect(at.x).toBeGreaterThanOrEqual(domain.x[0])
      expect(at.x).toBeLessThanOrEqual(domain.x[1])
      expect(at.y).toBeGreaterThanOrEqual(domain.y[0])
      expect(at.y).toBeLessThanOrEqual(domain.y[1])
    }
    expect(domain.x[1] - domain.x[0]).toBe(domain.y[1] - domain.y[0])
  })

  it('has the same gradient in the same step of every run', () => {
    for (const step of [0, 1, 99]) expect(gradient(start, step)).toEqual(gradient(start, step))
    if (!noisy) expect(gradient(start, 7)).toEqual(gradient(start))
  })

  if (noisy)
    it('has noise of mean 0 and variance 1 around its gradient', () => {
      const exact = gradient(start)
      const noise = Array.from({ length: 2000 }, (_, i) => gradient(start, i)).flatMap(({ x, y }) => [
        x - exact.x,
        y - exact.y,
      ])
      const mean = noise.reduce((a, b) => a + b, 0) / noise.length
      const variance = noise.reduce((a, b) => a + b * b, 0) / noise.length
      expect(Math.abs(mean)).toBeLessThan(0.05)
      expect(Math.abs(variance - 1)).toBeLessThan(0.1)
    })
})
