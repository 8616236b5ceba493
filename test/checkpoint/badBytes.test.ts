import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { encode } from '../../src/checkpoint/index.js'
import { useBackend } from '../backends.js'
import { entry, fileOf, ownFile, refusal } from './craft.js'

const json = JSON.stringify
const sample = encode({ w: Float32Array.of(1, 2), n: [Float64Array.of(3), null, 0.5], b: Uint8Array.of(7) })

beforeAll(() => useBackend('cpu'))

test('a file cut off at any length is Truncated', () => {
  for (let length = 0; length < sample.length; length++)
    expect(refusal(sample.subarray(0, length)), `${length} bytes`).toMatchObject({
      _tag: 'Truncated',
      given: length,
    })
})

describe('what is no safetensors file', () => {
  test.each([
    ['a page of HTML', new TextEncoder().encode('<!DOCTYPE html><html></html>')],
    ['JSON', new TextEncoder().encode('{"weights": [1, 2, 3]}')],
    ['a header of an array', fileOf('[]')],
    ['a header that begins with a space', fileOf(' {}')],
    ['a header that begins with a byte order mark', fileOf('\ufeff{}')],
    ['a header of more than a hundred million bytes', fileOf('{}', 0, 100_000_001n)],
    ['a header of 2⁶⁴ − 1 bytes', fileOf('{}', 0, 2n ** 64n - 1n)],
    ['a header of 2⁵³ + 1 bytes', fileOf('{}', 0, 2n ** 53n + 1n)],
  ])('%s', (_, bytes) => {
    expect(refusal(bytes)?._tag).toBe('NotSafetensors')
  })
})

describe('a header that breaks the format', () => {
  const invalid = new TextEncoder().encode(json({ a: entry(0, 4) }))
  invalid[2] = 0xff
  test.each<readonly [string, Uint8Array]>([
    ['of no bytes', fileOf('')],
    ['that is no JSON', fileOf('{"a":}', 4)],
    ['with something after it', fileOf('{} {}')],
    ['that is not UTF-8', fileOf(invalid, 4)],
    [
      'with a name that is half a character',
      fileOf('{"\\ud800":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', 4),
    ],
    ['with one name twice', fileOf(`{"a":${json(entry(0, 4))},"a":${json(entry(4, 8))}}`, 8)],
    [
      'with one name twice, written in two ways',
      fileOf(`{"a":${json(entry(0, 4))},"\\u0061":${json(entry(0, 4))}}`, 4),
    ],
    [
      'with one field twice',
      fileOf('{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}', 4),
    ],
    ['with metadata twice', fileOf('{"__metadata__":{},"__metadata__":{}}')],
    ['with metadata of one key twice', fileOf('{"__metadata__":{"a":"1","a":"1"}}')],
    ['with metadata that are no object', fileOf('{"__metadata__":"a"}')],
    ['with metadata that are no text', fileOf('{"__metadata__":{"a":1}}')],
    ['with an entry that is no object', fileOf('{"a":[]}')],
    ['with an entry of null', fileOf('{"a":null}')],
    ['with an entry without fields', fileOf('{"a":{}}')],
    ['with a dtype that is none', fileOf(json({ a: entry(0, 4, [1], 'Q32') }), 4)],
    ['with a dtype that every object has', fileOf(json({ a: entry(0, 4, [1], 'constructor') }), 4)],
    ['with a dtype that is no text', fileOf(json({ a: entry(0, 4, [1], 32) }), 4)],
    ['with a shape that is a number', fileOf(json({ a: entry(0, 4, 1) }), 4)],
    ['with a length below zero', fileOf(json({ a: entry(0, 4, [-1]) }), 4)],
    ['with two lengths below zero', fileOf(json({ a: entry(0, 4, [-1, -1]) }), 4)],
    ['with a length of minus zero', fileOf('{"a":{"dtype":"F32","shape":[-0],"data_offsets":[0,0]}}')],
    ['with half a length', fileOf(json({ a: entry(0, 4, [0.5, 2]) }), 4)],
    ['with a length of null', fileOf(json({ a: entry(0, 4, [null]) }), 4)],
    ['with a length that is text', fileOf(json({ a: entry(0, 4, ['1']) }), 4)],
    ['with an infinite length', fileOf('{"a":{"dtype":"F32","shape":[1e999],"data_offsets":[0,4]}}', 4)],
    ['with a length of 2⁵³', fileOf(json({ a: entry(0, 4, [2 ** 53]) }), 4)],
    ['with a product that overflows 64 bits', fileOf(json({ a: entry(0, 0, [2 ** 32, 2 ** 32, 4]) }))],
    [
      'with a product of infinity times zero',
      fileOf(json({ a: entry(0, 0, [...Array(99).fill(2 ** 50), 0]) })),
    ],
    ['with four bytes for a billion elements', fileOf(json({ a: entry(0, 4, [1e9]) }), 4)],
    ['with one offset', fileOf(json({ a: { dtype: 'F32', shape: [1], data_offsets: [4] } }), 4)],
    ['with three offsets', fileOf(json({ a: { dtype: 'F32', shape: [1], data_offsets: [0, 4, 8] } }), 8)],
    ['with an offset below zero', fileOf(json({ a: entry(-4, 0) }), 4)],
    ['with offsets in the wrong order', fileOf(json({ a: entry(4, 0) }), 4)],
    ['with half an offset', fileOf(json({ a: entry(0.5, 4.5) }), 5)],
    ['with a gap at the start', fileOf(json({ a: entry(4, 8) }), 8)],
    ['with a gap', fileOf(json({ a: entry(0, 4), b: entry(8, 12) }), 12)],
    ['with an overlap', fileOf(json({ a: entry(0, 4), b: entry(2, 6) }), 6)],
    ['with one place for two', fileOf(json({ a: entry(0, 4), b: entry(0, 4) }), 4)],
    ['that leaves bytes over', fileOf(json({ a: entry(0, 4) }), 5)],
    ['with half a byte', fileOf(json({ a: entry(0, 1, [1], 'F4') }), 1)],
    ['that nests', fileOf(`{"a":${'['.repeat(1e6)}${']'.repeat(1e6)}}`)],
    ['that nests and does not end', fileOf(`{"a":${'[{"":'.repeat(1e6)}`)],
  ])('%s', (_, bytes) => {
    const error = refusal(bytes)
    expect(error?._tag).toBe('BadHeader')
    expect(error?.message).toMatch(/^bad safetensors header: ./)
  })

  test('a billion elements of a file that ends are Truncated, and nothing of that size is made', () => {
    const before = process.memoryUsage().arrayBuffers
    const bytes = fileOf(json({ a: entry(0, 4e9, [1e9]) }), 100)
    expect(refusal(bytes)).toMatchObject({ _tag: 'Truncated', expected: bytes.length - 100 + 4e9 })
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1e6)
  })
})

