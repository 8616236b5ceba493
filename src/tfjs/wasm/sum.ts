/**
 * Sums and means over the first dimensions, such as the gradients of biases: Sum and Mean.
 *
 * TensorFlow.js's kernels sum adjacent elements, and so transpose the whole tensor first. Here a sum is a product with
 * a row of ones.
 */
import * as tf from '@tensorflow/tfjs-core'
import { multiplierOf } from './product.js'
import type { Call, Replaced } from './replacement.js'

const isAxes = (value: unknown): value is number | number[] =>
  typeof value === 'number' || (Array.isArray(value) && value.every((each) => typeof each === 'number'))

const reduce =
  (isMean: boolean) =>
  ({ door, inputs: { x }, attrs: { axis, keepDims } }: Call): tf.Tensor | null => {
    if (x?.dtype !== 'float32' || x.size === 0 || !isAxes(axis)) return null
    const axes = [...tf.util.parseAxisParam(axis, x.shape)].sort((a, b) => a - b)
    // sums of adjacent elements need no transpose
    if (axes.length === 0 || axes.length === x.rank || axes.some((each, i) => each !== i)) return null
    const rest = x.shape.slice(axes.length)
    const width = tf.util.sizeFromShape(rest)
    const count = x.size / width
    if (width === 1 || count === 1) return null
    const shape = keepDims === true ? [...axes.map(() => 1), ...rest] : rest
    const one = tf.scalar(1)
    try {
      const { tensor, address } = door.makeTensor(shape, width)
      multiplierOf(door)(
        // every element of the row is the same 1
        { base: door.dataOf(one).memoryOffset, rows: new Int32Array(1), steps: new Int32Array(count) },
        { base: door.dataOf(x).memoryOffset, step: 4 * width, turned: false, columns: width },
        address,
        null,
      )
      if (isMean) {
        const to = new Float32Array(door.memory.buffer, address, width)
        for (let j = 0; j < width; j++) to[j] = (to[j] ?? 0) / count
      }
      return tensor
    } finally {
      one.dispose()
    }
  }

/** The kernels. */
export const sums: readonly Replaced[] = [
  { kernel: 'Sum', reason: 'slow', run: reduce(false) },
  { kernel: 'Mean', reason: 'slow', run: reduce(true) },
]
