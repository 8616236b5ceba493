/** The loss functions of a LayersModel, from whatever `compile` takes as `loss`. */
import * as tf from '@tensorflow/tfjs-core'
import type { LayersModel, ModelCompileArgs } from '@tensorflow/tfjs-layers'
import { GradpipeError } from '../../error.js'

/**
 * A loss as `model.compile` takes it: a name such as `categoricalCrossentropy`, a function of targets and predictions,
 * one for each output, or a record of them by the outputs' names.
 *
 * @category Models
 */
export type ModelLoss = ModelCompileArgs['loss']

/** A loss for each example, or for all. */
export type LossFunction = (targets: tf.Tensor, predictions: tf.Tensor) => tf.Tensor

/** What `compile` reads and writes of a model. */
interface Compiled {
  readonly outputs: LayersModel['outputs']
  readonly outputNames: LayersModel['outputNames']
  readonly internalOutputShapes: readonly unknown[]
  readonly trainableWeights: readonly unknown[]
  readonly lossFunctions?: readonly LossFunction[]
}

type Compile = (this: Compiled, args: ModelCompileArgs) => void

/** `compile` as a LayersModel has it: a Sequential's own compiles the model inside of it. */
const compileOf = (model: LayersModel): Compile => {
  let compile: unknown
  for (let at: unknown = model; typeof at === 'object' && at !== null; at = Object.getPrototypeOf(at))
    if (Object.hasOwn(at, 'compile')) compile = Reflect.get(at, 'compile')
  return compile as Compile // of a LayersModel, which has one
}

/**
 * One loss function for each output. Only TensorFlow.js knows what the names stand for, and only `compile` gets them.
 * So this compiles a record with a model's outputs, and nothing else of the model.
 *
 * Throws `InvalidArgument` for a loss that `compile` refuses.
 */
export const lossFunctionsOf = (
  name: string,
  model: LayersModel,
  loss: ModelLoss,
): readonly LossFunction[] => {
  const { outputs, outputNames } = model
  const compiled: Compiled = { outputs, outputNames, internalOutputShapes: [], trainableWeights: [] }
  const optimizer = tf.train.sgd(0) // compile asks for one
  try {
    compileOf(model).call(compiled, { loss, optimizer })
  } catch (error) {
    const told = error instanceof Error ? error.message : String(error)
    throw new GradpipeError('InvalidArgument', `${name}.loss`, 'a loss that compile takes', told)
  } finally {
    optimizer.dispose()
  }
  const { lossFunctions = [] } = compiled
  if (lossFunctions.length === outputs.length && lossFunctions.every((f) => typeof f === 'function'))
    return lossFunctions
  throw new GradpipeError('InvalidArgument', `${name}.loss`, 'a loss for each output', 'none for some')
}
