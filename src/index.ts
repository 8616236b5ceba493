/**
 * gradpipe: gradient transformations as values.
 *
 * @module gradpipe
 */
export { type ErrorTag, GradpipeError } from './error.js'
export { type Fallback, onFallback } from './interpret/fallback.js'
export { type TensorInterpreter, withInterpreter } from './interpret/fused.js'
export { type KernelStatistics, kernelStatistics } from './interpret/statistics.js'
export { setThreadsCount } from './interpret/wasm/threads.js'
export { adagrad } from './optimizer/adagrad.js'
export {
  type AdamState,
  type AdamwOptions,
  type AdamwState,
  adam,
  adamw,
  nadam,
  nadamw,
} from './optimizer/adam.js'
export { amsgrad } from './optimizer/amsgrad.js'
export { type LambOptions, lamb } from './optimizer/lamb.js'
export { type LarsOptions, lars } from './optimizer/lars.js'
export { type LionOptions, lion } from './optimizer/lion.js'
export { radam } from './optimizer/radam.js'
export { type RmspropOptions, rmsprop } from './optimizer/rmsprop.js'
export { rprop } from './optimizer/rprop.js'
export { type SgdOptions, sgd } from './optimizer/sgd.js'
export type { Leaf, LeafSpec, Params, TensorLike } from './rule/leaf.js'
export type { Scope, UpTo, Wider } from './rule/scope.js'
export { parameter, type SlotSpec, slot, zeros } from './rule/slot.js'
export {
  Condition,
  constant,
  max,
  mean,
  mix,
  norm,
  type Operand,
  select,
  size,
  sum,
  Term,
} from './rule/term.js'
export type { PiecewiseOptions } from './schedule/boundaries.js'
export * from './schedule/constant.js'
export * from './schedule/cosineDecay.js'
export * from './schedule/exponentialDecay.js'
export * from './schedule/join.js'
export * from './schedule/linear.js'
export * from './schedule/onecycle.js'
export * from './schedule/piecewiseConstant.js'
export * from './schedule/piecewiseInterpolate.js'
export * from './schedule/polynomial.js'
export * from './schedule/schedule.js'
export * from './schedule/sgdr.js'
export * from './schedule/warmupConstant.js'
export * from './schedule/warmupCosineDecay.js'
export * from './schedule/warmupExponentialDecay.js'
export {
  type GradOptions,
  grad,
  type ValueAndGrad,
  type ValueAndGradWithAux,
  valueAndGrad,
} from './tfjs/valueAndGrad.js'
export {
  type AddDecayedWeightsOptions,
  type AddDecayedWeightsState,
  addDecayedWeights,
} from './transform/addDecayedWeights.js'
export { centralize } from './transform/centralize.js'
export { andThen, chain, MonoidChain } from './transform/chain.js'
export { clip, clipByBlockRms, clipByGlobalNorm } from './transform/clip.js'
export { dispose } from './transform/dispose.js'
export { type EmaOptions, type EmaState, ema } from './transform/ema.js'
export { fromRule } from './transform/fromRule.js'
export { type AroundState, fromRuleAround } from './transform/fromRuleAround.js'
export { identity } from './transform/identity.js'
export type { Labelling, Mask } from './transform/labelling.js'
export { latex } from './transform/latex.js'
export { type MaskedState, masked } from './transform/masked.js'
export {
  type NormalizeByUpdateNormOptions,
  normalizeByUpdateNorm,
} from './transform/normalizeByUpdateNorm.js'
export { updateAsync } from './transform/ordinary.js'
export type {
  Clock,
  RuleExtraArgs,
  RuleInputs,
  RuleResult,
  RuleSpec,
  RuleState,
  Scalars,
  SlotSpecs,
  TermUpTo,
} from './transform/ruleSpec.js'
export { type CountState, scale, scaleBySchedule } from './transform/scale.js'
export { type ScaleByAdamOptions, type ScaleByAdamState, scaleByAdam } from './transform/scaleByAdam.js'
export {
  type ScaleByAmsgradOptions,
  type ScaleByAmsgradState,
  scaleByAmsgrad,
} from './transform/scaleByAmsgrad.js'
export {
  type LearningRate,
  type ScaleByLearningRateOptions,
  scaleByLearningRate,
} from './transform/scaleByLearningRate.js'
export { type ScaleByLionOptions, type ScaleByLionState, scaleByLion } from './transform/scaleByLion.js'
export { type ScaleByRadamOptions, scaleByRadam } from './transform/scaleByRadam.js'
export {
  type ScaleByRmsOptions,
  type ScaleByRmsState,
  type ScaleByStddevState,
  scaleByRms,
  scaleByStddev,
} from './transform/scaleByRms.js'
export { type ScaleByRpropOptions, type ScaleByRpropState, scaleByRprop } from './transform/scaleByRprop.js'
export { type ScaleByRssOptions, type ScaleByRssState, scaleByRss } from './transform/scaleByRss.js'
export { type ScaleByTrustRatioOptions, scaleByTrustRatio } from './transform/scaleByTrustRatio.js'
export { setToZero } from './transform/setToZero.js'
export { stepState, updateState } from './transform/state.js'
export {
  applyUpdates,
  type StepArgs,
  type StepAsyncFunction,
  type StepFunction,
  type StepOptions,
  step,
  stepAsync,
} from './transform/step.js'
export { type TraceOptions, type TraceState, trace } from './transform/trace.js'
export type {
  EmptyState,
  ExtraArgs,
  GradientTransformation,
  NoExtraArgs,
  Stepping,
  TreeValue,
  UpdateArgs,
} from './transform/transformation.js'
export * as tree from './tree/index.js'
export type { Path } from './tree/path.js'
export type { Tree } from './tree/tree.js'
export { type ApplyIfFiniteState, applyIfFinite } from './wrapper/applyIfFinite.js'
export {
  type ConditionFn,
  type ConditionallyOptions,
  type ConditionallyState,
  conditionallyMask,
  conditionallyTransform,
  maybeUpdate,
} from './wrapper/conditionally.js'
export { flatten } from './wrapper/flatten.js'
export { freeze } from './wrapper/freeze.js'
export { type InjectHyperparamsState, injectHyperparams } from './wrapper/injectHyperparams.js'
export {
  type InjectStatefulHyperparamsState,
  injectStatefulHyperparams,
  type StatefulSchedule,
} from './wrapper/injectStatefulHyperparams.js'
export {
  type Lookahead,
  type LookaheadOptions,
  type LookaheadParams,
  type LookaheadState,
  lookahead,
  lookaheadParams,
} from './wrapper/lookahead.js'
export { hasUpdated, type MultiStepsOptions, type MultiStepsState, multiSteps } from './wrapper/multiSteps.js'
export { type NamedChainState, namedChain } from './wrapper/namedChain.js'
export { type PartitionState, partition } from './wrapper/partition.js'
export {
  type ReduceOnPlateauOptions,
  type ReduceOnPlateauState,
  reduceOnPlateau,
} from './wrapper/reduceOnPlateau.js'
export { type SelectiveTransformState, selectiveTransform } from './wrapper/selectiveTransform.js'
export {
  type ShouldSkipUpdate,
  type SkipLargeUpdatesState,
  type SkipNotFiniteState,
  skipLargeUpdates,
  skipNotFinite,
} from './wrapper/skip.js'
