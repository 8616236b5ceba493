/** Every factory that a description may call, by its name: reached from `fromDescription` alone, which brings all of them. */
import { adaptiveGradClip } from '../block/adaptiveGradClip.js'
import { addDecayedWeights } from '../block/addDecayedWeights.js'
import { addNoise } from '../block/addNoise.js'
import { applyEvery } from '../block/applyEvery.js'
import { centralize } from '../block/centralize.js'
import { clip, clipByBlockRms, clipByGlobalNorm } from '../block/clip.js'
import { differentiallyPrivateAggregate } from '../block/differentiallyPrivateAggregate.js'
import { ema } from '../block/ema.js'
import { hutchinsonEstimatorDiagHessian } from '../block/hutchinson.js'
import { keepParamsNonnegative } from '../block/keepParamsNonnegative.js'
import { normalize } from '../block/normalize.js'
import { normalizeByUpdateNorm } from '../block/normalizeByUpdateNorm.js'
import { reduceOnPlateau } from '../block/reduceOnPlateau.js'
import { scale, scaleBySchedule } from '../block/scale.js'
import { scaleByAcprop } from '../block/scaleByAcprop.js'
import { scaleByAdadelta } from '../block/scaleByAdadelta.js'
import { scaleByAdam } from '../block/scaleByAdam.js'
import { scaleByAdamax } from '../block/scaleByAdamax.js'
import { scaleByAdamMini } from '../block/scaleByAdamMini.js'
import { scaleByAdan } from '../block/scaleByAdan.js'
import { scaleByAdemamix } from '../block/scaleByAdemamix.js'
import { scaleByAdopt } from '../block/scaleByAdopt.js'
import { scaleByAmsgrad } from '../block/scaleByAmsgrad.js'
import { scaleByBelief } from '../block/scaleByBelief.js'
import { scaleByCame } from '../block/scaleByCame.js'
import { scaleByCocob } from '../block/scaleByCocob.js'
import { scaleByDistanceOverGradients } from '../block/scaleByDistanceOverGradients.js'
import { scaleByFactoredRms } from '../block/scaleByFactoredRms.js'
import { scaleByGalore } from '../block/scaleByGalore.js'
import { scaleByLbfgs } from '../block/scaleByLbfgs.js'
import { scaleByLeaf } from '../block/scaleByLeaf.js'
import { scaleByLearningRate } from '../block/scaleByLearningRate.js'
import { scaleByLion } from '../block/scaleByLion.js'
import { scaleByMadgrad } from '../block/scaleByMadgrad.js'
import { scaleByMatrixRms } from '../block/scaleByMatrixRms.js'
import { scaleByMuon } from '../block/scaleByMuon.js'
import { scaleByNovograd } from '../block/scaleByNovograd.js'
import { scaleByOptimisticGradient } from '../block/scaleByOptimisticGradient.js'
import { scaleByParamBlockNorm, scaleByParamBlockRms } from '../block/scaleByParamBlock.js'
import { scaleByPolyak } from '../block/scaleByPolyak.js'
import { scaleByRadam } from '../block/scaleByRadam.js'
import { scaleByRms, scaleByStddev } from '../block/scaleByRms.js'
import { scaleByRprop } from '../block/scaleByRprop.js'
import { scaleByRss } from '../block/scaleByRss.js'
import { scaleBySign } from '../block/scaleBySign.js'
import { scaleBySimplifiedAdemamix } from '../block/scaleBySimplifiedAdemamix.js'
import { scaleBySm3 } from '../block/scaleBySm3.js'
import { scaleByTrustRatio } from '../block/scaleByTrustRatio.js'
import { scaleByYogi } from '../block/scaleByYogi.js'
import { setToZero } from '../block/setToZero.js'
import { trace } from '../block/trace.js'
import { zeroNans } from '../block/zeroNans.js'
import { acprop } from '../optimizer/acprop.js'
import { adabelief } from '../optimizer/adabelief.js'
import { adadelta } from '../optimizer/adadelta.js'
import { adafactor } from '../optimizer/adafactor.js'
import { adagrad } from '../optimizer/adagrad.js'
import { adam, adamw, nadam, nadamw } from '../optimizer/adam.js'
import { adamax, adamaxw } from '../optimizer/adamax.js'
import { adamMini } from '../optimizer/adamMini.js'
import { adamuon } from '../optimizer/adamuon.js'
import { adan } from '../optimizer/adan.js'
import { ademamix } from '../optimizer/ademamix.js'
import { adopt } from '../optimizer/adopt.js'
import { amsgrad } from '../optimizer/amsgrad.js'
import { came } from '../optimizer/came.js'
import { cocob } from '../optimizer/cocob.js'
import { dadaptAdamw } from '../optimizer/dadaptAdamw.js'
import { dog } from '../optimizer/dog.js'
import { dowg } from '../optimizer/dowg.js'
import { dpsgd } from '../optimizer/dpsgd.js'
import { fromage } from '../optimizer/fromage.js'
import { galore } from '../optimizer/galore.js'
import { lamb } from '../optimizer/lamb.js'
import { lars } from '../optimizer/lars.js'
import { lbfgs } from '../optimizer/lbfgs.js'
import { lion } from '../optimizer/lion.js'
import { madgrad } from '../optimizer/madgrad.js'
import { momo } from '../optimizer/momo.js'
import { momoAdam } from '../optimizer/momoAdam.js'
import { muon } from '../optimizer/muon.js'
import { noisySgd } from '../optimizer/noisySgd.js'
import { normuon } from '../optimizer/normuon.js'
import { novograd } from '../optimizer/novograd.js'
import { optimisticAdam, optimisticAdamV2, optimisticGradientDescent } from '../optimizer/optimistic.js'
import { polyakSgd } from '../optimizer/polyakSgd.js'
import { prodigy } from '../optimizer/prodigy.js'
import { radam } from '../optimizer/radam.js'
import { rmsprop } from '../optimizer/rmsprop.js'
import { rprop } from '../optimizer/rprop.js'
import { scheduleFreeAdamw, scheduleFreeSgd } from '../optimizer/scheduleFree.js'
import { sgd } from '../optimizer/sgd.js'
import { signSgd, signum } from '../optimizer/signSgd.js'
import { simplifiedAdemamix } from '../optimizer/simplifiedAdemamix.js'
import { sm3 } from '../optimizer/sm3.js'
import { sophia } from '../optimizer/sophia.js'
import { yogi } from '../optimizer/yogi.js'
import { constantSchedule } from '../schedule/constant.js'
import { cosineDecaySchedule } from '../schedule/cosineDecay.js'
import { exponentialDecay } from '../schedule/exponentialDecay.js'
import { joinSchedules } from '../schedule/join.js'
import { linearSchedule } from '../schedule/linear.js'
import { cosineOnecycleSchedule, linearOnecycleSchedule } from '../schedule/onecycle.js'
import { piecewiseConstantSchedule } from '../schedule/piecewiseConstant.js'
import { piecewiseInterpolateSchedule } from '../schedule/piecewiseInterpolate.js'
import { polynomialSchedule } from '../schedule/polynomial.js'
import { sgdrSchedule } from '../schedule/sgdr.js'
import { warmupConstantSchedule } from '../schedule/warmupConstant.js'
import { warmupCosineDecaySchedule } from '../schedule/warmupCosineDecay.js'
import { warmupExponentialDecaySchedule } from '../schedule/warmupExponentialDecay.js'
import { scaleByBacktrackingLinesearch } from '../search/scaleByBacktrackingLinesearch.js'
import { scaleByZoomLinesearch } from '../search/scaleByZoomLinesearch.js'
import { chain } from '../transform/chain.js'
import { identity } from '../transform/identity.js'
import { masked } from '../transform/masked.js'
import { applyIfFinite } from '../wrapper/applyIfFinite.js'
import { flatten } from '../wrapper/flatten.js'
import { freeze } from '../wrapper/freeze.js'
import { lookahead } from '../wrapper/lookahead.js'
import { mechanize } from '../wrapper/mechanize.js'
import { multiSteps } from '../wrapper/multiSteps.js'
import { namedChain } from '../wrapper/namedChain.js'
import { partition } from '../wrapper/partition.js'
import { sam } from '../wrapper/sam.js'
import { scheduleFree } from '../wrapper/scheduleFree.js'
import { selectiveTransform } from '../wrapper/selectiveTransform.js'
import { skipLargeUpdates, skipNotFinite } from '../wrapper/skip.js'

