/** The namespace `tree` of the public entry: trees, their arithmetic, and look-ups in states, which are trees. */
export * from '../tree/index.js'
export { type AllcloseOptions, allclose } from './allclose.js'
export {
  add,
  addScale,
  type ClipOptions,
  clip,
  div,
  fullLike,
  mul,
  onesLike,
  scale,
  sub,
  where,
  zerosLike,
} from './arithmetic.js'
export type { Elementwise } from './combine.js'
export { type Batched, batchShape, cast, castLike, type Dtype, type DtypeOptions, dtype } from './dtype.js'
export {
  type Filtering,
  type Found,
  type FoundOr,
  type GetOptions,
  get,
  getAllWithPath,
  type LookupOptions,
  set,
} from './lookup.js'
export { type Initable, type MapParamsOptions, mapParams } from './mapParams.js'
export {
  biasCorrection,
  updateInfinityMoment,
  updateMoment,
  updateMoment as updateMomentPerElemNorm,
} from './moments.js'
export { randomLike, splitKeyLike } from './random.js'
export {
  max,
  min,
  type NormOptions,
  type Numbers,
  norm,
  type Reduction,
  size,
  sum,
  type Tensors,
  vdot,
} from './reduce.js'