describe('what the format allows', () => {
  test.each<readonly [string, Uint8Array]>([
    ['entries in another order than their data', fileOf(json({ b: entry(4, 8), a: entry(0, 4) }), 8)],
    [
      'entries of nothing between others',
      fileOf(json({ a: entry(0, 4), b: entry(4, 4, [3, 0]), c: entry(4, 8) }), 8),
    ],
    ['data that is not aligned', fileOf(json({ a: entry(0, 1, [1], 'U8'), b: entry(1, 5) }), 5)],
    ['fields that it does not name', fileOf(json({ a: { ...entry(0, 4), note: 'x' } }), 4)],
    ['no metadata', fileOf('{"__metadata__":null}')],
    ['nothing at all', fileOf('{}')],
    ['a hostile name', fileOf(`{"__proto__":${json(entry(0, 4))},"constructor":${json(entry(4, 8))}}`, 8)],
    ['a very long shape', fileOf(json({ a: entry(0, 4, Array(1000).fill(1)) }), 4)],
    ['a huge length beside none', fileOf(json({ a: entry(0, 0, [0, 2 ** 52, 2 ** 52]) }))],
  ])('%s', (_, bytes) => {
    const before = tf.memory().numTensors
    tf.engine().startScope()
    expect(refusal(bytes)).toBeUndefined()
    tf.engine().endScope()
    expect(tf.memory().numTensors).toBe(before)
    expect(Object.hasOwn(Object.prototype, 'dtype')).toBe(false)
  })
})

describe('a tree that does not go with its tensors', () => {
  const one = { w: entry(0, 4) }
  test.each<readonly [string, Uint8Array]>([
    ['is no JSON', ownFile('{', one, 4)],
    ['has a key twice', ownFile('{"a":1,"a":2,"w":"tensor"}', one, 4)],
    ['has a leaf of an unknown kind', ownFile('{"w":"Float16Array"}', one, 4)],
    ['has a leaf of a kind that every object has', ownFile('{"w":"constructor"}', one, 4)],
    ['has a number that is none', ownFile('{"w":"tensor","x":1e999}', one, 4)],
    ['has another kind than its numbers', ownFile('{"w":"Float64Array"}', one, 4)],
    ['has an array of two axes', ownFile('{"w":"Float32Array"}', { w: entry(0, 4, [1, 1]) }, 4)],
    ['lacks a leaf', ownFile('{}', one, 4)],
    ['has a leaf too many', ownFile('{"w":"tensor","v":"tensor"}', one, 4)],
    ['has a leaf of another name', ownFile('{"v":"tensor"}', one, 4)],
    ['nests', ownFile('['.repeat(257) + ']'.repeat(257))],
    ['nests very deep', ownFile('['.repeat(1e6) + ']'.repeat(1e6))],
    ['nests very deep and does not end', ownFile('{"":'.repeat(1e6))],
    ['names more than it holds', ownFile(`{"${'k'.repeat(1e5)}":[${Array(1e5).fill('"tensor"').join()}]}`)],
    ['has no version', ownFile('{"w":"tensor"}', one, 4, '')],
    ['has half a version', ownFile('{"w":"tensor"}', one, 4, '1.5')],
    ['has a version below one', ownFile('{"w":"tensor"}', one, 4, '0')],
    ['is not there', fileOf(json({ __metadata__: { 'gradpipe.version': '1' } }))],
  ])('it %s', (_, bytes) => {
    expect(refusal(bytes)?._tag).toBe('BadTree')
  })

  test('a newer version says which one it is', () => {
    expect(refusal(ownFile('?', {}, 0, '3'))).toMatchObject({
      _tag: 'NewerVersion',
      version: 3,
      supported: 2,
    })
  })
})

test('a dtype that nothing here holds is named', () => {
  const bytes = fileOf(json({ a: entry(0, 8, [1], 'C64') }), 8)
  expect(refusal(bytes)).toMatchObject({ _tag: 'UnsupportedDtype', name: 'a', dtype: 'C64' })
  expect(refusal(bytes, { a: 1 })).toMatchObject({ _tag: 'UnsupportedDtype', name: 'a', dtype: 'C64' })
})
