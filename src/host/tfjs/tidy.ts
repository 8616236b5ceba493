/** tidied: `tf.tidy` for results of any type. */
import type * as tf from '@tensorflow/tfjs-core'
import { GradpipeError } from '../../error.js'
import { isBrought, tfjs } from './library.js'

/** The tensors in a result: itself, or in arrays and records, however deep. */
export const tensorsIn = (result: unknown): readonly tf.Tensor[] =>
  // Any value will do; the declared type of the parameter lists only some.
  tfjs.tensor_util.getTensorsInContainer(result as tf.TensorContainer)

/** `tf.tidy` for any result, where there are tensors at all. A promise is refused: what it waits for would be freed before it comes. */
export const tidied = <R>(path: string, f: () => R): R => {
  const results: R[] = []
  const run = (): void => {
    const result = f()
    if (result instanceof Promise) throw new GradpipeError('InvalidArgument', path, 'a result', 'a promise')
    results.push(result)
  }
  if (isBrought())
    tfjs.tidy(() => {
      run()
      return [...tensorsIn(results[0])]
    })
  else run()
  return results[0] as R // what throws in f, has thrown
}
