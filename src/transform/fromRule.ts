/** fromRule without rows and columns, which those who have none need not load. */
import { declareRule } from './declareRule.js'
import { ofRules } from './ofRules.js'
import type { RuleExtraArgs, RuleSpec, RuleState, Scalars, SlotSpecs } from './ruleSpec.js'
import type { GradientTransformation } from './transformation.js'

/** Makes a transformation from a rule; {@link RuleSpec.axes} are for the `fromRule` of `fromRuleByAxes.ts` alone. */
export const fromRule = <const L extends SlotSpecs, H extends Scalars, const E extends string = never>(
  spec: RuleSpec<L, H, E> & { readonly axes?: never },
): GradientTransformation<RuleState<L, H>, RuleExtraArgs<E>> =>
  ofRules({ ...declareRule(spec), call: spec.call ?? ['fromRule', spec] })
