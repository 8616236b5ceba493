/** fromRule of users: of any rule, with rows and columns and with extra arguments. */
import { declareAnyRule } from '../declare/declareAnyRule.js'
import type { RuleExtraArgs, RuleSpec, RuleState, Scalars, SlotSpecs } from '../declare/ruleSpec.js'
import { ofRules } from './ofRules.js'
import type { GradientTransformation } from './transformation.js'

/**
 * Makes a transformation from a rule.
 *
 * The rule is data: the transformation runs on numbers, typed arrays and tensors, and fuses with its neighbours in a
 * chain. Scalars are passed at run time, so one compiled rule serves every value of a hyperparameter. A subterm with
 * only scalars and constants is computed on the host, in float64.
 *
 * An extra argument that is a number is one more scalar; the kernel reads a tensor in its place.
 *
 * Throws `InvalidArgument` for a name that is taken, for a scalar that is not a number, for a result that is not a
 * term, and for a comparison that is not used: to JavaScript's own `?:` every condition is true, so write
 * `select(g.gt(0), a, b)` instead of `g.gt(0) ? a : b`.
 *
 * @category Rules
 * @example
 * ```ts
 * import { constant, fromRule, mix, zeros } from 'gradpipe'
 *
 * const rmsprop = fromRule({
 *   slots: { nu: zeros },
 *   scalars: ({ t }) => ({ b: 0.9, eps: 1e-8, lr: 0.1, t }),
 *   step: ({ g, nu }, { b, eps, lr, t }) => {
 *     const next = mix(b, nu, g.square())
 *     const corrected = next.div(constant(1).sub(b.pow(t)))
 *     return { update: g.div(corrected.sqrt().add(eps)).mul(lr).neg(), nu: next }
 *   },
 * })
 * const [update, state] = rmsprop.update(-3, rmsprop.init(1))
 * assert.ok(Math.abs(update - 0.1) < 1e-9)
 * assert.equal(state.count, 1)
 * ```
 */
export const fromRule = <
  const L extends SlotSpecs,
  H extends Scalars,
  const E extends string = never,
  const N extends string = never,
>(
  spec: RuleSpec<L, H, E, never, N>,
): GradientTransformation<RuleState<L, H>, RuleExtraArgs<E>> =>
  ofRules({ ...declareAnyRule(spec), call: spec.call ?? ['fromRule', spec] })
