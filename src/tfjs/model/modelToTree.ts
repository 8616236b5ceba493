/** modelToTree and treeToModel: the weights of a LayersModel as a value. */
import * as tf from '@tensorflow/tfjs-core'
import type { LayersModel } from '@tensorflow/tfjs-layers'
import { cloneTensor } from '../../host/tfjs/tensor.js'
import { type ModelTree, readWeight, treeOf, valuesFor, variableOf, weightsOf } from './modelWeights.js'

/**
 * Returns the weights of a model as a tree of tensors, by name.
 *
 * The names are those that the layers gave (`dense_Dense1/kernel`), without the suffixes by which TensorFlow.js tells
 * variables apart; a saved model has the same names. Layers without a name are numbered through the whole process, so
 * name the layers if you save the trees.
 *
 * The tensors are new handles, which belong to the caller. They share the memory of the weights until either changes,
 * and do not change with them.
 *
 * Throws `InvalidArgument` for something that is not a model, or a model without an input shape, `DuplicateName` if
 * two weights have the same name (nested models), and `Disposed`.
 *
 * @category Models
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs'
 * import { dispose } from 'gradpipe'
 * import { modelToTree } from 'gradpipe/tfjs'
 *
 * const model = tf.sequential({
 *   layers: [
 *     tf.layers.dense({ name: 'hidden', units: 4, inputShape: [3] }),
 *     tf.layers.batchNormalization({ name: 'norm' }),
 *   ],
 * })
 * const tree = modelToTree(model)
 * assert.deepEqual(Object.keys(tree.trainable), ['hidden/kernel', 'hidden/bias', 'norm/gamma', 'norm/beta'])
 * assert.deepEqual(Object.keys(tree.nonTrainable), ['norm/moving_mean', 'norm/moving_variance'])
 * dispose(tree)
 * model.dispose()
 * ```
 */
export const modelToTree = (model: LayersModel): ModelTree => {
  const weights = weightsOf(model)
  const values = weights.map(readWeight)
  return treeOf(weights, (_, i) => cloneTensor(values[i] as tf.Tensor)) // a value for each
}

/**
 * Sets the weights of a model to the values of a tree, which it borrows.
 *
 * Everything is checked before anything changes. A weight may be in either part of the tree, so a tree from before a
 * layer was frozen still fits.
 *
 * Throws, naming the path: `TreeMismatch` for a missing weight or an unknown name, `ShapeMismatch`, `DtypeMismatch`,
 * `InvalidLeaf`, `Disposed`; also like {@link modelToTree}.
 *
 * @category Models
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs'
 * import { dispose } from 'gradpipe'
 * import { modelToTree, treeToModel } from 'gradpipe/tfjs'
 *
 * const model = tf.sequential({ layers: [tf.layers.dense({ name: 'line', units: 1, inputShape: [1] })] })
 * const before = modelToTree(model)
 * const ones = { 'line/kernel': tf.ones([1, 1]), 'line/bias': tf.ones([1]) }
 * treeToModel(model, { trainable: ones, nonTrainable: {} })
 * const x = tf.ones([1, 1])
 * const [two] = [model.predict(x)].flat()
 * assert.equal(two?.dataSync()[0], 2)
 * treeToModel(model, before)
 * dispose(before, ones, x, two)
 * model.dispose()
 * ```
 */
export const treeToModel = (model: LayersModel, tree: ModelTree): void => {
  const weights = weightsOf(model)
  const values = valuesFor(weights, tree, 'tree')
  const variables = weights.map(variableOf)
  // through separate handles: a tree may hold the variables themselves, in other places
  const held = values.map((value) => cloneTensor(value))
  for (const [i, variable] of variables.entries()) variable.assign(held[i] as tf.Tensor) // a value for each
  tf.dispose(held)
}
