import { expect, test } from 'vitest'
import { reverseElements, widen } from '../../src/checkpoint/format/bytes.js'

const all = Uint16Array.from({ length: 2 ** 16 }, (_, i) => i)

/** The number of a float of 16 bits, by its definition: sign, exponent, fraction. */
const numberOf = (half: number, exponentBits: number): number => {
  const fractionBits = 15 - exponentBits
  const [sign, bias] = [half >> 15 ? -1 : 1, 2 ** (exponentBits - 1) - 1]
  const exponent = (half >> fractionBits) & (2 ** exponentBits - 1)
  const fraction = (half & (2 ** fractionBits - 1)) / 2 ** fractionBits
  if (exponent === 2 ** exponentBits - 1) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  return exponent === 0 ? sign * fraction * 2 ** (1 - bias) : sign * (1 + fraction) * 2 ** (exponent - bias)
}

test('every float16 and every bfloat16 is widened to the same number', () => {
  for (const [dtype, exponentBits] of [
    ['F16', 5],
    ['BF16', 8],
  ] as const) {
    const wide = new Float32Array(widen(dtype, all.slice().buffer))
    expect(all.filter((half) => !Object.is(wide[half], numberOf(half, exponentBits)))).toHaveLength(0)
  }
})

test('the bytes of elements are turned round, element by element', () => {
  const bytes = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)
  reverseElements(bytes, 4)
  expect([...bytes]).toEqual([4, 3, 2, 1, 8, 7, 6, 5])
  reverseElements(bytes, 1)
  expect([...bytes]).toEqual([4, 3, 2, 1, 8, 7, 6, 5])
})
