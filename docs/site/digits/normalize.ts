/**
 * Makes of a drawing what the digits of MNIST are: cut out, scaled into 20 × 20 with its proportions kept, and put
 * into 28 × 28 with its centre of mass in the pixel after the middle.
 *
 * A network learns where the ink is, so a small digit in a corner would be nothing it knows.
 */
import { side } from './pack.js'

/** A picture in grey. */
export interface Picture {
  readonly width: number
  readonly height: number
  /** Row by row, from 0 (paper) to 1 (ink). */
  readonly ink: ArrayLike<number>
}

/** The longer side of a digit in its picture. */
const inner = 20

/** What is fainter is the edge of a stroke, or nothing. */
const faint = 0.1

/** The rectangle around all ink, `null` where there is none. The ends lie outside. */
export const inkBox = ({ width, height, ink }: Picture): readonly [number, number, number, number] | null => {
  let [left, top, right, bottom] = [width, height, 0, 0]
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      if ((ink[y * width + x] ?? 0) < faint) continue
      left = Math.min(left, x)
      right = Math.max(right, x + 1)
      top = Math.min(top, y)
      bottom = Math.max(bottom, y + 1)
    }
  return right > left ? [left, top, right, bottom] : null
}

/** How much of each pixel of one axis falls on another axis's pixel: from `start`, at `scale` pixels for one. */
const shares = function* (
  start: number,
  end: number,
  scale: number,
  at: number,
): Generator<[number, number]> {
  const [from, to] = [start + at * scale, Math.min(start + (at + 1) * scale, end)]
  for (let i = Math.floor(from); i < to; i++) {
    const share = Math.min(i + 1, to) - Math.max(i, from)
    if (share > 0) yield [i, share / scale]
  }
}

/** Scales what is in a box so that its longer side is 20, each new pixel the mean of what it covers. */
const scaled = (
  picture: Picture,
  [left, top, right, bottom]: readonly [number, number, number, number],
): Picture => {
  const scale = Math.max(right - left, bottom - top) / inner
  const width = Math.max(1, Math.round((right - left) / scale))
  const height = Math.max(1, Math.round((bottom - top) / scale))
  const ink = new Float32Array(width * height)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      let sum = 0
      for (const [j, down] of shares(top, bottom, scale, y))
        for (const [i, across] of shares(left, right, scale, x))
          sum += down * across * (picture.ink[j * picture.width + i] ?? 0)
      ink[y * width + x] = Math.min(1, sum)
    }
  return { width, height, ink }
}

/** Where a picture has as much ink before as behind, in pixels from its corner. */
const centreOfMass = ({ width, height, ink }: Picture): readonly [number, number] => {
  let [mass, x, y] = [0, 0, 0]
  for (let j = 0; j < height; j++)
    for (let i = 0; i < width; i++) {
      const m = ink[j * width + i] ?? 0
      mass += m
      x += m * (i + 0.5)
      y += m * (j + 0.5)
    }
  return [x / mass, y / mass]
}

/** Where something begins so that its centre is in the middle of pixel 14, counted from 0, and nothing is cut off. */
const begin = (centre: number, length: number): number =>
  Math.min(side - length, Math.max(0, Math.round(side / 2 + 0.5 - centre)))

/** A drawing as 28 × 28 pixels like those of MNIST; `null` where nothing is drawn. */
export const normalize = (picture: Picture): Float32Array | null => {
  const box = inkBox(picture)
  if (box === null) return null
  const digit = scaled(picture, box)
  const [x, y] = centreOfMass(digit)
  const [left, top] = [begin(x, digit.width), begin(y, digit.height)]
  const pixels = new Float32Array(side * side)
  for (let j = 0; j < digit.height; j++)
    for (let i = 0; i < digit.width; i++)
      pixels[(top + j) * side + left + i] = digit.ink[j * digit.width + i] ?? 0
  return pixels
}
