/** gradpipe/tfjs: gradient transformations where TensorFlow.js expects its own. */
export type { ModelLoss } from './lossFunctions.js'
export type { ModelData } from './modelData.js'
export { type ModelLossFunction, modelLoss } from './modelLoss.js'
export { modelToTree, treeToModel } from './modelToTree.js'
export type { ModelTree, NamedTensors } from './modelWeights.js'
export { type TrainStep, type TrainStepArgs, type TrainStepOptions, trainStep } from './trainStep.js'
