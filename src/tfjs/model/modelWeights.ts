/** The weights of a LayersModel by name, and trees of values for them. */
import * as tf from '@tensorflow/tfjs-core'
import type { LayersModel, LayerVariable } from '@tensorflow/tfjs-layers'
import { GradpipeError } from '../../error.js'
import { shown } from '../../options.js'
import { showShape } from '../../rule/leaf.js'
import { showPath } from '../../tree/path.js'
import { expectTensor } from './expectTensor.js'

// model

/**
 * Tensors by the names of a model's weights: `dense_Dense1/kernel`.
 *
 * @category Models
 */
export type NamedTensors = Readonly<Record<string, tf.Tensor>>

/**
 * All weights of a model by name: those for an optimizer, and the others (frozen ones, and what a layer keeps for
 * itself, such as the moving averages of batch normalization).
 *
 * @category Models
 */
// a type, so that it is a tree: an interface has no index signature
export type ModelTree = {
  /** The weights that are trained. */
  readonly trainable: NamedTensors
  /** The weights that are not; training may change them all the same. */
  readonly nonTrainable: NamedTensors
}

/** The part of a tree that a weight stands in. */
type Part = keyof ModelTree

const parts: readonly Part[] = ['trainable', 'nonTrainable']

/** A weight, and where a tree of its model has it. */
export interface Weight {
  readonly name: string
  readonly part: Part
  readonly variable: LayerVariable
}

/** The path of a weight in errors. */
const placeOf = (tree: string, { part, name }: Pick<Weight, 'part' | 'name'>): string =>
  showPath([tree, part, name])

/** The shape of a weight as an error message shows it. */
export const showWeight = ({ dtype, shape }: LayerVariable): string => `${dtype} [${shape.join(', ')}]`

// reading

/**
 * The weights of a model. Throws `InvalidArgument` for something that is not a model with weights, and
 * `DuplicateName` for two weights of one name, which nested models may have.
 */
export const weightsOf = (model: LayersModel): readonly Weight[] => {
  if (typeof model !== 'object' || model === null || !Array.isArray(model.inputs))
    throw new GradpipeError('InvalidArgument', 'model', 'a LayersModel', shown(model))
  if (model.inputs.length === 0)
    throw new GradpipeError('InvalidArgument', 'model', 'a model with an input shape', 'one without')
  // a Sequential waits with that until it is compiled or run
  if (!model.built) model.build(model.inputs.map(({ shape }) => shape))
  const variables = { trainable: model.trainableWeights, nonTrainable: model.nonTrainableWeights }
  // a set: nested models may name one weight twice
  const weights = parts.flatMap((part) =>
    [...new Set(variables[part])].map((variable) => ({ name: variable.originalName, part, variable })),
  )
  const byName = new Map<string, Weight>()
  for (const weight of weights) {
    if (byName.has(weight.name))
      throw new GradpipeError('DuplicateName', weight.name, 'one weight of this name', 'two')
    byName.set(weight.name, weight)
  }
  return weights
}

/** A weight's variable. Throws `Disposed` if its model is, `InvalidArgument` while a pure function of it runs. */
export const variableOf = (weight: Weight): tf.Variable => {
  const value = readWeight(weight)
  if (value instanceof tf.Variable) return value
  throw new GradpipeError('InvalidArgument', placeOf('model', weight), 'no pure function at work', 'one')
}

/** The value of a weight. Throws `Disposed` if its model is. */
export const readWeight = (weight: Weight): tf.Tensor => {
  try {
    return weight.variable.read()
  } catch {
    throw new GradpipeError('Disposed', placeOf('model', weight), 'a live weight', 'a disposed model')
  }
}

// checking

/** Throws unless there is a tensor that can be the value of a weight. */
export const expectValue = (at: string, { variable }: Weight, value: unknown): tf.Tensor => {
  if (value === undefined || value === null)
    throw new GradpipeError('TreeMismatch', at, showWeight(variable), 'nothing')
  const tensor = expectTensor(at, value)
  if (tensor.shape.join() !== variable.shape.join())
    throw new GradpipeError('ShapeMismatch', at, showWeight(variable), showShape(tensor))
  if (tensor.dtype !== variable.dtype)
    throw new GradpipeError('DtypeMismatch', at, showWeight(variable), showShape(tensor))
  return tensor
}

/**
 * A value for each weight, in their order. A weight may be in either of the two parts of a tree, so a tree remains
 * valid when a layer is frozen.
 *
 * Throws, naming the path: `TreeMismatch` for a missing weight and for a name that is unknown or occurs twice,
 * `InvalidLeaf`, `ShapeMismatch`, `DtypeMismatch`, `Disposed`.
 */
export const valuesFor = (
  weights: readonly Weight[],
  tree: { readonly [P in Part]: unknown },
  name: string,
): readonly tf.Tensor[] => {
  const given = new Map<string, { readonly at: string; readonly value: unknown }>()
  const names = new Set(weights.map((weight) => weight.name))
  for (const part of parts) {
    const record = tree?.[part]
    if (typeof record !== 'object' || record === null)
      throw new GradpipeError('TreeMismatch', showPath([name, part]), 'a record of tensors', shown(record))
    for (const [key, value] of Object.entries(record)) {
      const at = placeOf(name, { part, name: key })
      if (!names.has(key)) throw new GradpipeError('TreeMismatch', at, 'no weight of this name', 'one')
      if (given.has(key)) throw new GradpipeError('TreeMismatch', at, 'one weight of this name', 'two')
      given.set(key, { at, value })
    }
  }
  return weights.map((weight) => {
    const { at, value } = given.get(weight.name) ?? { at: placeOf(name, weight), value: undefined }
    return expectValue(at, weight, value)
  })
}

/** A tree of a value for each weight. */
export const treeOf = (
  weights: readonly Weight[],
  value: (weight: Weight, i: number) => tf.Tensor,
): ModelTree => {
  const tree: { readonly [P in Part]: Record<string, tf.Tensor> } = { trainable: {}, nonTrainable: {} }
  for (const [i, weight] of weights.entries()) tree[weight.part][weight.name] = value(weight, i)
  return tree
}
