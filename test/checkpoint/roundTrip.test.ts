import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import * as E from 'fp-ts/lib/Either.js'
import { beforeAll, describe, expect, test } from 'vitest'
import { decode, encode, encodeAsync } from '../../src/checkpoint/index.js'
import { dispose } from '../../src/index.js'
import { backends, tensorsIn, useBackend } from '../backends.js'

/** The tree of sound bytes. */
const decoded = (bytes: Uint8Array): unknown => {
  const result = decode(bytes)
  if (E.isLeft(result)) throw new Error(result.left.message)
  return result.right
}

const own = (key: string, value: unknown): object => Object.fromEntries([[key, value]])

describe('encode, then decode', () => {
  test.each([
    ['a number', 0.1],
    ['numbers that JSON has not', [Number.NaN, Infinity, -Infinity, -0, 0, 5e-324, 1.7976931348623157e308]],
    [
      'texts that look like words',
      ['', 'tensor', '=', '=tensor', 'NaN', '-0', 'Float32Array', '\ud800', 'é😀'],
    ],
    ['flags, null and undefined', { yes: true, no: false, none: null, left: undefined }],
    ['empty branches', [{}, [], [[]], { a: {} }]],
    [
      'typed arrays of each kind',
      [
        Int8Array.of(-1),
        Uint8Array.of(255),
        Uint8ClampedArray.of(7),
        Int16Array.of(-2, 1),
        Uint16Array.of(65535),
        Int32Array.of(-3),
        Uint32Array.of(4294967295),
        Float32Array.of(0.1, -0, NaN),
        Float64Array.of(0.1, -0),
        BigInt64Array.of(-5n),
        BigUint64Array.of(2n ** 64n - 1n),
        new Float32Array(0),
      ],
    ],
    [
      'keys with dots',
      { 'a.b': Float32Array.of(1), a: { b: Float32Array.of(2) }, 'a%2Eb': Float32Array.of(3) },
    ],
    [
      'empty keys',
      { '': Float32Array.of(1), a: { '': { '': Float32Array.of(2) } }, 'a..': Float32Array.of(3) },
    ],
    ['the reserved key', { __metadata__: Float32Array.of(1), '%5F_metadata__': Float32Array.of(2) }],
    ['the key __proto__', own('__proto__', { x: Float32Array.of(1), ...own('__proto__', 2) })],
    ['keys that are half a character', { '\ud800': Float32Array.of(1), '\ufffd': Float32Array.of(2) }],
    ['the keys of objects', { toJSON: 1, constructor: 2, length: 3, hasOwnProperty: Float32Array.of(4) }],
    ['a bare typed array', Float64Array.of(1, 2)],
  ])('gives back %s', (_, tree) => {
    expect(decoded(encode(tree))).toStrictEqual(tree)
    const like = decode(encode(tree), tree)
    expect(like).toStrictEqual(E.right(tree))
  })
})

describe.each(backends)('tensors on %s', (backend) => {
  beforeAll(() => useBackend(backend))

  test('come back with their dtypes, shapes and bits, and nothing is left behind', async () => {
    const before = tf.memory().numTensors
    const tree = {
      scalar: tf.scalar(0.1),
      matrix: tf.tensor2d([1, 2, 3, 4, -0, 1e-45], [2, 3]),
      empty: tf.zeros([0, 3]),
      integers: tf.tensor1d([1, -2147483648], 'int32'),
      flags: tf.tensor1d([true, false, true], 'bool'),
      deep: tf.ones([1, 1, 1, 1, 1, 1, 1, 2]),
    }
    const bytes = encode(tree)
    expect(await encodeAsync(tree)).toStrictEqual(bytes)
    const back = decoded(bytes)
    const [ours, theirs] = [tensorsIn(tree), tensorsIn(back)]
    expect(theirs.map(({ dtype, shape }) => [dtype, shape])).toEqual(
      ours.map(({ dtype, shape }) => [dtype, shape]),
    )
    expect(theirs.map((tensor) => tensor.dataSync())).toEqual(ours.map((tensor) => tensor.dataSync()))
    expect(Object.keys(back as object)).toEqual(Object.keys(tree))
    dispose(tree, back)
    expect(tf.memory().numTensors).toBe(before)
  })
})
