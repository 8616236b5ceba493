/** Class labels as rows with a one. */
import * as tf from '@tensorflow/tfjs-core'
import { GradpipeError } from '../error.js'
import { integers, type Operand } from './operand.js'

/**
 * Labels `[...]` as rows `[..., classes]` of zeros with a one at the label. A label that is not a class throws if the
 * labels come from the host. In a tensor, which is not read, it makes a row of NaN: nobody would notice a loss that
 * is a little too small.
 */
export const oneHot = (path: string, labels: Operand, classes: number): tf.Tensor => {
  const given = integers(path, labels)
  if (!(labels instanceof tf.Tensor)) {
    const wrong = given.dataSync().find((label) => label < 0 || label >= classes)
    if (wrong !== undefined)
      throw new GradpipeError('InvalidArgument', path, `classes from 0 to ${classes - 1}`, String(wrong))
  }
  const is = tf.cast(tf.equal(tf.expandDims(given, -1), tf.range(0, classes, 1, 'int32')), 'float32')
  // 0/0 in a row without a one
  return tf.div(is, tf.sum(is, -1, true))
}
