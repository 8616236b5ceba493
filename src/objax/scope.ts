/** Scopes: what a call frees, and what it restores. */

import type * as tf from '@tensorflow/tfjs-core'
import { tensorsIn } from '../host/tfjs/tidy.js'
import { handBack, hold, release } from './ownership.js'
import type { VarCollection } from './varCollection.js'

/**
 * Runs a function; if it throws, restores the values of the variables. The function may restore them itself.
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
 * Runs a function with other values in the variables, and restores their own afterwards, whatever happens. If the
 * function returns one of the temporary values, it belongs to the caller.
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
