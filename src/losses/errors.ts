/** The errors of a regression. */
import * as tf from '@tensorflow/tfjs-core'
import { checkShape, commonShape, floats, numbers, type Operand } from './operand.js'

/** Predictions less targets, or the predictions where there are no targets. */
export const errorsOf = (
  name: string,
  shapes: 'of one shape' | 'that broadcast',
  predictions: Operand,
  targets: Operand | undefined,
): tf.Tensor => {
  const given = floats(`${name}.predictions`, predictions)
  if (targets === undefined) return given
  const wanted = numbers(`${name}.targets`, targets)
  if (shapes === 'of one shape') checkShape(`${name}.targets`, given.shape, wanted)
  else commonShape(`${name}.targets`, given, wanted)
  return tf.sub(given, wanted)
}
