/**
 * The operands of losses: tensors, or numbers in arrays. They are checked, and become tensors of the wanted dtype.
 */
import * as tf from '@tensorflow/tfjs-core'
import { GradpipeError } from '../error.js'

/**
 * What a loss takes: a tensor, or numbers (or booleans) in nested arrays or a typed array, which become a tensor.
 * Gradients flow only to tensors.
 *
 * @category Losses
 */
export type Operand = tf.Tensor | tf.TensorLike

const shown = ({ dtype, shape }: tf.Tensor): string => `${dtype} [${shape.join(', ')}]`

/** The lengths of nested arrays; throws if rows differ, which TensorFlow.js does not always notice. */
const lengthsOf = (given: unknown): string => {
  if (ArrayBuffer.isView(given)) return String(given.byteLength)
  if (!Array.isArray(given)) return ''
  const [lengths = '', ...others] = new Set(given.map(lengthsOf))
  if (others.length > 0) throw new Error('rows of different shapes')
  return `${given.length} ${lengths}`
}

/** The operand as a tensor, of the dtype that it has or seems to have. */
const tensorOf = (path: string, given: Operand): tf.Tensor => {
  if (given instanceof tf.Tensor) {
    if (given.isDisposed) throw new GradpipeError('Disposed', path, 'a live tensor', 'a disposed tensor')
    return given
  }
  try {
    lengthsOf(given)
    return tf.tensor(given)
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error)
    throw new GradpipeError('InvalidArgument', path, 'a tensor, or numbers in arrays of one shape', what)
  }
}

/** The operand as floating-point numbers; a tensor of another dtype is refused, as by Optax. */
export const floats = (path: string, given: Operand): tf.Tensor => {
  const tensor = tensorOf(path, given)
  if (tensor.dtype === 'float32') return tensor
  if (given instanceof tf.Tensor || tensor.dtype === 'string')
    throw new GradpipeError('DtypeMismatch', path, 'float32', tensor.dtype)
  return tf.cast(tensor, 'float32')
}

/** The operand, of any dtype, as floating-point numbers. */
export const numbers = (path: string, given: Operand): tf.Tensor => {
  const tensor = tensorOf(path, given)
  if (tensor.dtype === 'string' || tensor.dtype === 'complex64')
    throw new GradpipeError('DtypeMismatch', path, 'numbers or booleans', tensor.dtype)
  return tensor.dtype === 'float32' ? tensor : tf.cast(tensor, 'float32')
}

/**
 * The operand as integers; a tensor of floating-point numbers is refused, and so is an array that contains a
 * fraction.
 */
export const integers = (path: string, given: Operand): tf.Tensor => {
  const tensor = tensorOf(path, given)
  if (tensor.dtype === 'int32') return tensor
  if (given instanceof tf.Tensor || tensor.dtype === 'string')
    throw new GradpipeError('DtypeMismatch', path, 'int32', tensor.dtype)
  // the numbers come from the host, so reading them does not wait
  const fraction = tensor.dataSync().find((x) => !Number.isInteger(x))
  if (fraction !== undefined) throw new GradpipeError('InvalidArgument', path, 'integers', String(fraction))
  return tf.cast(tensor, 'int32')
}

/** Throws `ShapeMismatch` unless a tensor has a shape. */
export const checkShape = (path: string, shape: readonly number[], given: tf.Tensor): void => {
  if (tf.util.arraysEqual(given.shape, [...shape])) return
  throw new GradpipeError('ShapeMismatch', path, `the shape [${shape.join(', ')}]`, shown(given))
}

/** Throws `ShapeMismatch` unless a tensor has one of some ranks. */
export const checkRank = (path: string, ranks: 'at least 1' | 1 | 2 | 3, given: tf.Tensor): void => {
  if (ranks === 'at least 1' ? given.rank >= 1 : given.rank === ranks) return
  throw new GradpipeError('ShapeMismatch', path, `a rank of ${ranks}`, shown(given))
}

/** The shape to which two tensors broadcast; throws `ShapeMismatch` if axes differ and neither has length one. */
export const commonShape = (path: string, first: tf.Tensor, given: tf.Tensor): readonly number[] => {
  const rank = Math.max(first.rank, given.rank)
  const length = ({ shape }: tf.Tensor, axis: number): number => shape[axis - rank + shape.length] ?? 1
  return Array.from({ length: rank }, (_, axis) => {
    const [a, b] = [length(first, axis), length(given, axis)]
    if (a === b || b === 1) return a
    if (a === 1) return b
    const expected = `a shape that broadcasts with [${first.shape.join(', ')}]`
    throw new GradpipeError('ShapeMismatch', path, expected, shown(given))
  })
}

/** A tensor, broadcast to a shape; `tf.broadcastTo` is ten times slower on some backends. */
export const stretch = (x: tf.Tensor, shape: readonly number[]): tf.Tensor => {
  if (tf.util.arraysEqual(x.shape, [...shape])) return x
  return x.dtype === 'bool' ? tf.logicalAnd(x, tf.ones([...shape], 'bool')) : tf.mul(x, tf.ones([...shape]))
}

/** Both tensors, broadcast to their common shape. */
export const together = (
  path: string,
  first: tf.Tensor,
  second: tf.Tensor,
): readonly [first: tf.Tensor, second: tf.Tensor] => {
  const shape = commonShape(path, first, second)
  return [stretch(first, shape), stretch(second, shape)]
}
