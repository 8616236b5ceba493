/** expectTensor: checks that a value is a tensor that can be read. */
import * as tf from '@tensorflow/tfjs-core'
import { GradpipeError } from '../../error.js'
import { shown } from '../../options.js'

/** The value, a live tensor. Throws `InvalidLeaf` or `Disposed`. */
export const expectTensor = (at: string, value: unknown): tf.Tensor => {
  if (!(value instanceof tf.Tensor)) throw new GradpipeError('InvalidLeaf', at, 'a tensor', shown(value))
  if (value.isDisposed) throw new GradpipeError('Disposed', at, 'a live tensor', 'a disposed tensor')
  return value
}
