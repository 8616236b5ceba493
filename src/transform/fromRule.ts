/** fromRule without rows, columns, extra arguments and scalars of leaves, which those who have none need not load. */
import { declareRule } from '../declare/declareRule.js'
import type { RuleSpec, RuleState, Scalars, SlotSpecs } from '../declare/ruleSpec.js'
import { ofRules } from './ofRules.js'
import type { GradientTransformation } from './transformation.js'

/** Makes a transformation from a rule; those with axes, extra arguments or scalars of leaves are for the `fromRule` of `fromAnyRule.ts`. */
export const fromRule = <const L extends SlotSpecs, H extends Scalars>(
  spec: RuleSpec<L, H> & { readonly axes?: never; readonly extraArgs?: never; readonly leafScalars?: never },
): GradientTransformation<RuleState<L, H>> =>
  ofRules({ ...declareRule(spec), call: spec.call ?? ['fromRule', spec] })
