/** The bytes of tensors, and tensors of bytes. */
import type * as tf from '@tensorflow/tfjs-core'
import { tfjs } from './library.js'
import { cloneTensor } from './tensor.js'

type Values = Float32Array | Int32Array | Uint8Array

/** What a backend gives back, as bytes; some hold numbers of one dtype in an array for another. */
const bytesOf = (dtype: string, values: Values): Uint8Array => {
  const own =
    dtype === 'float32' && !(values instanceof Float32Array)
      ? Float32Array.from(values)
      : dtype === 'int32' && !(values instanceof Int32Array)
        ? Int32Array.from(values)
        : dtype === 'bool' && !(values instanceof Uint8Array)
          ? Uint8Array.from(values)
          : values
  return new Uint8Array(own.buffer, own.byteOffset, own.byteLength)
}

/** The bytes of a tensor's numbers, in the machine's order; to be read at once, they may be the backend's own. */
export const readBytes = (tensor: tf.Tensor): Uint8Array => bytesOf(tensor.dtype, tensor.dataSync())

/**
 * The same without blocking on the device; the tensor is read as it is now.
 *
 * A second handle holds the memory meanwhile: the first one may be disposed, or given to a step, which then does not
 * write over what is read.
 */
export const readBytesLater = async (tensor: tf.Tensor): Promise<Uint8Array> => {
  const held = tfjs.keep(cloneTensor(tensor))
  try {
    return bytesOf(tensor.dtype, await held.data())
  } finally {
    held.dispose()
  }
}

/** A tensor of these bytes, which it takes over. */
export const tensorOfBytes = (
  bytes: ArrayBuffer,
  dtype: 'float32' | 'int32' | 'bool',
  shape: readonly number[],
): tf.Tensor => {
  const values =
    dtype === 'float32'
      ? new Float32Array(bytes)
      : dtype === 'int32'
        ? new Int32Array(bytes)
        : new Uint8Array(bytes)
  return tfjs.tensor(values, [...shape], dtype)
}