/**
 * The factories. What takes a function and nothing else that could be data is not among them: nothing but functions would
 * make it of a description.
 */
export const factories: Readonly<Record<string, unknown>> = {
  acprop,
  adabelief,
  adadelta,
  adafactor,
  adagrad,
  adam,
  adamMini,
  adamuon,
  adamax,
  adamaxw,
  adamw,
  adan,
  adaptiveGradClip,
  addDecayedWeights,
  addNoise,
  ademamix,
  adopt,
  amsgrad,
  applyEvery,
  applyIfFinite,
  centralize,
  chain,
  clip,
  clipByBlockRms,
  clipByGlobalNorm,
  came,
  cocob,
  constantSchedule,
  cosineDecaySchedule,
  cosineOnecycleSchedule,
  dadaptAdamw,
  differentiallyPrivateAggregate,
  dog,
  dowg,
  dpsgd,
  ema,
  exponentialDecay,
  flatten,
  freeze,
  fromage,
  galore,
  hutchinsonEstimatorDiagHessian,
  identity,
  joinSchedules,
  keepParamsNonnegative,
  lamb,
  lars,
  lbfgs,
  linearOnecycleSchedule,
  linearSchedule,
  lion,
  lookahead,
  madgrad,
  masked,
  mechanize,
  momo,
  momoAdam,
  multiSteps,
  muon,
  nadam,
  nadamw,
  namedChain,
  noisySgd,
  normalize,
  normalizeByUpdateNorm,
  normuon,
  novograd,
  optimisticAdam,
  optimisticAdamV2,
  optimisticGradientDescent,
  partition,
  piecewiseConstantSchedule,
  piecewiseInterpolateSchedule,
  polyakSgd,
  polynomialSchedule,
  prodigy,
  radam,
  reduceOnPlateau,
  rmsprop,
  rprop,
  sam,
  scale,
  scaleByAcprop,
  scaleByAdadelta,
  scaleByAdam,
  scaleByAdamMini,
  scaleByAdamax,
  scaleByAdan,
  scaleByAdemamix,
  scaleByAdopt,
  scaleByAmsgrad,
  scaleByBacktrackingLinesearch,
  scaleByBelief,
  scaleByCame,
  scaleByCocob,
  scaleByDistanceOverGradients,
  scaleByFactoredRms,
  scaleByGalore,
  scaleByLbfgs,
  scaleByLeaf,
  scaleByLearningRate,
  scaleByLion,
  scaleByMadgrad,
  scaleByMatrixRms,
  scaleByMuon,
  scaleByNovograd,
  scaleByOptimisticGradient,
  scaleByParamBlockNorm,
  scaleByParamBlockRms,
  scaleByPolyak,
  scaleByRadam,
  scaleByRms,
  scaleByRprop,
  scaleByRss,
  scaleBySchedule,
  scaleBySign,
  scaleBySimplifiedAdemamix,
  scaleBySm3,
  scaleByStddev,
  scaleByTrustRatio,
  scaleByYogi,
  scaleByZoomLinesearch,
  scheduleFree,
  scheduleFreeAdamw,
  scheduleFreeSgd,
  selectiveTransform,
  setToZero,
  sgd,
  sgdrSchedule,
  signSgd,
  signum,
  simplifiedAdemamix,
  skipLargeUpdates,
  // a function of gradients itself, which nothing has to be given
  skipNotFinite: () => skipNotFinite,
  sm3,
  sophia,
  trace,
  warmupConstantSchedule,
  warmupCosineDecaySchedule,
  warmupExponentialDecaySchedule,
  yogi,
  zeroNans,
}
