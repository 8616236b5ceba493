/** scaleByShape: a factor for each leaf, by the shape of its matrix. */
import { type MatrixAxes, rowsBy, viewBy } from '../declare/matrixView.js'
import { fromRule } from '../transform/fromAnyRule.js'
import type { EmptyState, GradientTransformation } from '../transform/transformation.js'

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
  return fromRule({
    axes: rowsBy(axes),
    slots: {},
    scalars: {},
    leafScalars: {
      factor: (leaf) => {
        // leaves without a view have no factor
        const { fanIn, fanOut } = viewed(leaf) ?? { fanIn: 1, fanOut: 1 }
        return consistentRms === undefined
          ? Math.sqrt(Math.max(1, fanOut / fanIn))
          : Math.sqrt(Math.max(fanIn, fanOut)) * consistentRms
      },
    },
    step: ({ g }, { factor }) => ({ update: factor.mul(g) }),
  })
}
