/** ofMatrices: a rule of matrices, for leaves of which each says where it has them. */
import { GradpipeError } from '../error.js'
import { Orthogonal } from '../rule/expr.js'
import { remember, rememberNamed } from '../rule/intern.js'
import type { LeafSpec } from '../rule/leaf.js'
import type { MatrixSides } from '../rule/matrices.js'
import { identityRule, makeRule, type Rule, rewriteRule } from '../rule/rule.js'
import { fromRuled } from './ruled.js'
import type { GradientTransformation, Program, Step } from './transformation.js'

/** A rule whose factors are of the matrices with these sides. */
const bound = rememberNamed((rule: Rule, key): Rule => {
  // what ofMatrices has printed
  const sides = JSON.parse(key) as MatrixSides
  return makeRule(
    rewriteRule(
      (node) => node,
      undefined,
      ({ by, view }, arg, eps) => Orthogonal(by, view ?? sides, arg(), eps()),
    )(rule),
  )
})

/** A rule for leaves with matrices, whose sides are told: others pass unchanged and have no state. */
export const ofMatrices = <S>(
  tx: GradientTransformation<S>,
  sidesOf: (leaf: LeafSpec) => MatrixSides | null,
): GradientTransformation<S> => {
  const { ruled } = tx
  if (ruled === undefined) throw new GradpipeError('InvalidArgument', 'ofMatrices', 'a rule', 'ordinary code')
  const restricted = remember(
    (program: Program): Program => ({
      ...program,
      rule: (leaf) => {
        const sides = sidesOf(leaf)
        return sides === null ? identityRule : bound(program.rule(leaf), JSON.stringify(sides))
      },
    }),
  )
  const restrict = (step: Step<S>): Step<S> => ({ ...step, program: restricted(step.program) })
  return fromRuled({
    reads: ruled.reads,
    begin: () => restrict(ruled.begin()),
    resume: (state, at, extraArgs) => restrict(ruled.resume(state, at, extraArgs)),
  })
}
