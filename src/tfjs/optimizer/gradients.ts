/** Gradients as TensorFlow.js gives them to an optimizer, by the names of their variables. */
import * as tf from '@tensorflow/tfjs-core'
import { GradpipeError } from '../../error.js'
import { isTensor } from '../../host/tfjs/tensor.js'
import type { Coverage } from './coverage.js'
import type { NamedTensor } from './stateWeights.js'

/** Gradients by the names of their variables. */
export type Gradients = ReadonlyMap<string, tf.Tensor>

/** Whether gradients are in a list. */
export const isList = (given: tf.NamedTensorMap | readonly NamedTensor[]): given is readonly NamedTensor[] =>
  Array.isArray(given)

/** Gradients by name; a variable without one (`null`) is left out, as TensorFlow.js does. */
export const gradientsOf = (given: tf.NamedTensorMap | readonly NamedTensor[]): Gradients => {
  const all = new Map<string, tf.Tensor>()
  if (!isList(given)) {
    for (const [name, tensor] of Object.entries(given)) if (isTensor(tensor)) all.set(name, tensor)
    return all
  }
  for (const { name, tensor } of given) {
    if (!isTensor(tensor)) continue
    if (all.has(name)) throw new GradpipeError('DuplicateName', `grads.${name}`, 'one gradient', 'several')
    all.set(name, tensor)
  }
  return all
}

/** Whether gradients are of variables that are stepped already, and all of these are there as they were. */
export const areOf = (grads: Gradients, { members }: Pick<Coverage<unknown>, 'members'>): boolean => {
  const known = tf.engine().registeredVariables
  let found = 0
  for (const { name, variable } of members) {
    if (variable.isDisposed) return false
    if (!grads.has(name)) continue
    if (known[name] !== variable) return false
    found++
  }
  return found === grads.size
}

/** The variables of some gradients. Throws `InvalidArgument` for a name that no variable has. */
export const variablesOf = (grads: Gradients): ReadonlyMap<string, tf.Variable> => {
  const known = tf.engine().registeredVariables
  return new Map(
    [...grads.keys()].map((name) => {
      const variable = known[name]
      if (variable === undefined)
        throw new GradpipeError('InvalidArgument', `grads.${name}`, 'the name of a variable', 'none')
      return [name, variable]
    }),
  )
}
