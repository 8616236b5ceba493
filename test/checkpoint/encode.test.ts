import * as tf from '@tensorflow/tfjs-core'
import * as fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { decode, encode, encodeAsync } from '../../src/checkpoint/index.js'
import { dispose, GradpipeError } from '../../src/index.js'
import { tensorsLeft, useBackend } from '../backends.js'

beforeAll(() => useBackend('cpu'))

class Layer {}

/** A record that holds itself. */
const cyclic = (): object => {
  const record: Record<string, unknown> = { a: 1 }
  record.self = { again: [record] }
  return record
}

const deep = (levels: number): unknown =>
  Array.from({ length: levels }).reduce<unknown>((below) => [below], 1)

describe('what a file cannot hold is refused with its path, and nothing is left behind', () => {
  test.each<readonly [string, () => unknown, string, string]>([
    ['a function', () => ({ f: () => 1 }), 'InvalidLeaf', 'tree.f'],
    ['an instance of a class', () => [{ layer: new Layer() }], 'InvalidLeaf', 'tree.0.layer'],
    ['a map', () => new Map(), 'InvalidLeaf', 'tree'],
    ['a date', () => ({ at: new Date(0) }), 'InvalidLeaf', 'tree.at'],
    ['a bigint', () => [1n], 'InvalidLeaf', 'tree.0'],
    ['a symbol', () => [Symbol('x')], 'InvalidLeaf', 'tree.0'],
    ['a promise', () => [Promise.resolve(1)], 'InvalidLeaf', 'tree.0'],
    [
      'an object of no class',
      () => [Object.create(Object.create(Object.create(null)))],
      'InvalidLeaf',
      'tree.0',
    ],
    ['a DataView', () => [new DataView(new ArrayBuffer(8))], 'InvalidLeaf', 'tree.0'],
    ['a tree inside of itself', cyclic, 'InvalidLeaf', 'tree.self.again.0'],
    ['a tree too deep', () => deep(257), 'InvalidLeaf', `tree${'.0'.repeat(256)}`],
  ])('%s', async (_, make, tag, path) => {
    const tree = make()
    const thrown = expect.objectContaining({ name: 'GradpipeError', _tag: tag, path })
    expect(tensorsLeft(() => expect(() => encode(tree)).toThrow(thrown))).toBe(0)
    await expect(encodeAsync(tree)).rejects.toThrow(thrown)
  })

  test('a tensor of texts, of complex numbers, or without its memory', () => {
    const [texts, complex, gone] = [tf.tensor1d(['x']), tf.complex([1], [2]), tf.scalar(1)]
    gone.dispose()
    expect(() => encode({ ok: 1, texts })).toThrow(
      'tree.texts: expected a tensor of float32, int32 or bool, given string',
    )
    expect(() => encode([complex])).toThrow(
      'tree.0: expected a tensor of float32, int32 or bool, given complex64',
    )
    expect(() => encode([gone])).toThrow('tree.0: expected a live tensor, given a disposed tensor')
    expect(() => encode([gone])).toThrow(GradpipeError)
    dispose(texts, complex)
  })
})

test('a tree that is as deep as may be, or holds one branch twice, is kept', () => {
  const twice = { x: 1 }
  for (const tree of [deep(256), [twice, twice]])
    expect(decode(encode(tree))).toStrictEqual({ _tag: 'Right', right: tree })
})

test('a tensor of variables is one of tensors', () => {
  const variable = tf.variable(tf.tensor1d([1, 2]))
  const result = decode(encode({ variable }))
  expect(result).toMatchObject({ _tag: 'Right', right: { variable: { dtype: 'float32', shape: [2] } } })
  dispose(variable, result)
})

test('encodeAsync takes the tree as it is at the call', async () => {
  const [numbers, tensor] = [Float32Array.of(1, 2), tf.tensor1d([3])]
  const [expected, promise] = [encode({ numbers, tensor }), encodeAsync({ numbers, tensor })]
  numbers.fill(0)
  tensor.dispose()
  expect(await promise).toEqual(expected)
})

test('metadata grow with the tree, and no faster', () => {
  const sizeOf = (n: number): number =>
    encode(Array.from({ length: n }, () => ({ kernel: new Float32Array(0), count: 0.1 }))).length
  expect(sizeOf(4000)).toBeLessThan(4.2 * sizeOf(1000))
})

test('whatever the keys and the leaves, what is encoded is decoded, with like and without', () => {
  const key = fc.oneof(
    fc.constantFrom(
      'a',
      'b',
      'a.b',
      '',
      '.',
      '..',
      '%',
      '%2E',
      '0',
      '__metadata__',
      '__proto__',
      'toJSON',
      '\ud800',
      '\udc00',
    ),
    fc.string({ unit: 'binary' }),
  )
  const leaf = fc.oneof(
    fc.double(),
    fc.string({ unit: 'binary' }),
    fc.boolean(),
    fc.constantFrom(null, undefined),
    fc.float32Array(),
    fc.float64Array(),
    fc.int32Array(),
    fc.uint8Array(),
  )
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      leaf,
      fc.array(tie('tree'), { maxLength: 4 }),
      fc
        .array(fc.tuple(key, tie('tree')), { maxLength: 5 })
        .map((entries): unknown => Object.fromEntries(entries)),
    ),
  }))
  fc.assert(
    fc.property(tree, (drawn) => {
      const bytes = encode(drawn)
      const expected = { _tag: 'Right', right: drawn }
      expect(decode(bytes)).toStrictEqual(expected)
      if (drawn !== undefined) expect(decode(bytes, drawn)).toStrictEqual(expected)
    }),
    { numRuns: 500, seed: 20 },
  )
})
