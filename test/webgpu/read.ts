/** Reading back from a device of WebGPU or WebGL, in Node and in a page: numbers, and what it complains about. */
import * as tf from '@tensorflow/tfjs-core'
import { NdArray } from '../../src/index.js'

/** What a step is computed on. */
export type Device = GPUDevice | WebGL2RenderingContext

/** What the device says about commands that were given to it meanwhile; `null` if nothing is wrong. */
export const complaintOf = async <A>(
  device: Device,
  run: () => A,
): Promise<readonly [result: A, complaint: string | null]> => {
  if (!('pushErrorScope' in device)) {
    const result = run()
    const error = device.getError()
    return [result, error === device.NO_ERROR ? null : `error ${error} of WebGL`]
  }
  device.pushErrorScope('validation')
  const result = run()
  const error = await device.popErrorScope()
  return [result, error?.message ?? null]
}

const leavesOf = (given: unknown): readonly (tf.Tensor | Float32Array | number)[] =>
  given instanceof tf.Tensor || given instanceof Float32Array || typeof given === 'number'
    ? [given]
    : given instanceof NdArray
      ? leavesOf(given.data)
      : typeof given === 'object' && given !== null
        ? Object.values(given).flatMap(leavesOf)
        : []

/** The numbers of every leaf of a tree, in order; tensors are read back, all at once. */
export const numbersOf = (given: unknown): Promise<readonly (readonly number[])[]> =>
  Promise.all(
    leavesOf(given).map(async (leaf) =>
      leaf instanceof tf.Tensor ? [...(await leaf.data())] : typeof leaf === 'number' ? [leaf] : [...leaf],
    ),
  )
