/** Scopes: what a call frees, and what a call puts back. */

import * as tf from '@tensorflow/tfjs-core'
import { GradpipeError } from '../error.js'
import { handBack, hold, release } from './ownership.js'
import type { VarCollection } from './varCollection.js'

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

/**
 * Runs a function; if it throws, the variables have the values again that they had before. The function may
 * put them back itself.
 */
export const atomically = <R>(vc: VarCollection, f: (putBack: () => void) => R): R => {
  const before = [...vc].map((variable) => ({ variable, tensor: variable.value }))
  const putBack = (): void => {
    for (const { variable, tensor } of before) variable._store(hold(tensor))
  }
  for (const { tensor } of before) hold(tensor)
  try {
    return f(putBack)
  } catch (error) {
    putBack()
    throw error
  } finally {
    for (const { tensor } of before) release(tensor)
  }
}

/**
 * Runs a function with other values in the variables, which have their own again afterwards, whatever
 * happens. A value of the meantime that the function returns is the caller's.
 */
export const withValues = <R>(vc: VarCollection, values: readonly tf.Tensor[], f: () => R): R =>
  atomically(vc, (putBack) => {
    const before = new Set(vc.tensors())
    vc.assign(values)
    const result = f()
    const meantime = new Set(vc.tensors().filter((tensor) => !before.has(tensor)))
    const returned = tensorsIn(result).filter((tensor) => meantime.has(tensor))
    for (const tensor of returned) hold(tensor)
    putBack()
    for (const tensor of returned) handBack(tensor)
    return result
  })
