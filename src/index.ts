/**
 * gradpipe: gradient transformations as values.
 *
 * @module gradpipe
 */
/**
 * Trees: their arithmetic, and look-ups in states, which are trees.
 *
 * @category Namespaces
 */
export * as tree from './arithmetic/index.js'
export {
  type IncrementalUpdateOptions,
  incrementalUpdate,
  type PeriodicUpdateOptions,
  periodicUpdate,
} from './arithmetic/moments.js'
export { globalNorm } from './arithmetic/reduce.js'
export { type AdaptiveGradClipOptions, adaptiveGradClip } from './block/adaptiveGradClip.js'
export {
  type AddDecayedWeightsOptions,
  type AddDecayedWeightsState,
  addDecayedWeights,
} from './block/addDecayedWeights.js'
export { type AddNoiseState, addNoise } from './block/addNoise.js'
export { type ApplyEveryOptions, type ApplyEveryState, applyEvery } from './block/applyEvery.js'
export { centralize } from './block/centralize.js'
export { clip, clipByBlockRms, clipByGlobalNorm } from './block/clip.js'
export {
  type DifferentiallyPrivateAggregateState,
  differentiallyPrivateAggregate,
} from './block/differentiallyPrivateAggregate.js'
export { type EmaOptions, type EmaState, ema } from './block/ema.js'
export {
  type HutchinsonArgs,
  type HutchinsonOptions,
  type HutchinsonState,
  hutchinsonEstimatorDiagHessian,
} from './block/hutchinson.js'
export { keepParamsNonnegative } from './block/keepParamsNonnegative.js'
export { measureWithEma } from './block/measureWithEma.js'
export { type Measures, type MonitorState, monitor } from './block/monitor.js'
export { normalize } from './block/normalize.js'
export {
  type NormalizeByUpdateNormOptions,
  normalizeByUpdateNorm,
} from './block/normalizeByUpdateNorm.js'
export {
  type PerExampleGlobalNormClipOptions,
  type PerExampleLayerNormClipOptions,
  perExampleGlobalNormClip,
  perExampleLayerNormClip,
} from './block/perExample.js'
export {
  type ReduceOnPlateauOptions,
  type ReduceOnPlateauState,
  reduceOnPlateau,
} from './block/reduceOnPlateau.js'
export { type CountState, scale, scaleBySchedule } from './block/scale.js'
export {
  type ScaleByAcpropOptions,
  type ScaleByAcpropState,
  scaleByAcprop,
} from './block/scaleByAcprop.js'
export {
  type ScaleByAdadeltaOptions,
  type ScaleByAdadeltaState,
  scaleByAdadelta,
} from './block/scaleByAdadelta.js'
export { type ScaleByAdamOptions, type ScaleByAdamState, scaleByAdam } from './block/scaleByAdam.js'
export { type ScaleByAdamaxOptions, scaleByAdamax } from './block/scaleByAdamax.js'
export {
  type BlockAxes,
  type ScaleByAdamMiniOptions,
  type ScaleByAdamMiniState,
  scaleByAdamMini,
} from './block/scaleByAdamMini.js'
export { type ScaleByAdanOptions, type ScaleByAdanState, scaleByAdan } from './block/scaleByAdan.js'
export {
  type ScaleByAdemamixOptions,
  type ScaleByAdemamixState,
  scaleByAdemamix,
} from './block/scaleByAdemamix.js'
export { type ScaleByAdoptOptions, scaleByAdopt } from './block/scaleByAdopt.js'
export {
  type ScaleByAmsgradOptions,
  type ScaleByAmsgradState,
  scaleByAmsgrad,
} from './block/scaleByAmsgrad.js'
export { type ScaleByBeliefOptions, scaleByBelief } from './block/scaleByBelief.js'
export { type CameState, type ScaleByCameOptions, scaleByCame } from './block/scaleByCame.js'
export { type ScaleByCocobOptions, type ScaleByCocobState, scaleByCocob } from './block/scaleByCocob.js'
export {
  type ScaleByDistanceOverGradientsOptions,
  type ScaleByDistanceOverGradientsState,
  scaleByDistanceOverGradients,
} from './block/scaleByDistanceOverGradients.js'
export {
  type FactoredState,
  type ScaleByFactoredRmsOptions,
  scaleByFactoredRms,
} from './block/scaleByFactoredRms.js'
export { type GaloreState, type ScaleByGaloreOptions, scaleByGalore } from './block/scaleByGalore.js'
export { type ScaleByLbfgsOptions, type ScaleByLbfgsState, scaleByLbfgs } from './block/scaleByLbfgs.js'
export { scaleByLeaf } from './block/scaleByLeaf.js'
export {
  type LearningRate,
  type ScaleByLearningRateOptions,
  scaleByLearningRate,
} from './block/scaleByLearningRate.js'
export { type ScaleByLionOptions, type ScaleByLionState, scaleByLion } from './block/scaleByLion.js'
export {
  type ScaleByMadgradOptions,
  type ScaleByMadgradState,
  scaleByMadgrad,
} from './block/scaleByMadgrad.js'
export {
  type ScaleByMatrixRmsOptions,
  type ScaleByMatrixRmsState,
  scaleByMatrixRms,
} from './block/scaleByMatrixRms.js'
export {
  type Balancing,
  type MuonState,
  type NewtonSchulzCoefficients,
  type ScaleByMuonOptions,
  scaleByMuon,
} from './block/scaleByMuon.js'
export {
  type ScaleByNovogradOptions,
  type ScaleByNovogradState,
  scaleByNovograd,
} from './block/scaleByNovograd.js'
export {
  type ScaleByOptimisticGradientOptions,
  type ScaleByOptimisticGradientState,
  scaleByOptimisticGradient,
} from './block/scaleByOptimisticGradient.js'
export {
  type ScaleByParamBlockOptions,
  scaleByParamBlockNorm,
  scaleByParamBlockRms,
} from './block/scaleByParamBlock.js'
export { type ScaleByPolyakOptions, scaleByPolyak } from './block/scaleByPolyak.js'
export { type ScaleByRadamOptions, scaleByRadam } from './block/scaleByRadam.js'
export {
  type ScaleByRmsOptions,
  type ScaleByRmsState,
  type ScaleByStddevState,
  scaleByRms,
  scaleByStddev,
} from './block/scaleByRms.js'
export { type ScaleByRpropOptions, type ScaleByRpropState, scaleByRprop } from './block/scaleByRprop.js'
export { type ScaleByRssOptions, type ScaleByRssState, scaleByRss } from './block/scaleByRss.js'
export { scaleBySign } from './block/scaleBySign.js'
export {
  type ScaleBySimplifiedAdemamixOptions,
  type ScaleBySimplifiedAdemamixState,
  scaleBySimplifiedAdemamix,
} from './block/scaleBySimplifiedAdemamix.js'
export { type ScaleBySm3Options, type ScaleBySm3State, scaleBySm3 } from './block/scaleBySm3.js'
export { type ScaleByTrustRatioOptions, scaleByTrustRatio } from './block/scaleByTrustRatio.js'
export { type ScaleByYogiOptions, scaleByYogi } from './block/scaleByYogi.js'
export { setToZero } from './block/setToZero.js'
export { type SnapshotState, snapshot } from './block/snapshot.js'
export { stateless, statelessWithTreeMap } from './block/stateless.js'
export { type TraceOptions, type TraceState, trace } from './block/trace.js'
export { type ZeroNansState, zeroNans } from './block/zeroNans.js'
export type { Labelling, Mask } from './declare/labelling.js'
export type { DimensionNumbers, MatrixAxes } from './declare/matrixView.js'
export { multiDot } from './declare/multiDot.js'
export { muonPolynomials, type OrthogonalizeOptions, orthogonalize } from './declare/orthogonalize.js'
export { max, mean, norm, size, sum, type Whole } from './declare/reduction.js'
export type {
  Clock,
  LeafScalars,
  RuleExtraArgs,
  RuleInputs,
  RuleResult,
  RuleScalars,
  RuleSpec,
  RuleState,
  Scalars,
  ScalarsOf,
  SlotSpecs,
  TermUpTo,
} from './declare/ruleSpec.js'
export { describe } from './describe/describe.js'
export { fromDescription } from './describe/fromDescription.js'
export type { Description } from './describe/json.js'
export { type ErrorTag, GradpipeError } from './error.js'
export type { Either, Eq, Left, Monoid, Right, Show, State, TaskEither } from './fp.js'
export { type Fallback, onFallback } from './host/fallback.js'
export { type KernelStatistics, kernelStatistics } from './host/statistics.js'
export {
  type MinimizeArgs,
  type MinimizeOptions,
  type MinimizeProgress,
  type MinimizeResult,
  type MinimizeStatus,
  minimize,
  type Objective,
  type ValueAndGrads,
} from './minimize/minimize.js'
export type { GradSource } from './minimize/objective.js'
export { type AcpropOptions, acprop } from './optimizer/acprop.js'
export { adabelief } from './optimizer/adabelief.js'
export { type AdadeltaOptions, adadelta } from './optimizer/adadelta.js'
export { type AdafactorOptions, adafactor } from './optimizer/adafactor.js'
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
export { type AdamaxwOptions, adamax, adamaxw } from './optimizer/adamax.js'
export { type AdamMiniOptions, adamMini } from './optimizer/adamMini.js'
export { type AdamuonOptions, type AdamuonState, adamuon } from './optimizer/adamuon.js'
export { type AdanOptions, adan } from './optimizer/adan.js'
export { type AdemamixOptions, ademamix } from './optimizer/ademamix.js'
export { adopt } from './optimizer/adopt.js'
export { amsgrad } from './optimizer/amsgrad.js'
export type { BesideAdamwOptions, BesideAdamwState, EndingState } from './optimizer/besideAdamw.js'
export { type CameOptions, came } from './optimizer/came.js'
export { type CocobOptions, cocob } from './optimizer/cocob.js'
export { type DadaptAdamwOptions, type DadaptAdamwState, dadaptAdamw } from './optimizer/dadaptAdamw.js'
export { type DogInitStep, type DogOptions, type DogState, dog } from './optimizer/dog.js'
export { type DowgOptions, type DowgState, dowg } from './optimizer/dowg.js'
export { type DpsgdOptions, dpsgd } from './optimizer/dpsgd.js'
export { type FromageOptions, fromage } from './optimizer/fromage.js'
export { type GaloreOptions, galore } from './optimizer/galore.js'
export { type LambOptions, lamb } from './optimizer/lamb.js'
export { type LarsOptions, lars } from './optimizer/lars.js'
export { type LbfgsOptions, type LbfgsState, lbfgs } from './optimizer/lbfgs.js'
export { type LionOptions, lion } from './optimizer/lion.js'
export { type MadgradOptions, madgrad } from './optimizer/madgrad.js'
export { type MomoOptions, type MomoState, momo } from './optimizer/momo.js'
export { type MomoAdamOptions, type MomoAdamState, momoAdam } from './optimizer/momoAdam.js'
export { type MuonOptions, type MuonPartitionState, muon } from './optimizer/muon.js'
export { type NoisySgdOptions, noisySgd } from './optimizer/noisySgd.js'
export { type NormuonOptions, type NormuonState, normuon } from './optimizer/normuon.js'
export { novograd } from './optimizer/novograd.js'
export {
  type OptimisticAdamOptions,
  type OptimisticAdamState,
  type OptimisticAdamV2Options,
  optimisticAdam,
  optimisticAdamV2,
  optimisticGradientDescent,
} from './optimizer/optimistic.js'
export { type PolyakSgdOptions, polyakSgd } from './optimizer/polyakSgd.js'
export { type ProdigyOptions, type ProdigyState, prodigy } from './optimizer/prodigy.js'
export { radam } from './optimizer/radam.js'
export { type RmspropOptions, rmsprop } from './optimizer/rmsprop.js'
export { rprop } from './optimizer/rprop.js'
export {
  type ScheduleFreeAdamwOptions,
  type ScheduleFreeAdamwState,
  type ScheduleFreeSgdOptions,
  type ScheduleFreeSgdState,
  scheduleFreeAdamw,
  scheduleFreeSgd,
} from './optimizer/scheduleFree.js'
export { type SgdOptions, sgd } from './optimizer/sgd.js'
export { type SignumOptions, signSgd, signum } from './optimizer/signSgd.js'
export { type SimplifiedAdemamixOptions, simplifiedAdemamix } from './optimizer/simplifiedAdemamix.js'
export { type Sm3Options, sm3 } from './optimizer/sm3.js'
export { type SophiaOptions, type SophiaState, sophia } from './optimizer/sophia.js'
export { yogi } from './optimizer/yogi.js'
export { dispose } from './program/dispose.js'
export type { ExtraArgs, TreeValue } from './program/program.js'
/**
 * Projections of trees onto sets: the nearest tree that is in the set.
 *
 * @category Namespaces
 */
