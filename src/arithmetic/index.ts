/** The namespace `tree` of the public entry: trees, their arithmetic, and look-ups in states, which are trees. */
export * from '../tree/index.js'
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
export {
  biasCorrection,
  updateInfinityMoment,
  updateMoment,
  updateMoment as updateMomentPerElemNorm,
} from './moments.js'
export { max, min, type NormOptions, norm, type Reduction, size, sum, vdot } from './reduce.js'
