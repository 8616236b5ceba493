/** gradpipe/tfjs: gradient transformations where TensorFlow.js expects its own. */
export type { TrainingCallback, TrainingLogs } from './callback.js'
export {
  type EvaluationData,
  type ExponentialMovingAverageOptions,
  exponentialMovingAverage,
  type WeightAverages,
  type WeightAveragesState,
} from './exponentialMovingAverage.js'
export {
  type LearningRateSchedulerOptions,
  learningRateLogger,
  learningRateScheduler,
} from './learningRate.js'
export type { ModelLoss } from './lossFunctions.js'
export { measurementLogger } from './measurementLogger.js'
export type { ModelData } from './modelData.js'
export { type ModelLossFunction, modelLoss } from './modelLoss.js'
export { modelToTree, treeToModel } from './modelToTree.js'
export type { ModelTree, NamedTensors } from './modelWeights.js'
export type { GradpipeOptimizer } from './optimizer.js'
export type { Drive, MinimizeArgs } from './stepper.js'
export { type ToOptimizerOptions, toOptimizer } from './toOptimizer.js'
export { type TrainStep, type TrainStepArgs, type TrainStepOptions, trainStep } from './trainStep.js'
