/**
 * Sums of elements that go to the same place: UnsortedSegmentSum, which is the gradient of `gather` and so of embeddings, and
 * ResizeNearestNeighborGrad.
 *
 * The first is missing on WASM, the second gives wrong sums.
 */
import type * as tf from '@tensorflow/tfjs-core'
import type { Call, Replaced } from './replacement.js'

const segmentSum = ({ door, inputs: { x, segmentIds }, attrs }: Call): tf.Tensor | null => {
  if (x?.dtype !== 'float32' || segmentIds?.dtype !== 'int32') return null
  const count = Number(attrs.numSegments)
  const inner = x.shape.slice(segmentIds.rank)
  const width = inner.reduce((product, size) => product * size, 1)
  const { tensor, address } = door.makeTensor([count, ...inner], count * width)
  const from = new Float32Array(door.memory.buffer, door.dataOf(x).memoryOffset, x.size)
  const ids = new Int32Array(door.memory.buffer, door.dataOf(segmentIds).memoryOffset, segmentIds.size)
  const to = new Float32Array(door.memory.buffer, address, count * width)
  to.fill(0)
  for (let i = 0; i < ids.length; i++) {
    const segment = ids[i] ?? -1
    // an index out of range is ignored, as everywhere in TensorFlow
    if (segment < 0 || segment >= count) continue
    for (let j = 0; j < width; j++)
      to[segment * width + j] = (to[segment * width + j] ?? 0) + (from[i * width + j] ?? 0)
  }
  return tensor
}

/** For each place along a dimension of the larger image, the place that it was copied from. */
const sources = (size: number, newSize: number, isAligned: boolean, isCentered: boolean): Int32Array => {
  const [from, to] = isAligned && newSize > 1 ? [size - 1, newSize - 1] : [size, newSize]
  const scale = Math.fround(from / to)
  return Int32Array.from({ length: newSize }, (_, i) => {
    const place = Math.fround(scale * (isCentered ? i + 0.5 : i))
    return Math.max(0, Math.min(size - 1, isAligned ? Math.round(place) : Math.floor(place)))
  })
}

const resizeGradient = ({ door, inputs: { images, dy }, attrs }: Call): tf.Tensor | null => {
  if (images?.dtype !== 'float32' || dy?.dtype !== 'float32' || images.rank !== 4) return null
  const [batch = 0, height = 0, width = 0, channels = 0] = images.shape
  const [, newHeight = 0, newWidth = 0] = dy.shape
  const [isAligned, isCentered] = [attrs.alignCorners === true, attrs.halfPixelCenters === true]
  const rows = sources(height, newHeight, isAligned, isCentered)
  const columns = sources(width, newWidth, isAligned, isCentered)
  const { tensor, address } = door.makeTensor(images.shape, images.size)
  const from = new Float32Array(door.memory.buffer, door.dataOf(dy).memoryOffset, dy.size)
  const to = new Float32Array(door.memory.buffer, address, images.size)
  to.fill(0)
  let at = 0
  for (let n = 0; n < batch; n++)
    for (const row of rows)
      for (const column of columns) {
        const place = ((n * height + row) * width + column) * channels
        for (let c = 0; c < channels; c++) to[place + c] = (to[place + c] ?? 0) + (from[at++] ?? 0)
      }
  return tensor
}

/** The kernels. */
export const scatters: readonly Replaced[] = [
  { kernel: 'UnsortedSegmentSum', reason: 'missing', run: segmentSum },
  { kernel: 'ResizeNearestNeighborGrad', reason: 'wrong', run: resizeGradient },
]
