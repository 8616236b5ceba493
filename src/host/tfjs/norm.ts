/**
 * Norms by TensorFlow.js's operations, in float32. Intermediate tensors are the caller's to tidy.
 *
 * A backend whose memory is the host's is asked whether a sum of squares is in range, and nearly always it is. Where
 * asking would wait for a device, the squares are summed a second time, of elements times a power of two that is nearly
 * always one.
 */
import type * as tf from '@tensorflow/tfjs-core'
import { float32Squares, flushedSquares, powerFor } from '../../compile/squares.js'
import { comparison } from './gradient.js'
import { tfjs } from './library.js'

const readable: ReadonlySet<string> = new Set(['cpu', 'wasm', 'tensorflow'])

/** Whether the active backend's memory is the host's, so that nothing waits for a number. */
export const isReadable = (): boolean => readable.has(tfjs.getBackend())

const less = comparison((x, y) => tfjs.less(x, y))

const where = (test: tf.Tensor, x: number, y: tf.Tensor): tf.Tensor =>
  tfjs.where(test.dtype === 'bool' ? test : tfjs.cast(test, 'bool'), tfjs.fill(y.shape, x), y)

/**
 * What elements are to be multiplied by, given sums of their squares: of the shape of these; `null` if all sums are good
 * as they are.
 */
export const powersFor = (squares: tf.Tensor): tf.Tensor | null => {
  const reads = isReadable()
  if (reads && [...squares.dataSync()].every((sum) => powerFor(sum, float32Squares) === 1)) return null
  const { least, most, power } = reads ? float32Squares : flushedSquares
  const raised = where(less(squares, tfjs.scalar(least)), power, tfjs.ones(squares.shape))
  return where(less(tfjs.scalar(most), squares), 1 / power, raised)
}

/** The root of sums of squares of elements that were multiplied by powers of two. */
export const rootOf = (squares: tf.Tensor, powers: tf.Tensor | null): tf.Tensor =>
  powers === null ? tfjs.sqrt(squares) : tfjs.div(tfjs.sqrt(squares), powers)

/** Norms, by a function that sums the squares of elements, times powers of two of the sums' shape if there are any. */
export const normsOf = (squaresOf: (powers: tf.Tensor | null) => tf.Tensor): tf.Tensor => {
  const squares = squaresOf(null)
  const powers = powersFor(squares)
  return rootOf(powers === null ? squares : squaresOf(powers), powers)
}

/** Elements times powers of two. */
export const timesPowers = (x: tf.Tensor, powers: tf.Tensor | null): tf.Tensor =>
  powers === null ? x : tfjs.mul(x, powers)

/** Elements whose squares are numbers. */
export interface InRange {
  readonly x: tf.Tensor
  /** What they were multiplied by, if anything. */
  readonly powers: tf.Tensor | null
  /** The sums of their squares. */
  readonly squares: tf.Tensor
  /** What the sums are at least, or what is added to them, times the powers' squares. */
  readonly least: tf.Tensor
}

/**
 * Elements times powers of two, so that the sums of their squares are numbers. Beside something of its own size above 0,
 * squares that vanish do no harm, and stay.
 */
export const inRange = (given: tf.Tensor, squaresOf: (x: tf.Tensor) => tf.Tensor, least: number): InRange => {
  const before = squaresOf(given)
  const chosen = powersFor(before)
  const powers = chosen !== null && least > 0 ? tfjs.minimum(chosen, 1) : chosen
  const x = timesPowers(given, powers)
  return {
    x,
    powers,
    squares: powers === null ? before : squaresOf(x),
    least: timesPowers(timesPowers(tfjs.scalar(least), powers), powers),
  }
}
