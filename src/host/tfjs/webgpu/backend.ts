/**
 * What the interpreter needs of TensorFlow.js's WebGPU backend: the only file that knows its internals.
 *
 * They are not public, so they are looked at before they are used: `null` where they are not as expected.
 */
import * as tf from '@tensorflow/tfjs-core'
import { remember } from '../../../rule/intern.js'

/** A tensor of TensorFlow.js. */
export type Tensor = tf.Tensor

interface TensorData {
  /** Where the data is on the device, if it is. */
  readonly resource?: GPUBuffer | GPUTexture | null
  readonly refCount: number
  /** Whether the memory is the user's own. */
  readonly external?: boolean
}

interface Internals {
  readonly device: GPUDevice
  readonly tensorMap: { readonly get: (dataId: object) => TensorData }
  readonly commandEncoder: GPUCommandEncoder | null
  readonly ensureCommandEncoderReady: () => void
  readonly endComputePassEncoder: () => void
  readonly submitQueue: () => void
  readonly uploadToGPU: (dataId: object) => void
  readonly makeTensorInfo: (shape: number[], dtype: 'float32', values?: Float32Array) => tf.TensorInfo
  readonly incRef: (dataId: object) => void
}

const methods = [
  'ensureCommandEncoderReady',
  'endComputePassEncoder',
  'submitQueue',
  'uploadToGPU',
  'makeTensorInfo',
  'incRef',
] as const

const has = (object: object, key: string): object | null => {
  const value: unknown = Reflect.get(object, key)
  return typeof value === 'object' || typeof value === 'function' ? value : null
}

const looksAsExpected = (backend: object): backend is Internals => {
  const device = has(backend, 'device')
  const tensorMap = has(backend, 'tensorMap')
  return (
    device !== null &&
    has(device, 'queue') !== null &&
    has(device, 'limits') !== null &&
    typeof has(device, 'createComputePipeline') === 'function' &&
    tensorMap !== null &&
    typeof has(tensorMap, 'get') === 'function' &&
    'commandEncoder' in backend &&
    methods.every((name) => typeof has(backend, name) === 'function')
  )
}

/** The tensors' memory, and a way to put commands in order with those of TensorFlow.js. */
export interface Memory {
  readonly device: GPUDevice
  /** The tensor's memory, moved to the device if it is not there; `null` if it is no plain buffer, or empty. */
  readonly bufferOf: (tensor: Tensor) => GPUBuffer | null
  /** Whether nothing but this handle holds the memory. */
  readonly isSole: (tensor: Tensor) => boolean
  /** A new tensor, not yet written. */
  readonly fresh: (shape: readonly number[]) => Tensor
  /** A new handle on the memory of a tensor. */
  readonly share: (tensor: Tensor) => Tensor
  /** The same, where the memory is to be written over. */
  readonly takeOver: (tensor: Tensor) => Tensor
  /** Records commands after those that TensorFlow.js has recorded, and submits them all. */
  readonly submit: (record: (encoder: GPUCommandEncoder) => void) => void
}

const noValues: PropertyDescriptor = { get: () => null, set: () => {} }

/**
 * Lets the backend forget the numbers that it has read from the device, and those of a reading that is under way: it
 * would go on to give them out, whatever is written to the memory.
 */
const forgetRead = (data: TensorData): void => {
  if (Object.getOwnPropertyDescriptor(data, 'values')?.get !== noValues.get)
    Object.defineProperty(data, 'values', noValues)
}

const memoryOf = (backend: Internals): Memory => {
  const { tensorMap, device } = backend
  const share = (tensor: Tensor): Tensor => {
    backend.incRef(tensor.dataId)
    return tf.engine().makeTensorFromTensorInfo(tensor)
  }
  return {
    device,
    bufferOf: ({ dataId, size }) => {
      if (size === 0) return null
      // moves the data here if another backend has it
      const { resource } = tensorMap.get(dataId)
      if (resource === null || resource === undefined) {
        backend.uploadToGPU(dataId)
        const uploaded = tensorMap.get(dataId).resource
        return uploaded instanceof GPUBuffer ? uploaded : null
      }
      return resource instanceof GPUBuffer ? resource : null
    },
    isSole: ({ dataId }) => {
      const { refCount, external } = tensorMap.get(dataId)
      return refCount === 1 && external !== true
    },
    fresh: (shape) => {
      const empty = shape.includes(0)
      const info = backend.makeTensorInfo([...shape], 'float32', empty ? new Float32Array(0) : undefined)
      if (!empty) backend.uploadToGPU(info.dataId)
      return tf.engine().makeTensorFromTensorInfo(info)
    },
    share,
    takeOver: (tensor) => {
      forgetRead(tensorMap.get(tensor.dataId))
      return share(tensor)
    },
    submit: (record) => {
      backend.ensureCommandEncoderReady()
      backend.endComputePassEncoder()
      if (backend.commandEncoder !== null) record(backend.commandEncoder)
      backend.submitQueue()
    },
  }
}

/** The memory of a WebGPU backend; `null` if it is not as this file knows it. */
export const webgpuMemory: (backend: object) => Memory | null = remember((backend: object) =>
  looksAsExpected(backend) ? memoryOf(backend) : null,
)
