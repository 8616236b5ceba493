/** tidied: `tf.tidy` for results of any type. */
import * as tf from '@tensorflow/tfjs-core'
import { GradpipeError } from '../../error.js'

/** The tensors in a result: itself, or in arrays and records, however deep. */
export const tensorsIn = (result: unknown): readonly tf.Tensor[] =>
  // Any value will do; the declared type of the parameter lists only some.
  tf.tensor_util.getTensorsInContainer(result as tf.TensorContainer)

/** `tf.tidy` for any result. A promise is refused: what it waits for would be freed before it comes. */
export const tidied = <R>(path: string, f: () => R): R => {
  const results: R[] = []
  tf.tidy(() => {
    const result = f()
    if (result instanceof Promise) throw new GradpipeError('InvalidArgument', path, 'a result', 'a promise')
    results.push(result)
    return [...tensorsIn(result)]
  })
  return results[0] as R // tidy throws where f does
}
