/** The namespace `losses` of the public entry. */
export type { AxisOptions } from './axes.js'
export { type CosineOptions, cosineDistance, cosineSimilarity } from './cosineSimilarity.js'
export {
  type CtcForwardProbs,
  type CtcLossOptions,
  ctcLoss,
  ctcLossWithForwardProbs,
} from './ctcLoss.js'
export {
  type BinaryDiceLossOptions,
  binaryDiceLoss,
  type DiceLossOptions,
  diceLoss,
  type GeneralizedDiceLossOptions,
  multiclassGeneralizedDiceLoss,
} from './diceLoss.js'
export { hingeLoss, perceptronLoss } from './hingeLoss.js'
export { type HuberLossOptions, huberLoss } from './huberLoss.js'
export {
  convexKlDivergence,
  generalizedKlDivergence,
  klDivergence,
  klDivergenceWithLogTargets,
} from './klDivergence.js'
export { logCosh } from './logCosh.js'
export { makeFenchelYoungLoss } from './makeFenchelYoungLoss.js'
export { multiclassHingeLoss, multiclassPerceptronLoss, multiclassSparsemaxLoss } from './multiclass.js'
export { type NtxentOptions, ntxent } from './ntxent.js'
export type { Operand } from './operand.js'
export {
  type RankingSoftmaxLossOptions,
  type ReduceFunction,
  rankingSoftmaxLoss,
} from './rankingSoftmaxLoss.js'
export { sigmoidBinaryCrossEntropy } from './sigmoidBinaryCrossEntropy.js'
export { type SigmoidFocalLossOptions, sigmoidFocalLoss } from './sigmoidFocalLoss.js'
export { smoothLabels } from './smoothLabels.js'
export {
  type PolyLossOptions,
  polyLossCrossEntropy,
  safeSoftmaxCrossEntropy,
  softmaxCrossEntropy,
} from './softmaxCrossEntropy.js'
export { softmaxCrossEntropyWithIntegerLabels } from './softmaxCrossEntropyWithIntegerLabels.js'
export { sparsemaxLoss } from './sparsemaxLoss.js'
export { l2Loss, squaredError } from './squaredError.js'
export { type TripletMarginLossOptions, tripletMarginLoss } from './tripletMarginLoss.js'
