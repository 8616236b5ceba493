/** Assigns values to several variables at once: to all of them or, if one value does not fit, to none. */

import type * as tf from '@tensorflow/tfjs-core'
import { GradpipeError } from '../error.js'
import { own } from './ownership.js'
import { requireShape, requireTensor } from './require.js'
import type { BaseVar } from './variable.js'

/** Gives each variable its tensor; errors name them by `path`. */
export const assignAll = (
  path: string,
  variables: readonly BaseVar[],
  tensors: readonly tf.Tensor[],
): void => {
  if (tensors.length !== variables.length) {
    throw new GradpipeError('InvalidArgument', path, `${variables.length} tensors`, `${tensors.length}`)
  }
  const pairs = variables.map((variable, i) => {
    const tensor = tensors[i]
    requireTensor(`${path}[${i}]`, tensor)
    requireShape(`${path}[${i}]`, variable.shape, tensor.shape)
    return { variable, tensor }
  })
  // All are owned before any is stored: one may be the present value of another variable.
  const held = pairs
    .filter(({ variable, tensor }) => variable.value !== tensor)
    .map(({ variable, tensor }) => ({ variable, tensor: own(tensor) }))
  for (const { variable, tensor } of held) variable._store(tensor)
}
