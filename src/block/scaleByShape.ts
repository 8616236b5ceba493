/** scaleByShape: a factor for each leaf, by the shape of its matrix. */
import { Binary, Const, Gradient } from '../rule/expr.js'
import { identityRule, makeRule } from '../rule/rule.js'
import { noScalars } from '../transform/declared.js'
import { fromRuled } from '../transform/ruled.js'
import type { EmptyState, GradientTransformation, Program, Step } from '../transform/transformation.js'
import { type MatrixAxes, viewBy } from './matrixView.js'

/**
 * Scales orthogonal updates so that one learning rate serves matrices of all shapes: by
 * $\sqrt{\max(1, \text{fan out} / \text{fan in})}$, or, for a root mean square of `consistentRms` whatever the shape,
 * by $\sqrt{\max(\text{fan in}, \text{fan out})}$ times that.
 */
export const scaleByShape = (
  axes: MatrixAxes,
  consistentRms: number | undefined,
): GradientTransformation<EmptyState> => {
  const viewed = viewBy(axes)
  const program: Program = {
    // a shape is structure: leaves of one shape share a rule
    rule: (leaf) => {
      const view = viewed(leaf)
      if (view === null) return identityRule
      const { fanIn, fanOut } = view
      const factor =
        consistentRms === undefined
          ? Math.sqrt(Math.max(1, fanOut / fanIn))
          : Math.sqrt(Math.max(fanIn, fanOut)) * consistentRms
      return makeRule({ slots: {}, next: {}, update: Binary('mul', Const(factor), Gradient) })
    },
    scalars: [],
    slots: [],
    inputs: [],
  }
  const step: Step<EmptyState> = {
    program,
    scalars: [],
    declared: noScalars,
    slots: [],
    inputs: [],
    finish: () => ({}),
    hold: () => ({}),
  }
  return fromRuled({ begin: () => step, resume: () => step })
}
