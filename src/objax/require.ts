/** The checks that come before anything changes. */

import * as tf from '@tensorflow/tfjs-core'
import { GradpipeError } from '../error.js'

/** What something is, in a word or two. */
export const describe = (given: unknown): string => {
  if (given instanceof tf.Tensor) return `a tensor of shape [${given.shape.join(', ')}]`
  if (Array.isArray(given)) return `an array of ${given.length}`
  if (typeof given === 'string') return JSON.stringify(given)
  return typeof given === 'object' && given !== null
    ? `an object ${given.constructor?.name ?? ''}`.trim()
    : String(given)
}

/** A tensor, and not a disposed one. */
export function requireTensor(path: string, given: unknown): asserts given is tf.Tensor {
  if (!(given instanceof tf.Tensor)) throw new GradpipeError('InvalidLeaf', path, 'a tensor', describe(given))
  if (given.isDisposed) throw new GradpipeError('Disposed', path, 'a tensor', 'a disposed tensor')
}

/** Equal shapes. */
export const requireShape = (path: string, expected: readonly number[], given: readonly number[]): void => {
  if (!tf.util.arraysEqual([...expected], [...given])) {
    throw new GradpipeError('ShapeMismatch', path, `shape [${expected.join(', ')}]`, `[${given.join(', ')}]`)
  }
}

/** A number; NaN and infinities are numbers, as in Objax. */
export function requireNumber(path: string, given: unknown): asserts given is number {
  if (typeof given !== 'number') throw new GradpipeError('InvalidArgument', path, 'a number', describe(given))
}
