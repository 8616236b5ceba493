/**
 * gradpipe/laws: what transformations must fulfil, as values that any test runner can try.
 *
 * @packageDocumentation
 */
export * from './agreement.js'
export * from './arbitrary.js'
export * from './block.js'
export * from './catalogue.js'
export * from './closedForm.js'
export * from './composition.js'
export * from './equivariance.js'
export * from './every.js'
export * from './follow.js'
export {
  allKinds,
  arrayKinds,
  decode,
  encode,
  type Kind,
  type Precision,
  precisionOf,
  readTree,
} from './kind.js'
export * from './law.js'
export * from './schedule.js'
export * from './tree.js'
export * from './ulp.js'
export * from './violation.js'
