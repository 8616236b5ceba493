/** modelLoss: the loss of a LayersModel as a pure function of its weights. */
import * as tf from '@tensorflow/tfjs-core'
import type { LayersModel } from '@tensorflow/tfjs-layers'
import { GradpipeError } from '../../error.js'
import { cloneTensor } from '../../host/tfjs/tensor.js'
import { tidied } from '../../host/tfjs/tidy.js'
import { shown } from '../../options.js'
import { atWeights } from './atWeights.js'
import { type LossFunction, lossFunctionsOf, type ModelLoss } from './lossFunctions.js'
import { inputSlots, type ModelData, outputSlots, type Slot, tensorsFor } from './modelData.js'
import { type NamedTensors, valuesFor, weightsOf } from './modelWeights.js'

/**
 * The loss of a model in training, as a function of its weights and a batch; it also returns the other weights as
 * they are afterwards.
 *
 * @category Models
 */
export type ModelLossFunction = (
  trainable: NamedTensors,
  nonTrainable: NamedTensors,
  x: ModelData,
  y: ModelData,
) => readonly [loss: tf.Scalar, nonTrainable: NamedTensors]

/** The slots of the targets: like the outputs, except that some losses take the index of a class. */
const targetSlots = (
  model: LayersModel,
  losses: readonly LossFunction[],
  sparse: LossFunction,
): readonly Slot[] =>
  outputSlots(model).map((slot, i) =>
    losses[i] === sparse ? { ...slot, shape: [...slot.shape.slice(0, -1), 1] } : slot,
  )

const sameLength = (tensors: readonly tf.Tensor[]): void => {
  const [length = 0, ...others] = tensors.map(({ shape }) => shape[0])
  const other = others.find((n) => n !== length)
  if (other !== undefined)
    throw new GradpipeError('ShapeMismatch', 'y', `${length} examples in inputs and targets`, `${other}`)
}

/** The total that `fit` minimizes: the mean of the losses' sum, plus the penalties of the layers' regularizers. */
const totalLoss = (
  model: LayersModel,
  losses: readonly LossFunction[],
  targets: readonly tf.Tensor[],
  outputs: readonly tf.Tensor[],
): tf.Scalar =>
  model.calculateLosses().reduce<tf.Scalar>(
    (total, penalty) => tf.add(total, penalty),
    tf.mean(
      losses
        .map((loss, i) => loss(targets[i] as tf.Tensor, outputs[i] as tf.Tensor)) // one for each output
        .reduce((sum, loss) => tf.add(sum, loss)),
    ),
  )

/** Throws unless a model is a function of its weights and inputs. */
const expectStateless = (model: LayersModel): void => {
  const stateful = model.layers.find((layer) => layer.stateful)
  if (stateful !== undefined)
    throw new GradpipeError(
      'InvalidArgument',
      `model.${stateful.name}`,
      'a layer without a state',
      'one with',
    )
}

const expectLoss = (model: LayersModel, loss: ModelLoss | undefined): ModelLoss => {
  const chosen = loss ?? model.loss
  if (chosen !== undefined && chosen !== null && typeof chosen !== 'symbol') return chosen
  throw new GradpipeError(
    'InvalidArgument',
    'modelLoss.loss',
    'a loss, or a model that is compiled',
    shown(loss),
  )
}

/**
 * Makes the loss of a model a pure function: of the trained weights, the other weights, and a batch. The model
 * defines the computation; its own weights are neither read nor changed, even if the loss throws.
 *
 * It is the loss that `fit` minimizes, in training mode (with dropout, and batch normalization by the batch's
 * statistics), including the penalties of regularizers. It also returns the other weights as they are after the
 * batch: moving averages have moved on. With `valueAndGrad` you get gradients:
 *
 * `const { value, grads, aux } = valueAndGrad(modelLoss(model, loss), { hasAux: true })(trainable, nonTrainable, x, y)`
 *
 * The same arguments give the same result if the layers' randomness has its own seed, as in
 * `tf.layers.dropout({ rate, seed })`. Without one, dropout draws new numbers each time.
 *
 * `loss` is what `compile` takes; the default is the loss that the model was compiled with. `x` and `y` are what
 * `fit` takes. All arguments are borrowed; all tensors of the result are new and belong to the caller.
 *
 * Throws `InvalidArgument` for a loss that TensorFlow.js does not know, and for a layer that keeps a state between
 * batches (`stateful: true`). When called, it throws `TreeMismatch`, `ShapeMismatch`, `DtypeMismatch`, `InvalidLeaf`
 * or `Disposed` for weights or data that do not fit the model, before anything is computed.
 *
 * @category Models
 * @see Keras 3, `stateless_call`
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs'
 * import { dispose } from 'gradpipe'
 * import { modelLoss, modelToTree, valueAndGrad } from 'gradpipe/tfjs'
 *
 * const model = tf.sequential({
 *   layers: [tf.layers.dense({ name: 'line', units: 1, inputShape: [1], kernelInitializer: 'zeros' })],
 * })
 * const { trainable, nonTrainable } = modelToTree(model)
 * const [x, y] = [tf.tensor2d([[1], [2]]), tf.tensor2d([[2], [4]])]
 * const loss = valueAndGrad(modelLoss(model, 'meanSquaredError'), { hasAux: true })
 * const { value, grads, aux } = loss(trainable, nonTrainable, x, y)
 * assert.equal(value.dataSync()[0], (4 + 16) / 2)
 * assert.equal(grads['line/kernel']?.dataSync()[0], -10)
 * dispose(trainable, nonTrainable, value, grads, aux, x, y)
 * model.dispose()
 * ```
 */
export const modelLoss = (model: LayersModel, loss?: ModelLoss): ModelLossFunction => {
  weightsOf(model)
  expectStateless(model)
  const losses = lossFunctionsOf('modelLoss', model, expectLoss(model, loss))
  const [sparse] = lossFunctionsOf(
    'modelLoss',
    model,
    model.outputs.map(() => 'sparseCategoricalCrossentropy'),
  )
  const [inputs, targets] = [inputSlots(model), targetSlots(model, losses, sparse as LossFunction)]
  return (trainable, nonTrainable, x, y) => {
    const weights = weightsOf(model)
    const values = valuesFor(weights, { trainable, nonTrainable }, 'params')
    return tidied('loss', () => {
      const [xs, ys] = [tensorsFor('x', inputs, x), tensorsFor('y', targets, y)]
      sameLength([...xs, ...ys])
      const [total, written] = atWeights(weights, values, () => {
        const outputs = model.call([...xs], { training: true })
        return totalLoss(model, losses, ys, Array.isArray(outputs) ? outputs : [outputs])
      })
      const after = new Map(weights.map(({ name }, i) => [name, written[i]]))
      const others = Object.entries(nonTrainable).map(
        ([name, value]) => [name, after.get(name) ?? cloneTensor(value)] as const,
      )
      return [total, Object.fromEntries(others)] as const
    })
  }
}
