/** The optimizer that a LayersModel is compiled with, and its state if it is one of gradpipe's. */
import type * as tf from '@tensorflow/tfjs-core'
import type { LayersModel } from '@tensorflow/tfjs-layers'
import { GradpipeError } from '../../error.js'
import type { Tree } from '../../tree/tree.js'

/** A model's optimizer. Throws `InvalidArgument`, in the name of a callback, for a model that is not compiled. */
export const optimizerOf = (name: string, { optimizer }: LayersModel): tf.Optimizer => {
  const found: tf.Optimizer | undefined = optimizer
  if (found !== undefined && found !== null) return found
  throw new GradpipeError('InvalidArgument', name, 'a model that is compiled', 'one that is not')
}

/** Whether an optimizer is made from a transformation and shows its state. */
export const hasState = (optimizer: tf.Optimizer): boolean => 'state' in optimizer

/**
 * The state that a model's optimizer keeps, a tree; `null` before its first step, and for an optimizer that is not
 * gradpipe's.
 */
export const stateOf = ({ optimizer }: LayersModel): Tree<unknown> => {
  // a model that is not compiled has no optimizer, whatever the type says
  const found: tf.Optimizer | undefined = optimizer
  const state: unknown = found && Reflect.get(found, 'state')
  return (state ?? null) as Tree<unknown> // anything is a tree
}
