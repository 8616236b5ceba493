/**
 * Repetitions: Tile, which the gradient of batch normalization uses.
 *
 * TensorFlow.js's kernel computes the place of each number; here dense pieces are copied.
 */
import type * as tf from '@tensorflow/tfjs-core'
import type { Call, Replaced } from './replacement.js'

const isNumbers = (value: unknown): value is readonly number[] => Array.isArray(value)

/** Repeats a piece of memory: copies what is written already, twice as much each time. */
const repeat = (floats: Float32Array, at: number, size: number, times: number): void => {
  for (let done = 1; done < times; done *= 2)
    floats.copyWithin(at + done * size, at, at + Math.min(done, times - done) * size)
}

const tile = ({ door, inputs: { x }, attrs: { reps } }: Call): tf.Tensor | null => {
  if (x?.dtype !== 'float32' || x.rank === 0 || !isNumbers(reps)) return null
  const shape = x.shape.map((length, axis) => length * (reps[axis] ?? 1))
  const size = shape.reduce((product, length) => product * length, 1)
  const { tensor, address } = door.makeTensor(shape, size)
  const floats = new Float32Array(door.memory.buffer)
  /** Writes the part at an index along the first axes; returns how many numbers it wrote. */
  const write = (axis: number, from: number, to: number): readonly [read: number, written: number] => {
    const length = x.shape[axis] ?? 1
    let [read, written] = [0, 0]
    if (axis === x.rank - 1) {
      floats.copyWithin(to, from, from + length)
      ;[read, written] = [length, length]
    } else
      for (let i = 0; i < length; i++) {
        const [more, wrote] = write(axis + 1, from + read, to + written)
        read += more
        written += wrote
      }
    repeat(floats, to, written, reps[axis] ?? 1)
    return [read, written * (reps[axis] ?? 1)]
  }
  if (size > 0) write(0, door.dataOf(x).memoryOffset / 4, address / 4)
  return tensor
}

/** The kernel. */
export const repetitions: readonly Replaced[] = [{ kernel: 'Tile', reason: 'slow', run: tile }]
