/** Bytes of numbers: the order of the file's, and numbers of 16 bits. */

const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1

/** Turns every element of so many bytes round. */
export const reverseElements = (bytes: Uint8Array, width: number): void => {
  for (let at = 0; at < bytes.length; at += width) bytes.subarray(at, at + width).reverse()
}

/** Brings elements from the machine's order into the file's, or back: on nearly every machine they are the same. */
export const inFileOrder = (bytes: Uint8Array, width: number): void => {
  if (!littleEndian) reverseElements(bytes, width)
}

/** Bits of a bfloat16 as those of a float32: its upper half. */
const widenBrain = (half: number): number => half << 16

/** Bits of an IEEE half as those of a float32. */
const widenHalf = (half: number): number => {
  const sign = (half & 0x8000) << 16
  const exponent = (half >> 10) & 0x1f
  const fraction = half & 0x3ff
  if (exponent === 0x1f) return sign | 0x7f800000 | (fraction << 13)
  if (exponent > 0) return sign | ((exponent + 112) << 23) | (fraction << 13)
  if (fraction === 0) return sign
  // subnormal: its highest bit becomes the hidden one
  const shift = Math.clz32(fraction) - 21
  return sign | ((113 - shift) << 23) | (((fraction << shift) & 0x3ff) << 13)
}

/** Floating-point numbers of 16 bits as float32, each exactly. */
export const widen = (dtype: 'F16' | 'BF16', buffer: ArrayBuffer): ArrayBuffer => {
  const bits = dtype === 'F16' ? widenHalf : widenBrain
  return Uint32Array.from(new Uint16Array(buffer), bits).buffer
}