export * as projections from './projections/index.js'
/**
 * Random numbers from keys, which are plain data.
 *
 * @category Namespaces
 */
export * as random from './random/index.js'
export { Condition } from './rule/condition.js'
export type {
  AnyTensor,
  Leaf,
  LeafSpec,
  Leafwise,
  Params,
  ScalarTensor,
  TensorLibraries,
  TensorLike,
} from './rule/leaf.js'
export type { Preconditioning } from './rule/matrices.js'
export { type Elements, NdArray, type NumberLeaf, ndarray } from './rule/ndarray.js'
export { type PolarExpressOptions, polarExpress } from './rule/polarExpress.js'
export type { Scope, UpTo, Wider } from './rule/scope.js'
export { parameter, type SlotSpec, slot, zeros } from './rule/slot.js'
export { constant, mix, type Operand, select, Term } from './rule/term.js'
export type { RowsAndColumns } from './rule/view.js'
export type { BoundaryAndScale, PiecewiseOptions } from './schedule/boundaries.js'
export * from './schedule/constant.js'
export * from './schedule/cosineDecay.js'
export * from './schedule/exponentialDecay.js'
export { fromTerm } from './schedule/fromTerm.js'
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
export type {
  LineSearchArgs,
  LossAndGrad,
  LossValue,
  ValueAndGradFnArgs,
  ValueFnArgs,
} from './search/extraArgs.js'
export {
  type BacktrackingLinesearchInfo,
  type ScaleByBacktrackingLinesearchOptions,
  type ScaleByBacktrackingLinesearchState,
  scaleByBacktrackingLinesearch,
} from './search/scaleByBacktrackingLinesearch.js'
export {
  type ScaleByZoomLinesearchOptions,
  type ScaleByZoomLinesearchState,
  scaleByZoomLinesearch,
  type ZoomLinesearchInfo,
} from './search/scaleByZoomLinesearch.js'
export { type FromState, valueAndGradFromState } from './search/valueAndGradFromState.js'
export { type Appended, andThen, chain, MonoidChain } from './transform/chain.js'
export { fromRule } from './transform/fromAnyRule.js'
export { type AroundExtraArgs, type AroundState, fromRuleAround } from './transform/fromRuleAround.js'
export { identity } from './transform/identity.js'
export { latex } from './transform/latex.js'
export { masked } from './transform/masked.js'
export type { MaskedState } from './transform/maskedRules.js'
export type { Measure, Measured } from './transform/measure.js'
export type { KeyOptions } from './transform/noise.js'
export { updateAsync } from './transform/ordinary.js'
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
export type {
  AnyTransformation,
  EmptyState,
  ExtraArgsOf,
  GradientTransformation,
  NoExtraArgs,
  StateOf,
  Stepping,
  UpdateArgs,
} from './transform/transformation.js'
export type { Path } from './tree/path.js'
export type { Tree } from './tree/tree.js'
export { type ApplyIfFiniteState, applyIfFinite } from './wrapper/applyIfFinite.js'
export {
  type ConditionallyArgs,
  type ConditionallyOptions,
  type ConditionallyState,
  type ConditionFn,
  conditionallyMask,
  conditionallyTransform,
  maybeUpdate,
} from './wrapper/conditionally.js'
export { flatten } from './wrapper/flatten.js'
export { freeze } from './wrapper/freeze.js'
export type { InEveryState } from './wrapper/inEvery.js'
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
export { type MechanizeOptions, type MechanizeState, mechanize } from './wrapper/mechanize.js'
export { hasUpdated, type MultiStepsOptions, type MultiStepsState, multiSteps } from './wrapper/multiSteps.js'
export { type NamedChainState, namedChain } from './wrapper/namedChain.js'
export { type PartitionState, partition } from './wrapper/partition.js'
export { type SamExtraArgs, type SamOptions, type SamState, sam } from './wrapper/sam.js'
export {
  type ScheduleFreeOptions,
  type ScheduleFreeState,
  scheduleFree,
  scheduleFreeEvalParams,
} from './wrapper/scheduleFree.js'
export { type SelectiveTransformState, selectiveTransform } from './wrapper/selectiveTransform.js'
export {
  type ShouldSkipUpdate,
  type SkipLargeUpdatesState,
  type SkipNotFiniteState,
  skipLargeUpdates,
  skipNotFinite,
} from './wrapper/skip.js'
