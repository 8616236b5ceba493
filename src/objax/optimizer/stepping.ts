/** What the optimizers share: references to variables, moments beside them, and gradients that fit. */

import * as tf from '@tensorflow/tfjs-core'
import { GradpipeError } from '../../error.js'
import type { Params } from '../../rule/leaf.js'
import { ModuleList } from '../moduleList.js'
import { describe, requireNumber, requireTensor } from '../require.js'
import { type NamedVars, VarCollection } from '../varCollection.js'
import { type BaseVar, StateVar, TrainRef, TrainVar } from '../variable.js'

/** References to the trainable variables of a collection. */
export const trainRefs = (vc: NamedVars): ModuleList<TrainRef> =>
  new ModuleList(
    [...new VarCollection(vc)].flatMap((variable) =>
      variable instanceof TrainVar ? [new TrainRef(variable)] : [],
    ),
  )

/** A variable for each of these, of the same shape, zero at first. */
export const zerosLike = (variables: Iterable<BaseVar>): ModuleList<StateVar> =>
  new ModuleList([...variables].map(({ shape }) => new StateVar(tf.zeros([...shape]))))

/** A count, zero at first. */
export const counter = (): StateVar => new StateVar(tf.scalar(0, 'int32'))

/** The number in a count. */
export const countOf = (step: StateVar): number => step.value.dataSync()[0] ?? 0

const asFloat = (tensor: tf.Tensor): tf.Tensor =>
  tensor.dtype === 'float32' ? tensor : tf.cast(tensor, 'float32')

/** The variables' values, as rules take them. */
export const valuesOf = (variables: Iterable<BaseVar>): tf.Tensor[] =>
  [...variables].map(({ value }) => asFloat(value))

/** The tensors of a rule's state: a slot has the structure of the parameters, which are a list of tensors. */
export const tensorsOf = (slot: Params): readonly tf.Tensor[] => slot as readonly tf.Tensor[]

/**
 * The gradients, as rules take them: as many as there are variables, each broadcast to its variable's shape.
 */
export const gradientsFor = (
  refs: Iterable<TrainRef>,
  lr: unknown,
  grads: readonly tf.Tensor[],
): readonly tf.Tensor[] => {
  requireNumber('lr', lr)
  const variables = [...refs]
  if (!Array.isArray(grads) || grads.length !== variables.length) {
    throw new GradpipeError('GradientCount', 'grads', `${variables.length} gradients`, describe(grads))
  }
  return variables.map(({ shape }, i) => {
    const path = `grads[${i}]`
    const gradient: unknown = grads[i]
    requireTensor(path, gradient)
    if (!broadcastsTo(gradient.shape, shape)) {
      throw new GradpipeError(
        'ShapeMismatch',
        path,
        `shape [${shape.join(', ')}]`,
        `[${gradient.shape.join(', ')}]`,
      )
    }
    const float = asFloat(gradient)
    return tf.util.arraysEqual(float.shape, [...shape]) ? float : tf.broadcastTo(float, [...shape])
  })
}

/**
 * Whether one shape broadcasts to another: by repeating along dimensions of length 1, and adding dimensions in front.
 */
const broadcastsTo = (given: readonly number[], shape: readonly number[]): boolean =>
  given.length <= shape.length &&
  given.every((n, i) => n === 1 || n === shape[shape.length - given.length + i])
