/** The optimizer that a LayersModel is compiled with, and its state if it is one of gradpipe's. */
import type * as tf from '@tensorflow/tfjs-core'
import type { LayersModel } from '@tensorflow/tfjs-layers'
import { GradpipeError } from '../error.js'

/** A model's optimizer. Throws `InvalidArgument`, in the name of a callback, for a model that is not compiled. */
export const optimizerOf = (name: string, { optimizer }: LayersModel): tf.Optimizer => {
  const found: tf.Optimizer | undefined = optimizer
  if (found !== undefined && found !== null) return found
  throw new GradpipeError('InvalidArgument', name, 'a model that is compiled', 'one that is not')
}

/** The state that the optimizer keeps, a tree; nothing before its first step, and where it is none of gradpipe's. */
export const stateOf = ({ optimizer }: LayersModel): object | undefined => {
  // a model that is not compiled has no optimizer
  const state: unknown = (optimizer ?? undefined) && Reflect.get(optimizer, 'state')
  return typeof state === 'object' && state !== null ? state : undefined
}
