import '@tensorflow/tfjs-backend-wasm'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { type WasmDoor, wasmDoor } from '../../../../src/host/tfjs/wasm/backend.js'
import { numbers, useBackend } from '../../../backends.js'

beforeAll(() => useBackend('wasm'))

const open = (): WasmDoor => {
  const door = wasmDoor(tf.backend())
  if (door === null) throw new Error('no door')
  return door
}

/** The backend with other values for some of its properties. */
const altered = (changes: Readonly<Record<string, unknown>>): object =>
  Object.create(
    tf.backend(),
    Object.fromEntries(Object.entries(changes).map(([key, value]) => [key, { value }])),
  )

/** A backend that keeps something else of an output. */
const keeping = (data: unknown): object =>
  altered({
    dataIdMap: { get: () => data },
    makeOutput: () => ({ dataId: {}, shape: [1], dtype: 'float32' }),
    disposeData: () => true,
  })

const property = (of: object, key: string): object => {
  const value: unknown = Reflect.get(of, key)
  if (typeof value === 'object' && value !== null) return value
  throw new Error(`no ${key}`)
}

describe('the door to the WASM backend', () => {
  it('opens on the backend of this version of TensorFlow.js, once', () => {
    expect(wasmDoor(tf.backend())).not.toBeNull()
    expect(wasmDoor(tf.backend())).toBe(wasmDoor(tf.backend()))
  })

  it('leaves no tensor and no data behind when it opens', () => {
    const before = [tf.memory().numTensors, tf.backend().numDataIds()]
    expect(wasmDoor(altered({}))).not.toBeNull()
    expect([tf.memory().numTensors, tf.backend().numDataIds()]).toEqual(before)
  })

  const looks: readonly (readonly [string, () => object])[] = [
    ['that is no backend', () => ({})],
    ['without outputs', () => altered({ makeOutput: undefined })],
    ['without a count of references', () => altered({ incRef: undefined })],
    ['without a way to free', () => altered({ disposeData: 7 })],
    ['without a map of data', () => altered({ dataIdMap: undefined })],
    ['with another kind of map', () => altered({ dataIdMap: new Set() })],
    ['without a module', () => altered({ wasm: null })],
    [
      'without an allocator',
      () => altered({ wasm: { ...property(tf.backend(), 'wasm'), _malloc: undefined } }),
    ],
    [
      'without a memory',
      () => altered({ wasm: { ...property(tf.backend(), 'wasm'), asm: {}, wasmMemory: undefined } }),
    ],
    [
      'with something else for a memory',
      () => altered({ wasm: { ...property(tf.backend(), 'wasm'), asm: { memory: new ArrayBuffer(8) } } }),
    ],
    [
      'that makes its outputs otherwise',
      () =>
        altered({
          makeOutput: () => {
            throw new TypeError('a size is missing')
          },
        }),
    ],
    ['that knows nothing of its data', () => keeping(undefined)],
    ['that counts no references', () => keeping({ id: 1, memoryOffset: 16 })],
    ['that has addresses of another kind', () => keeping({ id: 1, memoryOffset: null, refCount: 1 })],
    ['that names its data otherwise', () => keeping({ id: 'a', memoryOffset: 16, refCount: 1 })],
  ]

  it.each(looks)('stays shut on a backend %s, and nothing is left behind', (_, make) => {
    const backend = make()
    const before = [tf.memory().numTensors, tf.backend().numDataIds()]
    expect(wasmDoor(backend)).toBeNull()
    expect(wasmDoor(backend)).toBeNull()
    expect([tf.memory().numTensors, tf.backend().numDataIds()]).toEqual(before)
  })

  it('shows where a tensor has its numbers', () => {
    const door = open()
    const x = tf.tensor1d([1, 2, 3])
    const { memoryOffset, refCount } = door.dataOf(x)
    expect([...new Float32Array(door.memory.buffer, memoryOffset, 3)]).toEqual([1, 2, 3])
    expect(refCount).toBe(1)
    x.dispose()
  })

  it('makes tensors that TensorFlow.js counts, reads and frees', () => {
    const door = open()
    const { numTensors, numBytes } = tf.memory()
    const { tensor, address } = door.makeTensor([2, 2], 4)
    new Float32Array(door.memory.buffer, address, 4).set([1, 2, 3, 4])
    expect(tensor.arraySync()).toEqual([
      [1, 2],
      [3, 4],
    ])
    expect(tf.memory()).toMatchObject({ numTensors: numTensors + 1, numBytes: numBytes + 16 })
    tensor.dispose()
    expect(tf.memory()).toMatchObject({ numTensors, numBytes })
  })

  it('shares memory: it lives as long as one of its tensors', () => {
    const door = open()
    const x = tf.tensor1d([1, 2])
    const y = door.share(x)
    expect(door.dataOf(x).refCount).toBe(2)
    x.dispose()
    expect(door.dataOf(y).refCount).toBe(1)
    expect(numbers(y)).toEqual([1, 2])
    y.dispose()
  })

  it('hands a tensor over: the counts of tensors, bytes and references stay', () => {
    const door = open()
    const x = tf.tensor1d([1, 2])
    const { numTensors, numBytes } = tf.memory()
    const y = door.takeOver(x)
    expect(x.isDisposed).toBe(true)
    expect(y.id).not.toBe(x.id)
    expect(door.dataOf(y).refCount).toBe(1)
    expect(tf.memory()).toMatchObject({ numTensors, numBytes })
    x.dispose() // twice does no harm
    expect(numbers(y)).toEqual([1, 2])
    y.dispose()
    expect(tf.memory()).toMatchObject({ numTensors: numTensors - 1, numBytes: numBytes - 8 })
  })

  it('gives as much scratch memory as it is asked for, and no other memory of the heap', () => {
    const door = open()
    for (const bytes of [
      1, 15, 16, 17, 32, 33, 48, 64, 100, 112, 128, 1000, 1024, 1025, 65_536, 100_000, 16,
    ]) {
      const address = door.scratch(bytes)
      expect(address % 16).toBe(0)
      // what the heap keeps beside it is hurt by a byte too many
      new Uint8Array(door.memory.buffer, address, bytes).fill(0xff)
      const others = [1, 10, 100].map((size) => tf.fill([size], 7))
      expect(door.scratch(bytes)).toBe(address)
      new Uint8Array(door.memory.buffer, address, bytes).fill(0xff)
      expect(others.every((each) => numbers(each).every((x) => x === 7))).toBe(true)
      for (const each of others) each.dispose()
    }
  })

  it('is not the door to another backend', async () => {
    await useBackend('cpu')
    expect(wasmDoor(tf.backend())).toBeNull()
    await useBackend('wasm')
  })
})
