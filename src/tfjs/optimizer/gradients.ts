/** Gradients as TensorFlow.js gives them to an optimizer, by the names of their variables. */
import * as tf from '@tensorflow/tfjs-core'
import { GradpipeError } from '../../error.js'
import { isTensor } from '../../host/tfjs/tensor.js'
import type { NamedTensor } from './stateWeights.js'

/** Gradients by the names of their variables. */
export type Gradients = ReadonlyMap<string, tf.Tensor>

const isPresent = (entry: readonly [string, tf.Tensor | null | undefined]): entry is [string, tf.Tensor] =>
  isTensor(entry[1])

/** Gradients by name; a variable without one (`null`) is left out, as TensorFlow.js does. */
export const gradientsOf = (given: tf.NamedTensorMap | readonly NamedTensor[]): Gradients => {
  const pairs = Array.isArray(given)
    ? given.map(({ name, tensor }: NamedTensor) => [name, tensor] as const)
    : Object.entries(given)
  const present = pairs.filter(isPresent)
  const all = new Map(present)
  if (all.size === present.length) return all
  const names = present.map(([name]) => name)
  const twice = names.find((name, i) => names.indexOf(name) < i)
  throw new GradpipeError('DuplicateName', `grads.${twice}`, 'one gradient', 'several')
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
