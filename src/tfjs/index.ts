/**
 * gradpipe/tfjs: gradient transformations for TensorFlow.js's tensors, and as optimizers of its models.
 *
 * @module gradpipe/tfjs
 */
import './tensors.js'

export { type TensorInterpreter, withInterpreter } from '../host/tfjs/host.js'
export { setThreadsCount } from '../host/tfjs/wasm/threads.js'
/**
 * Losses, of predictions and labels, with finite gradients.
 *
 * @category Namespaces
 */
export * as losses from '../losses/index.js'
export type { TrainingCallback, TrainingLogs } from './callback/callback.js'
export {
  type EvaluationData,
  type ExponentialMovingAverageOptions,
  exponentialMovingAverage,
  type WeightAverages,
  type WeightAveragesState,
} from './callback/exponentialMovingAverage.js'
export {
  type LearningRateSchedulerOptions,
  learningRateLogger,
  learningRateScheduler,
} from './callback/learningRate.js'
export { measurementLogger } from './callback/measurementLogger.js'
export type { ModelLoss } from './model/lossFunctions.js'
export type { ModelData } from './model/modelData.js'
export { type ModelLossFunction, modelLoss } from './model/modelLoss.js'
export { modelToTree, treeToModel } from './model/modelToTree.js'
export type { ModelTree, NamedTensors } from './model/modelWeights.js'
export { type TrainStep, type TrainStepArgs, type TrainStepOptions, trainStep } from './model/trainStep.js'
export { GradpipeOptimizer } from './optimizer/optimizer.js'
export type { Drive, MinimizeArgs } from './optimizer/stepper.js'
export { registerOptimizers, type ToOptimizerOptions, toOptimizer } from './optimizer/toOptimizer.js'
export {
  type GradOptions,
  grad,
  type ValueAndGrad,
  type ValueAndGradWithAux,
  valueAndGrad,
} from './valueAndGrad.js'
export { onReplacement, type Replacement } from './wasm/replacement.js'
