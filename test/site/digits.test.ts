/** The tab of the digits: how a drawing becomes a digit of MNIST, and how digits become bytes. */
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { loadDigits } from '../../docs/examples/digits/data.js'
import { smoothed, thinned } from '../../docs/site/digits/curve.js'
import { inkBox, normalize, type Picture } from '../../docs/site/digits/normalize.js'
import { pack, pixelsOf, slice, unpack } from '../../docs/site/digits/pack.js'
import { digitsFile } from '../../docs/site/digits/plugin.js'

const side = 28

/** A picture of what a function says of each pixel. */
const picture = (width: number, height: number, ink: (x: number, y: number) => number): Picture => ({
  width,
  height,
  ink: Float32Array.from({ length: width * height }, (_, i) => ink(i % width, Math.floor(i / width))),
})

const filled = (left: number, top: number, right: number, bottom: number) => (x: number, y: number) =>
  x >= left && x < right && y >= top && y < bottom ? 1 : 0

const sum = (numbers: Iterable<number>): number => [...numbers].reduce((a, b) => a + b, 0)

/** What a drawing becomes, as a picture: the test wants one. */
const normalized = (drawing: Picture): Picture => {
  const ink = normalize(drawing)
  if (ink === null) throw new Error('nothing is drawn')
  return { width: side, height: side, ink }
}

describe('a drawing', () => {
  it('of nothing, or of what is hardly seen, is no digit', () => {
    expect(normalize(picture(50, 50, () => 0))).toBeNull()
    expect(normalize(picture(50, 50, () => 0.05))).toBeNull()
  })

  it('is scaled until its longer side is 20 pixels, its proportions kept', () => {
    expect(inkBox(normalized(picture(280, 280, filled(10, 20, 60, 120))))).toEqual([10, 5, 20, 25])
    expect(inkBox(normalized(picture(280, 280, filled(0, 0, 280, 70))))).toEqual([5, 12, 25, 17])
    expect(inkBox(normalized(picture(28, 28, filled(3, 3, 8, 8))))).toEqual([5, 5, 25, 25])
  })

  it('of the same form is the same digit, wherever it is drawn and however large', () => {
    // an L: its centre is not the centre of its box
    const form = (left: number, top: number, size: number): Picture =>
      picture(200, 200, (x, y) =>
        Math.max(
          filled(left, top, left + size, top + 5 * size)(x, y),
          filled(left, top + 4 * size, left + 3 * size, top + 5 * size)(x, y),
        ),
      )
    const once = normalized(form(0, 0, 8)).ink
    fc.assert(
      fc.property(fc.nat(70), fc.nat(70), fc.constantFrom(8, 12, 20), (left, top, size) => {
        const again = normalized(form(left, top, size)).ink
        for (let i = 0; i < side * side; i++) expect(again[i]).toBeCloseTo(once[i] ?? Number.NaN, 4)
      }),
      { numRuns: 30 },
    )
  })

  it('has its centre of mass in the pixel after the middle, where the frame leaves room', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }), (bar, foot) => {
        const drawing = picture(100, 100, (x, y) =>
          Math.max(filled(30, 20, 30 + bar, 70)(x, y), filled(30, 70 - foot, 60, 70)(x, y)),
        )
        const { ink } = normalized(drawing)
        const mass = sum(Array.from(ink))
        const x = sum(Array.from(ink, (m, i) => m * ((i % side) + 0.5))) / mass
        const y = sum(Array.from(ink, (m, i) => m * (Math.floor(i / side) + 0.5))) / mass
        const [left, top, right, bottom] = inkBox({ width: side, height: side, ink }) ?? [0, 0, 0, 0]
        if (left > 0 && right < side) expect(Math.abs(x - 14.5)).toBeLessThan(0.51)
        if (top > 0 && bottom < side) expect(Math.abs(y - 14.5)).toBeLessThan(0.51)
      }),
    )
  })

  it('keeps its ink: its mean over the box stays, and no pixel has more than there is', () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ min: 0, max: 1, noNaN: true }), { minLength: 40 * 40, maxLength: 40 * 40 }),
        (noise) => {
          const drawing = picture(40, 40, (x, y) =>
            x + y === 0 || x + y === 78 ? 1 : (noise[40 * y + x] ?? 0),
          )
          const { ink } = normalized(drawing)
          expect(sum(Array.from(ink)) / 400).toBeCloseTo(sum(Array.from(drawing.ink)) / 1600, 4)
          expect(Math.max(...Array.from(ink))).toBeLessThanOrEqual(1)
        },
      ),
      { numRuns: 20 },
    )
  })

  it('that is a digit of MNIST already stays as it is, but for a few with faint edges', () => {
    const { test } = loadDigits({ train: 0, test: 200 })
    const apart = test.map(({ input }) => {
      const after = normalized({ width: side, height: side, ink: input }).ink
      return Math.max(...input.map((x, i) => Math.abs(x - (after[i] ?? Number.NaN))))
    })
    // where the edge is faint, the box was cut elsewhere
    expect(apart.filter((x) => x < 1e-6).length).toBeGreaterThan(0.7 * test.length)
  })
})

describe('packed digits', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5 }), fc.nat(255), (labels, ink) => {
        const pixels = Uint8Array.from({ length: labels.length * 784 }, (_, i) => (i * 7 + ink) % 256)
        expect(unpack(pack({ labels, pixels }))).toEqual({ labels, pixels })
      }),
    )
  })

  it('are refused where bytes are missing, or too many', () => {
    const bytes = pack({ labels: Uint8Array.of(3, 4), pixels: new Uint8Array(2 * 784) })
    for (const length of [0, 3, 4, bytes.length - 1])
      expect(() => unpack(bytes.subarray(0, length))).toThrow(RangeError)
    expect(() => unpack(Uint8Array.of(...bytes, 0))).toThrow('1575 bytes, where 1574 are expected')
    expect(() => pack({ labels: Uint8Array.of(1), pixels: new Uint8Array(783) })).toThrow(
      '784 pixels, not 783',
    )
  })

  it('of the site are the 6,000 of the example, in less than a megabyte', () => {
    const file = digitsFile()
    expect(file.length).toBeLessThan(1e6)
    const digits = unpack(gunzipSync(file))
    const { train, test } = loadDigits({ train: 5000, test: 1000 })
    expect([...digits.labels]).toEqual([...train, ...test].map(({ output }) => output.indexOf(1)))
    const tested = slice(digits, 5000, 6000)
    expect(tested.labels).toHaveLength(1000)
    const apart = pixelsOf(tested, 7).map((ink, i) => Math.abs(ink - (test[7]?.input[i] ?? Number.NaN)))
    expect(Math.max(...apart)).toBeLessThan(0.5 / 255 + 1e-6)
  })
})

describe('a curve', () => {
  it('keeps few points of many, evenly, the last among them', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), (length) => {
        const points = thinned(Array.from({ length }, (_, i) => ({ step: i + 1, value: i + 1 })))
        expect(points.length).toBeLessThanOrEqual(300)
        expect(points.length).toBeGreaterThan(Math.min(length, 300) / 2)
        expect(points.at(-1)?.step).toBe(length)
        // the mean of a point's neighbours lies near it
        for (const { step, value } of points) expect(step - value).toBeLessThanOrEqual(8)
      }),
    )
    expect(thinned([])).toEqual([])
  })

  it('that does not change is not changed by smoothing', () => {
    const points = Array.from({ length: 20 }, (_, step) => ({ step, value: 3 }))
    for (const { value } of smoothed(points)) expect(value).toBeCloseTo(3, 12)
  })
})
