/**
 * Grey-scale dilation: Dilation2D, Dilation2DBackpropInput and Dilation2DBackpropFilter.
 *
 * TensorFlow.js's kernels on WASM start their maximum from uninitialized memory. Here a gradient goes to the first
 * greatest sum of a window, as on the cpu backend.
 */
import * as tf from '@tensorflow/tfjs-core'
import type { Tensor, WasmDoor } from '../../host/tfjs/wasm/backend.js'
import type { Call, Replaced } from './replacement.js'

/** The greatest sum of an image's and a filter's number, where both are, and the number of the result. */
type Visit = (result: number, sum: number, pixel: number, place: number) => void

/** The attributes of the kernels, as TensorFlow.js gives them. */
type Given = {
  readonly strides: [number, number]
  readonly pad: 'same' | 'valid'
  readonly dilations: [number, number]
}

const geometry = (x: Tensor, filter: Tensor, attrs: Call['attrs']): tf.backend_util.Conv2DInfo => {
  const { strides, pad, dilations } = attrs as Given
  return tf.backend_util.computeDilation2DInfo(
    x.shape as [number, number, number, number],
    filter.shape as [number, number, number],
    strides,
    pad,
    'NHWC',
    dilations,
  )
}

const numbers = (door: WasmDoor, { size }: Tensor, at: number): Float32Array =>
  new Float32Array(door.memory.buffer, at, size)

const of = (door: WasmDoor, tensor: Tensor): Float32Array =>
  numbers(door, tensor, door.dataOf(tensor).memoryOffset)

const greatest = (
  x: Float32Array,
  filter: Float32Array,
  info: tf.backend_util.Conv2DInfo,
  visit: Visit,
): void => {
  const { inHeight, inWidth, inChannels, filterHeight, filterWidth } = info
  let result = 0
  for (let n = 0; n < info.batchSize; n++)
    for (let i = 0; i < info.outHeight; i++)
      for (let j = 0; j < info.outWidth; j++)
        for (let c = 0; c < inChannels; c++) {
          let best = Number.NEGATIVE_INFINITY
          let [pixel, place] = [-1, -1]
          for (let h = 0; h < filterHeight; h++) {
            const row = i * info.strideHeight - info.padInfo.top + h * info.dilationHeight
            if (row < 0 || row >= inHeight) continue
            for (let w = 0; w < filterWidth; w++) {
              const column = j * info.strideWidth - info.padInfo.left + w * info.dilationWidth
              if (column < 0 || column >= inWidth) continue
              const at = ((n * inHeight + row) * inWidth + column) * inChannels + c
              const of = (h * filterWidth + w) * inChannels + c
              const sum = (x[at] ?? 0) + (filter[of] ?? 0)
              if (sum > best) {
                best = sum
                ;[pixel, place] = [at, of]
              }
            }
          }
          visit(result++, best, pixel, place)
        }
}

const isFloat = (...tensors: readonly (Tensor | undefined)[]): boolean =>
  tensors.every((tensor) => tensor?.dtype === 'float32')

const forward = ({ door, inputs: { x, filter }, attrs }: Call): tf.Tensor | null => {
  if (x === undefined || filter === undefined || !isFloat(x, filter)) return null
  const info = geometry(x, filter, attrs)
  const { tensor, address } = door.makeTensor(info.outShape, tf.util.sizeFromShape(info.outShape))
  const to = numbers(door, tensor, address)
  greatest(of(door, x), of(door, filter), info, (result, sum) => {
    to[result] = sum
  })
  return tensor
}

const backward =
  (target: 'x' | 'filter') =>
  ({ door, inputs: { x, filter, dy }, attrs }: Call): tf.Tensor | null => {
    if (x === undefined || filter === undefined || dy === undefined || !isFloat(x, filter, dy)) return null
    const own = target === 'x' ? x : filter
    const { tensor, address } = door.makeTensor(own.shape, own.size)
    const [from, to] = [of(door, dy), numbers(door, tensor, address)]
    to.fill(0)
    greatest(of(door, x), of(door, filter), geometry(x, filter, attrs), (result, _, pixel, place) => {
      const at = target === 'x' ? pixel : place
      if (at >= 0) to[at] = (to[at] ?? 0) + (from[result] ?? 0)
    })
    return tensor
  }

/** The kernels. */
export const dilations: readonly Replaced[] = [
  { kernel: 'Dilation2D', reason: 'wrong', run: forward },
  { kernel: 'Dilation2DBackpropInput', reason: 'wrong', run: backward('x') },
  { kernel: 'Dilation2DBackpropFilter', reason: 'wrong', run: backward('filter') },
]
