/**
 * The door to TensorFlow.js's cpu backend: a tensor's numbers, and new tensors.
 *
 * None of this is public API of TensorFlow.js: this is the only file that knows it. Where anything looks
 * different, there is no door, and steps are computed by TensorFlow.js's own operations.
 */
import * as tf from '@tensorflow/tfjs-core'
import { remember } from '../../../rule/intern.js'

/** A tensor of TensorFlow.js. */
export type Tensor = tf.Tensor

// what is expected of the backend

interface TensorData {
  /** What the backend was given for the tensor's numbers; a user may hold it, and `dataSync` hands it out. */
  values: ArrayLike<number>
  /** How many tensors hold the data. */
  readonly refCount: number
}

interface CpuBackend extends tf.KernelBackend {
  readonly data: {
    /** Brings the data here if another backend has them. */
    get(dataId: tf.DataId): TensorData | undefined
  }
  /** A new tensor, which takes the array for its own. */
  makeOutput(values: Float32Array, shape: number[], dtype: 'float32'): tf.Tensor
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

const has = <K extends string>(value: unknown, key: K): value is Readonly<Record<K, unknown>> =>
  isObject(value) && key in value

const hasMethods = <K extends string>(value: unknown, ...keys: readonly K[]): boolean =>
  keys.every((key) => has(value, key) && typeof value[key] === 'function')

const isBackend = (backend: object): backend is CpuBackend =>
  hasMethods(backend, 'makeOutput', 'incRef', 'disposeData', 'readSync') &&
  has(backend, 'data') &&
  hasMethods(backend.data, 'get')

/** Whether the backend makes an output of an array, and keeps that array as it is expected to. */
const keepsArrays = (backend: CpuBackend): boolean => {
  const values = Float32Array.of(1, 2)
  try {
    const tensor = backend.makeOutput(values, [2], 'float32')
    try {
      const data = tensor instanceof tf.Tensor ? backend.data.get(tensor.dataId) : undefined
      return data !== undefined && data.values === values && data.refCount === 1
    } finally {
      tensor.dispose()
    }
  } catch {
    // it wants something else
    return false
  }
}

// the door

/** What kernels need of the backend. */
export interface CpuDoor {
  /**
   * The numbers of a tensor, brought here if another backend has them. Only to be read: whoever made the tensor may
   * hold this array.
   */
  readonly valuesOf: (tensor: tf.Tensor) => Float32Array
  /** A new tensor of an array that nobody else holds. */
  readonly makeTensor: (values: Float32Array, shape: readonly number[]) => tf.Tensor
  /** A new handle on a tensor's numbers. */
  readonly share: (tensor: tf.Tensor) => tf.Tensor
  /** Whether no other tensor has the same numbers. */
  readonly isAlone: (tensor: tf.Tensor) => boolean
  /** Gives a tensor other numbers, in an array that nobody else holds. What it had before stays as it is. */
  readonly renew: (tensor: tf.Tensor, values: Float32Array) => void
}

const doorTo = (backend: CpuBackend): CpuDoor => ({
  valuesOf: ({ dataId }) => {
    const values = backend.data.get(dataId)?.values
    if (values instanceof Float32Array) return values
    // integers and booleans that were cast keep the array that they had
    if (values !== undefined) return Float32Array.from(values)
    throw new Error('the cpu backend does not know a tensor')
  },
  makeTensor: (values, shape) => backend.makeOutput(values, [...shape], 'float32'),
  share: ({ dataId, shape, dtype }) => {
    backend.incRef(dataId)
    return tf.engine().makeTensorFromTensorInfo({ dataId, shape, dtype }, backend)
  },
  isAlone: ({ dataId }) => backend.data.get(dataId)?.refCount === 1,
  renew: ({ dataId }, values) => {
    const data = backend.data.get(dataId)
    if (data !== undefined) data.values = values
  },
})

/** Why there is no door. */
export const unknownBackend = 'the cpu backend of TensorFlow.js does not look as expected'

/** The door to a backend; `null` if it is not TensorFlow.js's own in JavaScript, or not as it is known here. */
export const cpuDoor: (backend: object) => CpuDoor | null = remember((backend: object) =>
  isBackend(backend) && keepsArrays(backend) ? doorTo(backend) : null,
)
