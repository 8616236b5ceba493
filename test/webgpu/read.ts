/** Reading back from a WebGPU device, in Node and in a page: numbers, and what it complains about. */
import * as tf from '@tensorflow/tfjs-core'

/** What the device says about commands that were given to it meanwhile; `null` if nothing is wrong. */
export const complaintOf = async <A>(
  device: GPUDevice,
  run: () => A,
): Promise<readonly [result: A, complaint: string | null]> => {
  device.pushErrorScope('validation')
  const result = run()
  const error = await device.popErrorScope()
  return [result, error?.message ?? null]
}

const leavesOf = (given: unknown): readonly (tf.Tensor | Float32Array | number)[] =>
  given instanceof tf.Tensor || given instanceof Float32Array || typeof given === 'number'
    ? [given]
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
