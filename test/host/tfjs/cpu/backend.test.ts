import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { type CpuDoor, cpuDoor } from '../../../../src/host/tfjs/cpu/backend.js'
import { numbers, useBackend } from '../../../backends.js'

beforeAll(() => useBackend('cpu'))

const open = (): CpuDoor => {
  const door = cpuDoor(tf.backend())
  if (door === null) throw new Error('no door')
  return door
}

/** The backend with other values for some of its properties. */
const altered = (changes: Readonly<Record<string, unknown>>): object =>
  Object.create(
    tf.backend(),
    Object.fromEntries(Object.entries(changes).map(([key, value]) => [key, { value }])),
  )

describe('the door to the cpu backend', () => {
  it('opens on the backend of this version of TensorFlow.js, once', () => {
    expect(cpuDoor(tf.backend())).not.toBeNull()
    expect(cpuDoor(tf.backend())).toBe(cpuDoor(tf.backend()))
  })

  it('leaves no tensor and no data behind when it opens', () => {
    const before = [tf.memory().numTensors, tf.memory().numDataBuffers, tf.backend().numDataIds()]
    expect(cpuDoor(altered({}))).not.toBeNull()
    expect([tf.memory().numTensors, tf.memory().numDataBuffers, tf.backend().numDataIds()]).toEqual(before)
  })

  const looks: readonly (readonly [string, () => object])[] = [
    ['that is no backend', () => ({})],
    ['without outputs', () => altered({ makeOutput: undefined })],
    ['without a count of references', () => altered({ incRef: undefined })],
    ['without a way to free', () => altered({ disposeData: 7 })],
    ['without a map of data', () => altered({ data: undefined })],
    ['with another kind of map', () => altered({ data: new Set() })],
    ['that knows nothing of its data', () => altered({ data: { get: () => undefined } })],
    [
      'that names its data otherwise',
      () => altered({ data: { get: () => ({ array: new Float32Array(2) }) } }),
    ],
    [
      'that copies what it is given',
      () => altered({ data: { get: () => ({ values: Float32Array.of(1, 2) }) } }),
    ],
    [
      'that makes its outputs otherwise',
      () =>
        altered({
          makeOutput: () => {
            throw new TypeError('a name is missing')
          },
        }),
    ],
  ]

  it.each(looks)('stays shut on a backend %s, and nothing is left behind', (_, make) => {
    const backend = make()
    const before = [tf.memory().numTensors, tf.backend().numDataIds()]
    expect(cpuDoor(backend)).toBeNull()
    expect(cpuDoor(backend)).toBeNull()
    expect([tf.memory().numTensors, tf.backend().numDataIds()]).toEqual(before)
  })

  it('shows the numbers of a tensor, whatever kind of array has them', () => {
    const door = open()
    const own = Float32Array.of(1, 2.5)
    const integers = tf.tensor1d([3, -4], 'int32')
    const flags = tf.tensor1d([true, false], 'bool')
    const tensors = [tf.tensor1d(own), tf.scalar(7), tf.cast(integers, 'float32'), tf.cast(flags, 'float32')]
    expect(tensors.map(door.valuesOf)).toEqual([
      Float32Array.of(1, 2.5),
      Float32Array.of(7),
      Float32Array.of(3, -4),
      Float32Array.of(1, 0),
    ])
    tf.dispose([integers, flags, tensors])
  })

  it('makes tensors that TensorFlow.js counts, reads and frees', () => {
    const { numTensors, numBytes } = tf.memory()
    const tensor = open().makeTensor(Float32Array.of(1, 2, 3, 4), [2, 2])
    expect(tensor.arraySync()).toEqual([
      [1, 2],
      [3, 4],
    ])
    expect(tf.memory()).toMatchObject({ numTensors: numTensors + 1, numBytes: numBytes + 16 })
    tensor.dispose()
    expect(tf.memory()).toMatchObject({ numTensors, numBytes })
    expect(numbers(tensor.isDisposed ? 0 : tensor)).toEqual([0])
  })
})
