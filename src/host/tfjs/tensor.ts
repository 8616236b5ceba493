/** Tensors as leaves: to tell them, clone them, make and read them. */
import type * as tf from '@tensorflow/tfjs-core'
import { isBrought, tfjs } from './library.js'

/** A new handle on the same memory. (`tf.clone` copies it on the WASM backend.) */
export const cloneTensor = (tensor: tf.Tensor): tf.Tensor => tfjs.reshape(tensor, tensor.shape)

/** A tensor of zeros. */
export const zerosOf = (shape: readonly number[]): tf.Tensor => tfjs.zeros([...shape])

/** Whether a leaf is a tensor of TensorFlow.js; of a library that is not there, nothing is. */
export const isTensor = (leaf: unknown): leaf is tf.Tensor => isBrought() && leaf instanceof tfjs.Tensor

/** What a variable of TensorFlow.js is called; `undefined` of anything else. */
export const variableName = (leaf: unknown): string | undefined =>
  isBrought() && leaf instanceof tfjs.Variable ? leaf.name : undefined

/** Whether a leaf is a tensor of one number. */
export const isScalarTensor = (leaf: unknown): leaf is tf.Scalar => isTensor(leaf) && leaf.rank === 0

/** A float32 tensor of some numbers, row by row. */
export const makeTensor = (values: Float32Array, shape: readonly number[]): tf.Tensor =>
  tfjs.tensor(values, [...shape], 'float32')

/** The same numbers as another dtype, in memory of their own. */
export const castTensor = (tensor: tf.Tensor, dtype: 'float32' | 'int32' | 'bool'): tf.Tensor =>
  tensor.dtype === dtype
    ? cloneTensor(tensor)
    : dtype === 'bool'
      ? // on WASM, tfjs.cast keeps every byte of a number
        tfjs.tidy(() => tfjs.notEqual(tensor, tfjs.scalar(0, tensor.dtype === 'int32' ? 'int32' : 'float32')))
      : tfjs.cast(tensor, dtype)

/** A tensor repeated along new first axes. */
export const repeatTensor = (tensor: tf.Tensor, axes: readonly number[]): tf.Tensor =>
  tfjs.tidy(() =>
    tfjs.tile(tfjs.reshape(tensor, [...axes.map(() => 1), ...tensor.shape]), [
      ...axes,
      ...tensor.shape.map(() => 1),
    ]),
  )

/** The first number of a tensor, once the device has computed it; a scalar has no other. */
export const readTensor = (tensor: tf.Tensor): number => Number(tensor.dataSync()[0])

/** The same without blocking on the device. */
export const readTensorLater = async (tensor: tf.Tensor): Promise<number> => Number((await tensor.data())[0])

/** Tensors one after the other, as one vector. */
export const concatTensors = (tensors: readonly tf.Tensor[]): tf.Tensor =>
  tfjs.tidy(() => tfjs.concat1d(tensors.map((tensor) => tfjs.reshape(tensor, [-1]))))

/** The part of a vector from an index on that has a tensor's shape, in that shape. */
export const partOfTensor = (vector: tf.Tensor, from: number, { shape, size }: tf.Tensor): tf.Tensor =>
  tfjs.tidy(() => tfjs.reshape(tfjs.slice(vector, [from], [size]), shape))
