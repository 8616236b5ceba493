import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { decode, encode } from '../../src/checkpoint/index.js'
import { adam, dispose, GradpipeError } from '../../src/index.js'
import { tensorsLeft, useBackend } from '../backends.js'
import { refusal } from './craft.js'

beforeAll(() => useBackend('cpu'))

describe('with like, decode', () => {
  const tree = (): Record<string, unknown> => ({
    w: tf.zeros([2, 3]),
    i: tf.zeros([2], 'int32'),
    a: Float32Array.of(1, 2),
    list: [1, null],
    s: 'x',
    t: true,
    u: undefined,
    b: { c: 1, d: 2 },
  })

  test.each<readonly [string, () => object, string]>([
    [
      'a shape',
      () => ({ w: tf.zeros([3, 2]) }),
      'w: expected a tensor of float32 [3, 2], given a tensor of float32 [2, 3]',
    ],
    [
      'a rank',
      () => ({ w: tf.zeros([6]) }),
      'w: expected a tensor of float32 [6], given a tensor of float32 [2, 3]',
    ],
    [
      'a dtype',
      () => ({ i: tf.zeros([2]) }),
      'i: expected a tensor of float32 [2], given a tensor of int32 [2]',
    ],
    [
      'a kind of numbers',
      () => ({ a: tf.zeros([2]) }),
      'a: expected a tensor of float32 [2], given a Float32Array of 2',
    ],
    [
      'an array of another precision',
      () => ({ a: new Float64Array(2) }),
      'a: expected a Float64Array of 2, given a Float32Array of 2',
    ],
    [
      'the length of an array of numbers',
      () => ({ a: new Float32Array(3) }),
      'a: expected a Float32Array of 3, given a Float32Array of 2',
    ],
    ['a number for an array', () => ({ a: 1 }), 'a: expected a number, given a Float32Array of 2'],
    ['the length of a list', () => ({ list: [1] }), 'list: expected an array of 1, given an array of 2'],
    ['a list for a record', () => ({ b: [1, 2] }), 'b: expected an array of 2, given a record of c, d'],
    [
      'a record for a list',
      () => ({ list: { 0: 1, 1: null } }),
      'list: expected a record of 0, 1, given an array of 2',
    ],
    ['a null', () => ({ list: [null, null] }), 'list.0: expected null, given a number'],
    ['something for a null', () => ({ list: [1, 1] }), 'list.1: expected a number, given null'],
    ['text for a flag', () => ({ t: 'true' }), 't: expected a string, given a boolean'],
    ['a flag for text', () => ({ s: false }), 's: expected a boolean, given a string'],
    ['something for undefined', () => ({ u: 1 }), 'u: expected a number, given undefined'],
    ['a leaf for a branch', () => ({ b: 1 }), 'b: expected a number, given a record of c, d'],
    ['a key that it lacks', () => ({ b: { c: 1, d: 2, e: 3 } }), 'b.e: expected a number, given nothing'],
    ['a key that it has besides', () => ({ b: { d: 2 } }), 'b.c: expected nothing, given a number'],
    ['the first of two', () => ({ list: 1, a: 1 }), 'a: expected a number, given a Float32Array of 2'],
  ])('tells of %s', (_, change, message) => {
    const saved = tree()
    const bytes = encode(saved)
    const like = { ...saved, ...change() }
    expect(tensorsLeft(() => expect(refusal(bytes, like)?.message).toBe(`${message} in the file`))).toBe(0)
    dispose(saved, like)
  })

  test('gives the keys the order of like, whose numbers and texts do not matter, and whose tensors may be gone', () => {
    const like = { n: 5, w: tf.zeros([2]), s: 'y' }
    dispose(like)
    const result = decode(encode({ s: 'x', n: Number.NaN, w: tf.tensor1d([1, 2]) }), like)
    expect(result).toMatchObject({ _tag: 'Right', right: { n: Number.NaN, s: 'x' } })
    if (result._tag === 'Right') {
      expect(Object.keys(result.right)).toEqual(['n', 'w', 's'])
      expect([...result.right.w.dataSync()]).toEqual([1, 2])
      dispose(result.right)
    }
  })

  test('refuses the state of another optimizer with the path', () => {
    const bytes = encode(adam(0.1).init({ w: new Float32Array(2) }))
    expect(refusal(bytes, adam(0.1).init({ w: new Float32Array(3) }))).toMatchObject({
      _tag: 'DoesNotMatch',
      path: '0.mu.w',
      expected: 'a Float32Array of 3',
      given: 'a Float32Array of 2',
    })
  })

  test('throws for a like that is no tree, and for bytes that are none', () => {
    expect(() => decode(encode(1), { f: () => 1 })).toThrow(GradpipeError)
    // as plain JavaScript may
    const buffer: unknown = encode(1).buffer
    expect(() => decode(buffer as Uint8Array)).toThrow('decode: expected a Uint8Array, given an ArrayBuffer')
  })
})

test('a result has memory of its own, also where the bytes are a Buffer or begin in the middle of one', () => {
  const tree = { a: Float64Array.of(1, 2), t: tf.tensor1d([3]) }
  const bytes = encode(tree)
  const shifted = Buffer.concat([Buffer.from([1, 2, 3]), bytes]).subarray(3)
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length))
  shared.set(bytes)
  for (const given of [bytes.slice(), shifted, shared]) {
    const result = decode(given, tree)
    given.fill(255)
    expect(result).toMatchObject({ _tag: 'Right', right: { a: Float64Array.of(1, 2) } })
    if (result._tag === 'Right') {
      expect([...result.right.t.dataSync()]).toEqual([3])
      dispose(result.right)
    }
  }
  dispose(tree)
})
