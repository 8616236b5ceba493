/** atWeights: runs a model with other weights, without changing its own. */
import * as tf from '@tensorflow/tfjs-core'
import type { LayerVariable } from '@tensorflow/tfjs-layers'
import { GradpipeError } from '../../error.js'
import { cloneTensor } from '../../host/tfjs/tensor.js'
import { showShape } from '../../rule/leaf.js'
import { showWeight, type Weight } from './modelWeights.js'

/** Sets own properties on an object until the function that it returns is called. */
const shadowed = <T extends object>(target: T, own: Partial<T>): (() => void) => {
  const names = Object.keys(own)
  const before = names.map((name) => [name, Object.getOwnPropertyDescriptor(target, name)] as const)
  Object.assign(target, own)
  return () => {
    for (const [name, descriptor] of before)
      if (descriptor === undefined) Reflect.deleteProperty(target, name)
      else Object.defineProperty(target, name, descriptor)
  }
}

/**
 * Runs a function while the weights of a model read as some tensors, and are not written to. What layers write in
 * training, such as moving averages, is what they read from then on, and is returned beside the result.
 *
 * Layers read through `LayerVariable.read` and write through `write`, so these two are replaced. They return the
 * given tensors themselves, so gradients with respect to those are gradients of the model. A variable could not be
 * lent that way: it is another tensor than the one whose value it has.
 *
 * The written values are new tensors: one for each weight, or nothing if it was not written.
 */
export const atWeights = <R>(
  weights: readonly Weight[],
  values: readonly tf.Tensor[],
  f: () => R,
): readonly [result: R, written: readonly (tf.Tensor | undefined)[]] => {
  const written = new Map<LayerVariable, tf.Tensor>()
  const write = (variable: LayerVariable, given: tf.Tensor): void => {
    if (given.shape.join() !== variable.shape.join())
      throw new GradpipeError(
        'ShapeMismatch',
        `model.${variable.originalName}`,
        showWeight(variable),
        showShape(given),
      )
    // a layer writes inside of its own tidy, which must not free it
    const next = tf.keep(tf.tidy(() => cloneTensor(variable.constraint?.apply(given) ?? given)))
    written.get(variable)?.dispose()
    written.set(variable, next)
  }
  const restore = weights.map(({ variable }, i) =>
    shadowed(variable, {
      read: () => written.get(variable) ?? (values[i] as tf.Tensor), // a value for each weight
      write: (given) => {
        write(variable, given)
        return variable
      },
    }),
  )
  try {
    const result = f()
    // clones may be freed by the surrounding tidy, like results
    return [
      result,
      weights.map(({ variable }) => {
        const tensor = written.get(variable)
        return tensor && cloneTensor(tensor)
      }),
    ]
  } finally {
    for (const undo of restore) undo()
    for (const tensor of written.values()) tensor.dispose()
  }
}
