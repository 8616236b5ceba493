/**
 * Mutated files, the same few thousand each time; with `CHECKPOINT_FUZZ`, as many new ones:
 *
 *     CHECKPOINT_FUZZ=1000000 npx vitest run test/checkpoint/fuzz.test.ts
 */
import { readFileSync } from 'node:fs'
import * as tf from '@tensorflow/tfjs-core'
import * as fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { decode, encode } from '../../src/checkpoint/index.js'
import { adam, dispose, tree } from '../../src/index.js'
import { useBackend } from '../backends.js'
import { entry, fileOf } from './craft.js'

const given = process.env.CHECKPOINT_FUZZ
const runs = given === undefined ? { numRuns: 5000, seed: 20 } : { numRuns: Number(given) }

/** A tree with a leaf of every sort. */
const mixed = (): object => ({
  weights: [Float32Array.of(1, 2, 3), { 'a.b': Float64Array.of(0.5), '': Int32Array.of(-1), n: null }],
  tensor: tf.tensor2d([1, 2, 3, 4], [2, 2]),
  flags: tf.tensor1d([true, false], 'bool'),
  count: 7,
  best: Number.POSITIVE_INFINITY,
  name: 'adam',
  on: true,
  nothing: undefined,
  big: BigInt64Array.of(5n),
})

/** A state, as it is saved every day. */
const state = (): object => adam(0.1).init({ w: tf.zeros([3, 2]), b: new Float32Array(3), s: 0 })

/** A file and a tree like the one in it. */
interface Seed {
  readonly bytes: Uint8Array
  readonly like: unknown
}

const seedOf = (make: () => object): Seed => {
  const like = make()
  const bytes = encode(like)
  // of a disposed tensor `like` still tells what it was
  dispose(like)
  return { bytes, like }
}

const fixture = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`./fixtures/${name}.safetensors`, import.meta.url)))

/** A change of a file. */
type Edit = (bytes: Uint8Array) => Uint8Array

const lengthOf = (bytes: Uint8Array): number =>
  bytes.length < 8
    ? 0
    : Math.min(new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true), bytes.length - 8)

const joined = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts))

/** The header with a part of it changed, and a length that fits. */
const inHeader =
  (change: (header: string) => string): Edit =>
  (bytes) => {
    const end = 8 + lengthOf(bytes)
    const header = change(Buffer.from(bytes.subarray(8, end)).toString('latin1'))
    return joined(fileOf(new Uint8Array(Buffer.from(header, 'latin1'))), bytes.subarray(end))
  }

const at = (fraction: number, length: number): number => Math.floor(fraction * length)

/** Where: a fraction of what there is, the start no more often than the rest. */
const place = fc.noBias(fc.nat(0xffff)).map((n) => n / 0x10000)

/** What parts of a header are replaced by: each sort by its own sort, or by any. */
const sorts: readonly (readonly [pattern: RegExp, tokens: readonly string[]])[] = [
  [
    /\d+/g,
    '0 1 2 -1 4 8 12 1.5 1e3 1e999 -0 4294967296 9007199254740991 9007199254740993 18446744073709551616'.split(
      ' ',
    ),
  ],
  [
    /"[^"\\]*"/g,
    '"" "F64" "BOOL" "F4" "C64" "I64" "__proto__" "__metadata__" "constructor" "\\ud800"'.split(' '),
  ],
  [
    /\\"[^"\\]*\\"/g,
    '"tensor" "Int8Array" "Float32Array" "NaN" "=" "x" "a.b"'.replaceAll('"', '\\"').split(' '),
  ],
  [/\\?[[\]{}:,"]/g, 'null true [] {} [[[[ {"": " \\ , : ] }'.split(' ')],
  [/"1"/g, '"0" "2" "3" "1.5" "999999999" "1e9"'.split(' ')],
]
const anyToken = fc.constantFrom(...sorts.flatMap(([, tokens]) => tokens))

const replaced = (pattern: RegExp, where: number, token: string): Edit =>
  inHeader((header) => {
    const found = [...header.matchAll(pattern)]
    const one = found[at(where, found.length)]
    return one === undefined
      ? header
      : header.slice(0, one.index) + token + header.slice(one.index + one[0].length)
  })

/** Changes that know nothing of the format. */
const blind: fc.Arbitrary<Edit> = fc.oneof(
  fc.tuple(place, fc.nat(7)).map(
    ([where, bit]): Edit =>
      (bytes) => {
        const changed = bytes.slice()
        const i = at(where, bytes.length)
        changed[i] = (changed[i] ?? 0) ^ (1 << bit)
        return changed
      },
  ),
  place.map(
    (where): Edit =>
      (bytes) =>
        bytes.slice(0, at(where, bytes.length)),
  ),
  fc.tuple(place, fc.uint8Array({ maxLength: 9 })).map(
    ([where, more]): Edit =>
      (bytes) => {
        const i = at(where, bytes.length)
        return joined(bytes.subarray(0, i), more, bytes.subarray(i))
      },
  ),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(
    (length): Edit =>
      (bytes) => {
        const changed = bytes.slice()
        if (changed.length >= 8) new DataView(changed.buffer).setBigUint64(0, length, true)
        return changed
      },
  ),
)

