/**
 * Pooling by the maximum: MaxPoolGrad, MaxPool3D and MaxPool3DGrad.
 *
 * On WASM, TensorFlow.js's gradients lose some elements, and its three-dimensional pooling returns uninitialized memory.
 * Here a window's gradient goes to its first greatest element, as on the cpu backend.
 */
import type * as tf from '@tensorflow/tfjs-core'
import { poolingOf, type Windows } from './geometry.js'
import type { Call, Replaced } from './replacement.js'

/** Sizes in three dimensions: an image has a depth of one. */
const three = (sizes: readonly number[], one: number): readonly [number, number, number] => {
  const [a = one, b = one, c = one] = sizes.length === 2 ? [one, ...sizes] : sizes
  return [a, b, c]
}

/** The place of the greatest element of each window; −1 where nothing is greater than −∞. */
const greatest = (x: Float32Array, windows: Windows, visit: (window: number, at: number) => void): void => {
  const { batch, channels } = windows
  const [depth, height, width] = three(windows.input, 1)
  const [outDepth, outHeight, outWidth] = three(windows.output, 1)
  const size = three(windows.window, 1)
  const stride = three(windows.strides, 1)
  const before = three(windows.before, 0)
  let window = 0
  for (let n = 0; n < batch; n++)
    for (let i = 0; i < outDepth; i++) {
      const top = i * stride[0] - before[0]
      const [d0, d1] = [Math.max(0, top), Math.min(depth, top + size[0])]
      for (let j = 0; j < outHeight; j++) {
        const left = j * stride[1] - before[1]
        const [h0, h1] = [Math.max(0, left), Math.min(height, left + size[1])]
        for (let k = 0; k < outWidth; k++) {
          const first = k * stride[2] - before[2]
          const [w0, w1] = [Math.max(0, first), Math.min(width, first + size[2])]
          for (let c = 0; c < channels; c++) {
            let best = Number.NEGATIVE_INFINITY
            let place = -1
            for (let d = d0; d < d1; d++)
              for (let h = h0; h < h1; h++) {
                const row = ((n * depth + d) * height + h) * width
                for (let w = w0; w < w1; w++) {
                  const at = (row + w) * channels + c
                  const value = x[at] ?? 0
                  if (value > best) {
                    best = value
                    place = at
                  }
                }
              }
            visit(window++, place)
          }
        }
      }
    }
}

const forward = ({ door, inputs: { x }, attrs }: Call): tf.Tensor | null => {
  if (x === undefined || x.dtype !== 'float32' || x.size === 0) return null
  const windows = poolingOf(x.shape, attrs)
  const shape = [windows.batch, ...windows.output, windows.channels]
  const size = shape.reduce((product, each) => product * each, 1)
  const { tensor, address } = door.makeTensor(shape, size)
  const from = new Float32Array(door.memory.buffer, door.dataOf(x).memoryOffset, x.size)
  const to = new Float32Array(door.memory.buffer, address, size)
  greatest(from, windows, (window, at) => {
    to[window] = at < 0 ? Number.NEGATIVE_INFINITY : (from[at] ?? 0)
  })
  return tensor
}

const backward = ({ door, inputs: { input, dy }, attrs }: Call): tf.Tensor | null => {
  if (input?.dtype !== 'float32' || dy?.dtype !== 'float32' || input.size === 0) return null
  const windows = poolingOf(input.shape, attrs)
  const { tensor, address } = door.makeTensor(input.shape, input.size)
  const [x, from, to] = [
    new Float32Array(door.memory.buffer, door.dataOf(input).memoryOffset, input.size),
    new Float32Array(door.memory.buffer, door.dataOf(dy).memoryOffset, dy.size),
    new Float32Array(door.memory.buffer, address, input.size),
  ]
  to.fill(0)
  greatest(x, windows, (window, at) => {
    if (at >= 0) to[at] = (to[at] ?? 0) + (from[window] ?? 0)
  })
  return tensor
}

/** The kernels. */
export const poolings: readonly Replaced[] = [
  { kernel: 'MaxPoolGrad', reason: 'wrong', run: backward },
  { kernel: 'MaxPool3D', reason: 'wrong', run: forward },
  { kernel: 'MaxPool3DGrad', reason: 'wrong', run: backward },
]
