/**
 * gradpipe/laws: laws that transformations must satisfy, as values that any test runner can check.
 *
 * @module gradpipe/laws
 */
import '../src/tfjs/index.js'

export { type Agreement, interpretersAgree } from './agreement.js'
export {
  type Elements,
  elements,
  powerOfTwo,
  type Trial,
  type TrialOptions,
  treeOf,
  trial,
} from './arbitrary.js'
export { Block } from './block.js'
export type { CatalogueRow } from './catalogue/row.js'
export { catalogue, lawsOf, universalLaws } from './catalogue.js'
export {
  averaged,
  boundScales,
  type ClosedForm,
  closedForm,
  decoupledDecay,
  everyUpdate,
  globalNormAtMost,
  globalNormIs,
  idempotentWithin,
  nondecreasing,
  type Point,
  type PowerCase,
  rowMeansVanish,
  type Sameness,
  type Signal,
  sameAs,
  swinging,
  type UpdateBound,
  updateNormIsRatio,
  varied,
  zeroGradient,
} from './closedForm.js'
export {
  type Between,
  type ByLearningRate,
  chainIsAssociative,
  compositionLaws,
  type FactorsCase,
  frozenStay,
  fusedIsUnfused,
  identityIsNeutral,
  injectedHyperparams,
  type Labelled,
  maskedAll,
  maskedNone,
  partitionRestricts,
  type RatesCase,
  scaleHomomorphism,
  scheduleIsInjected,
} from './composition.js'
export { donatedStepIsStep } from './donation.js'
export {
  additivity,
  concatenation,
  concatenationWithin,
  coordinateReflection,
  coordinateScaleInvariance,
  homogeneity,
  leafwise,
  orthogonalEquivariance,
  type Permuted,
  permutationEquivariance,
  permutationWithin,
  type RotationCase,
  reflection,
  regrouping,
  reshape,
  type Scaled,
  type SignsCase,
  scaleInvariance,
  scaleInvarianceOn,
  signInvariance,
} from './equivariance.js'
export {
  everyLaw,
  keyOrder,
  noGradientNoChange,
  nullPassesThrough,
  stateIsPlainData,
  stepUpdatesAndApplies,
  updateIsPure,
} from './every.js'
export { follow, type Run } from './follow.js'
export { allKinds, decode, encode, type Kind, type Precision, readTree } from './kind.js'
export {
  checkLaws,
  type Law,
  type LawFails,
  type LawHolds,
  type LawResult,
  type RunOptions,
  runLaws,
  showFailure,
  type Tx,
  type TxLaw,
} from './law.js'
export { type LeafForm, type LeafPoint, leafForm } from './leafForm.js'
export {
  joins,
  multiplicative,
  neverRises,
  pointSymmetric,
  sameSchedule,
  startsAt,
  staysFrom,
} from './schedule.js'
export { onParaboloid, type SearchState, secant } from './search.js'
export { steadyStaysFinite } from './steady.js'
export { equality, flattening, foldable, functor, type TreeInstances, traversable, treeLaws } from './tree.js'
export { getUlpEq, ulpDistance } from './ulp.js'
export {
  broken,
  compare,
  equally,
  exactly,
  firstOf,
  type Tolerance,
  unless,
  type Violation,
  within,
} from './violation.js'
export { type Walk, type Written, walksAs } from './walk.js'