/** Changes of the header, whose length stays right. */
const knowing: fc.Arbitrary<Edit> = fc.oneof(
  fc.tuple(place, fc.nat(7)).map(([where, bit]) =>
    inHeader((header) => {
      const i = at(where, header.length)
      return header.slice(0, i) + String.fromCharCode(header.charCodeAt(i) ^ (1 << bit)) + header.slice(i + 1)
    }),
  ),
  fc.tuple(place, place, fc.boolean()).map(([from, to, twice]) =>
    inHeader((header) => {
      const [a, b] = [at(Math.min(from, to), header.length), at(Math.max(from, to), header.length)]
      return header.slice(0, twice ? b : a) + header.slice(twice ? a : b)
    }),
  ),
  ...sorts.map(([pattern, tokens]) =>
    fc
      .tuple(
        place,
        fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...tokens) }, { weight: 1, arbitrary: anyToken }),
      )
      .map(([where, token]) => replaced(pattern, where, token)),
  ),
  fc
    .tuple(place, fc.integer({ min: 1, max: 20000 }))
    .map(([where, times]) => replaced(/[[{]/g, where, '['.repeat(times))),
)

const edit = fc.oneof({ weight: 1, arbitrary: blind }, { weight: 9, arbitrary: knowing })

const tags = [
  'NotSafetensors',
  'Truncated',
  'BadHeader',
  'UnsupportedDtype',
  'NewerVersion',
  'BadTree',
  'DoesNotMatch',
]

/** How many bytes a tree's numbers take. */
const weight = (decoded: unknown): number =>
  tree
    .leaves(decoded as tree.Tree<unknown>)
    .reduce(
      (sum, [, leaf]) =>
        sum + (leaf instanceof tf.Tensor ? 4 * leaf.size : ArrayBuffer.isView(leaf) ? leaf.byteLength : 0),
      0,
    )

/** Decodes, and judges what came of it; how it ended. */
const judged = (bytes: Uint8Array, like: unknown): string => {
  const before = tf.memory().numTensors
  const result = like === undefined ? decode(bytes) : decode(bytes, like)
  if (result._tag === 'Right') {
    // float16 and bool take more in memory
    expect(weight(result.right)).toBeLessThanOrEqual(4 * bytes.length)
    dispose(result.right)
  } else {
    expect(tags).toContain(result.left._tag)
    expect(result.left.message).not.toBe('')
  }
  expect(tf.memory().numTensors).toBe(before)
  return result._tag === 'Right' ? 'Right' : result.left._tag
}

beforeAll(() => useBackend('cpu'))

test('whatever is done to a file, decode gives a tree or says why not, and nothing is left behind', {
  timeout: 3_600_000,
}, () => {
  const seeds: readonly Seed[] = [
    seedOf(mixed),
    seedOf(state),
    { bytes: fixture('dtypes'), like: { f32: new Float32Array(6) } },
    { bytes: fixture('network'), like: { encoder: [{ kernel: 1, bias: 2 }], steps: 0, rate: 0 } },
    { bytes: fileOf(JSON.stringify({ c: entry(0, 0, [0], 'C64') })), like: undefined },
    {
      bytes: fileOf(
        JSON.stringify({ a: entry(0, 4), b: entry(4, 4, [0, 9]), c: entry(4, 5, [1], 'BOOL') }),
        5,
      ),
      like: undefined,
    },
  ]
  const ends = new Map<string, number>()
  const heap = process.memoryUsage()
  fc.assert(
    fc.property(
      fc.constantFrom(...seeds),
      fc.array(edit, { minLength: 1, maxLength: 3 }),
      fc.boolean(),
      ({ bytes, like }, edits, compared) => {
        const end = judged(
          edits.reduce((changed, change) => change(changed), bytes),
          compared ? like : undefined,
        )
        ends.set(end, (ends.get(end) ?? 0) + 1)
      },
    ),
    runs,
  )
  // the mutations reach every check
  expect([...ends.keys()].sort()).toEqual(['Right', ...tags].sort())
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  if (given !== undefined)
    console.log(Object.fromEntries(ends), {
      heapUsed: heapUsed - heap.heapUsed,
      arrayBuffers: arrayBuffers - heap.arrayBuffers,
    })
})
