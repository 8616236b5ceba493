/**
 * The normalization of a batch: FusedBatchNorm.
 *
 * For every element, TensorFlow.js's kernel looks up its channel's four numbers and takes a square root.
 */
import type * as tf from '@tensorflow/tfjs-core'
import type { Tensor } from '../../host/tfjs/wasm/backend.js'
import type { Call, Replaced } from './replacement.js'

const batchNorm = ({ door, inputs, attrs }: Call): tf.Tensor | null => {
  const { x, mean, variance, offset, scale } = inputs
  if (x?.dtype !== 'float32' || mean === undefined || variance === undefined) return null
  const channels = x.shape.at(-1) ?? 0
  const given = [mean, variance, offset, scale].filter((each) => each !== undefined)
  // another shape is rare
  if (channels === 0 || given.some(({ size, dtype }) => size !== channels || dtype !== 'float32')) return null
  const { tensor, address } = door.makeTensor(x.shape, x.size)
  const numbers = ({ size }: Tensor, at: number) => new Float32Array(door.memory.buffer, at, size)
  const of = (each: Tensor | undefined, otherwise: number): ArrayLike<number> =>
    each === undefined
      ? new Float32Array(channels).fill(otherwise)
      : numbers(each, door.dataOf(each).memoryOffset)
  const [means, variances, offsets, scales] = [of(mean, 0), of(variance, 1), of(offset, 0), of(scale, 1)]
  const factors = Float32Array.from(
    { length: channels },
    (_, c) => (scales[c] ?? 1) / Math.sqrt((variances[c] ?? 1) + Number(attrs.varianceEpsilon)),
  )
  const [from, to] = [numbers(x, door.dataOf(x).memoryOffset), numbers(x, address)]
  for (let i = 0; i < x.size; i += channels)
    for (let c = 0; c < channels; c++)
      to[i + c] = ((from[i + c] ?? 0) - (means[c] ?? 0)) * (factors[c] ?? 1) + (offsets[c] ?? 0)
  return tensor
}

/** The kernel. */
export const normalizations: readonly Replaced[] = [
  { kernel: 'FusedBatchNorm', reason: 'slow', run: batchNorm },
]
