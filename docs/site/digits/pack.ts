/** Digits in few bytes: how the build packs them, and how the page unpacks them. */

/** The width and the height of a digit. */
export const side = 28

const size = side * side

/** Digits, one after another. */
export interface Packed {
  /** What each is, 0 to 9. */
  readonly labels: Uint8Array
  /** Their pixels, 28 × 28 for each, row by row, from 0 (paper) to 255 (ink). */
  readonly pixels: Uint8Array
}

/** Puts digits into bytes: their number (32 bits, little-endian), all labels, all pixels. */
export const pack = ({ labels, pixels }: Packed): Uint8Array => {
  if (pixels.length !== labels.length * size)
    throw new RangeError(`${labels.length} digits have ${labels.length * size} pixels, not ${pixels.length}`)
  const bytes = new Uint8Array(4 + labels.length + pixels.length)
  new DataView(bytes.buffer).setUint32(0, labels.length, true)
  bytes.set(labels, 4)
  bytes.set(pixels, 4 + labels.length)
  return bytes
}

/** Finds the digits in bytes, without a copy. Throws where the bytes are not of {@link pack}. */
export const unpack = (bytes: Uint8Array): Packed => {
  const count =
    bytes.length < 4 ? 0 : new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, true)
  const expected = 4 + count * (1 + size)
  if (bytes.length !== expected)
    throw new RangeError(`the digits have ${bytes.length} bytes, where ${expected} are expected`)
  const pixels = 4 + count
  return { labels: bytes.subarray(4, pixels), pixels: bytes.subarray(pixels) }
}

/** The digits from number `first` to the one before `end`, without a copy. */
export const slice = ({ labels, pixels }: Packed, first: number, end: number): Packed => ({
  labels: labels.subarray(first, end),
  pixels: pixels.subarray(first * size, end * size),
})

/** The pixels of one digit, from 0 (paper) to 1 (ink). */
export const pixelsOf = ({ pixels }: Packed, at: number): Float32Array =>
  Float32Array.from(pixels.subarray(at * size, (at + 1) * size), (x) => x / 255)
