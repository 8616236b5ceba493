/**
 * What is written here, the library `safetensors` reads, and what it writes is read here. Tests that run it need a
 * Python that has it, `PYTHON=/path/to/python`, or else `python3`; its fixtures and its record of ours need none.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as tf from '@tensorflow/tfjs-core'
import * as E from 'fp-ts/lib/Either.js'
import { beforeAll, describe, expect, test } from 'vitest'
import { decode, encode } from '../../src/checkpoint/index.js'
import { dispose } from '../../src/index.js'
import { numbers, useBackend } from '../backends.js'
import { goldenTensors, goldenTree, type PythonRead } from './golden.js'

const fixture = (name: string): string => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url))

const python = process.env.PYTHON ?? 'python3'

const run = (...args: readonly string[]): string => {
  const { status, stdout, stderr } = spawnSync(python, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return stdout
}

const hex = ({ buffer, byteOffset, byteLength }: ArrayBufferView): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString('hex')

const expected = Object.fromEntries(
  Object.entries(goldenTensors).map(([name, [dtype, shape, values]]) => [
    name,
    { dtype, shape, bytes: hex(values) },
  ]),
)

const golden = (): Uint8Array => {
  const tree = goldenTree()
  const bytes = encode(tree)
  dispose(tree)
  return bytes
}

const right = <A>(result: E.Either<{ readonly message: string }, A>): A => {
  if (E.isLeft(result)) throw new Error(result.left.message)
  return result.right
}

beforeAll(() => useBackend('cpu'))

describe('what is written here', () => {
  test('is to the byte what Python has read', () => {
    expect(golden()).toEqual(new Uint8Array(readFileSync(fixture('golden.safetensors'))))
    const read: PythonRead = JSON.parse(readFileSync(fixture('golden.json'), 'utf8'))
    expect(read.tensors).toEqual(expected)
    expect(read.metadata['gradpipe.version']).toBe('1')
  })

  test('is aligned: every tensor begins at a multiple of its elements, in the file too', () => {
    const bytes = golden()
    const length = new DataView(bytes.buffer).getUint32(0, true)
    const header: Record<string, { readonly dtype: string; readonly data_offsets: readonly number[] }> =
      JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)))
    expect(length % 8).toBe(0)
    const { __metadata__: _, ...entries } = header
    let end = 0
    for (const { dtype, data_offsets: offsets } of Object.values(entries)) {
      const [from = -1, to = -1] = offsets
      expect(from).toBe(end)
      expect(from % (Number(/\d+/.exec(dtype)?.[0] ?? 8) / 8)).toBe(0)
      end = to
    }
    expect(8 + length + end).toBe(bytes.length)
  })

  test('is read by Python', { timeout: 60_000 }, (context) => {
    const { status } = spawnSync(python, ['-c', 'import safetensors.numpy'])
    context.skip(
      status !== 0,
      `${python} has no safetensors: pip install safetensors numpy, and name it by PYTHON`,
    )
    const directory = mkdtempSync(join(tmpdir(), 'gradpipe-python-'))
    try {
      const file = join(directory, 'golden.safetensors')
      writeFileSync(file, golden())
      const read: PythonRead = JSON.parse(run(fixture('read.py'), file))
      expect(read.tensors).toEqual(expected)

      // Python writes again what it has read, in its own order, and this reads it as the tree that it was
      const script = `
import sys
from safetensors import safe_open
from safetensors.numpy import save_file
with safe_open(sys.argv[1], "np") as f:
    tensors, metadata = {k: f.get_tensor(k) for k in f.keys()}, f.metadata()
save_file(tensors, sys.argv[2], metadata)
`
      const again = join(directory, 'again.safetensors')
      run('-c', script, file, again)
      const bytes = new Uint8Array(readFileSync(again))
      expect(bytes).not.toEqual(golden())
      const tree = right(decode(bytes))
      expect(encode(tree)).toEqual(golden())
      dispose(tree)
    } finally {
      rmSync(directory, { recursive: true })
    }
  })
})

describe('what Python has written', () => {
  const read = (name: string, like?: unknown): unknown => {
    const bytes = new Uint8Array(readFileSync(fixture(`${name}.safetensors`)))
    return right(like === undefined ? decode(bytes) : decode(bytes, like))
  }

  test('is a record by name: tensors of the dtypes that TensorFlow.js has, typed arrays of the others', () => {
    const before = tf.memory().numTensors
    const tree = read('dtypes') as Readonly<Record<string, unknown>>
    const { f32, f16, i32, bool, scalar, empty, ...arrays } = tree
    expect(arrays).toStrictEqual({
      f64: Float64Array.of(0.1, -0, 5e-324, 1.7976931348623157e308),
      i8: Int8Array.of(-128, 127),
      i16: Int16Array.of(-32768, 32767),
      i64: BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n),
      u8: Uint8Array.of(0, 255),
      u16: Uint16Array.of(0, 65535),
      u32: Uint32Array.of(0, 4294967295),
      u64: BigUint64Array.of(0n, 2n ** 64n - 1n),
    })
    const told = [f32, f16, i32, bool, scalar, empty].map((leaf) =>
      leaf instanceof tf.Tensor ? [leaf.dtype, leaf.shape, numbers(leaf)] : leaf,
    )
    expect(told).toStrictEqual([
      ['float32', [2, 3], [1.5, -0, Infinity, NaN, 2 ** -149, (2 - 2 ** -23) * 2 ** 127]],
      ['float32', [8], [1.5, -0, Infinity, -Infinity, 65504, 2 ** -24, 1023 * 2 ** -24, 0.0999755859375]],
      ['int32', [2], [-2147483648, 2147483647]],
      ['bool', [2, 1], [1, 0]],
      ['float32', [], [2.5]],
      ['float32', [0, 3], []],
    ])
    dispose(tree)
    expect(tf.memory().numTensors).toBe(before)
  })

  test('in bfloat16 is float32', () => {
    const tree = read('bfloat16') as { readonly w: tf.Tensor }
    expect(numbers(tree.w)).toStrictEqual([1, -3.140625, Infinity])
    dispose(tree)
  })

  test('is laid out like a tree whose paths are its names, and a number takes a tensor without axes', () => {
    const like = {
      encoder: [{ kernel: tf.zeros([2, 3]), bias: tf.zeros([3]) }, { kernel: tf.zeros([3, 1]) }],
      steps: 0,
      rate: 0,
    }
    const tree = read('network', like) as typeof like
    expect(tree.encoder.map((layer) => Object.values(layer).map(numbers))).toEqual([
      [
        [0, 1, 2, 3, 4, 5],
        [1, 2, 3],
      ],
      [[1, 1, 1]],
    ])
    expect([tree.steps, tree.rate]).toEqual([5, 0.1])
    dispose(tree, like)

    // or like a flat record, of names with dots
    const flat = read('network') as Readonly<Record<string, unknown>>
    const again = read('network', flat) as object
    expect(Object.keys(again)).toEqual(Object.keys(flat))
    dispose(flat, again)
  })

  test('is refused where it lacks a path, has another shape, or has more', () => {
    const bytes = new Uint8Array(readFileSync(fixture('network.safetensors')))
    const refused = (like: unknown): unknown => {
      const result = decode(bytes, like)
      dispose(like)
      return E.isLeft(result) ? result.left.message : undefined
    }
    const layer = (): object => ({ kernel: tf.zeros([2, 3]), bias: tf.zeros([3]) })
    expect(refused({ encoder: [layer(), layer()], steps: 0, rate: 0 })).toBe(
      'encoder.1.bias: expected a tensor of float32 [3], given nothing in the file',
    )
    expect(refused({ encoder: [layer(), { kernel: tf.zeros([3]) }], steps: 0, rate: 0 })).toBe(
      'encoder.1.kernel: expected a tensor of float32 [3], given a tensor of float32 [3, 1] in the file',
    )
    expect(refused({ encoder: [layer(), { kernel: tf.zeros([3, 1]) }], steps: 0 })).toBe(
      'rate: expected nothing, given a Float64Array of 1 in the file',
    )
  })
})
