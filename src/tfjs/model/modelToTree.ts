/** modelToTree and treeToModel: the weights of a LayersModel as a value. */
import * as tf from '@tensorflow/tfjs-core'
import type { LayersModel } from '@tensorflow/tfjs-layers'
import { cloneTensor } from '../../host/tfjs/tensor.js'
import { type ModelTree, readWeight, treeOf, valuesFor, variableOf, weightsOf } from './modelWeights.js'

/**
 * The weights of a model as a tree of tensors, by name.
 *
 * The names are those that the layers gave (`dense_Dense1/kernel`), without the suffixes with which TensorFlow.js tells
 * variables apart: those of a saved model. A layer without a name of its own is numbered through the process, so name the
 * layers of a model whose trees are to be saved.
 *
 * The tensors are new handles and the caller's; they share the memory of the weights until either changes, and do not
 * change with them.
 *
 * Throws `InvalidArgument` for what is not a model, or one without an input shape, `DuplicateName` where two weights have one name (nested
 * models), `Disposed`.
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
 * Gives the weights of a model the values of a tree, which it borrows.
 *
 * Everything is looked at before anything changes. A weight may stand in either part of the tree, so that one that was
 * taken before a layer was frozen still fits.
 *
 * Throws, naming the path: `TreeMismatch` for a weight that is missing and a name that is none, `ShapeMismatch`,
 * `DtypeMismatch`, `InvalidLeaf`, `Disposed`; and as {@link modelToTree} does.
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
  // through handles of their own: a tree may hold the variables themselves, in other places
  const held = values.map((value) => cloneTensor(value))
  for (const [i, variable] of variables.entries()) variable.assign(held[i] as tf.Tensor) // a value for each
  tf.dispose(held)
}
