/** fromRule without rows and columns, which those who have none need not load. */
import { declareRule } from './declareRule.js'
import { fromRuled } from './ruled.js'
import type { RuleExtraArgs, RuleSpec, RuleState, Scalars, SlotSpecs } from './ruleSpec.js'
import type { GradientTransformation } from './transformation.js'

/** Makes a transformation from a rule; what is a function of a leaf, `fromRuleByAxes.ts` takes alone. */
export const fromRule = <const L extends SlotSpecs, H extends Scalars, const E extends string = never>(
  spec: RuleSpec<L, H, E> & { readonly axes?: never; readonly leafScalars?: never },
): GradientTransformation<RuleState<L, H>, RuleExtraArgs<E>> =>
  fromRuled({ ...declareRule(spec), call: spec.call ?? ['fromRule', spec] })
