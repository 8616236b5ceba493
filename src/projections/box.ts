/** projectionBox and its special cases: every element within its own bounds. */
import { GradpipeError } from '../error.js'
import { dispose } from '../program/dispose.js'
import type { Params } from '../rule/leaf.js'
import { statelessRule } from '../transform/statelessRule.js'
import { checkScale, type Projected, project } from './project.js'

const between = /* @__PURE__ */ statelessRule(
  ({ g }, { lower, upper }) => ({ update: g.max(lower).min(upper) }),
  ['lower', 'upper'],
)
const atLeast = /* @__PURE__ */ statelessRule(({ g, p }) => ({ update: g.max(p) }))
const atMost = /* @__PURE__ */ statelessRule(({ g, p }) => ({ update: g.min(p) }))

const boxed = <P extends Params>(
  name: string,
  tree: P,
  lower: Params,
  [upperName, upper]: readonly [name: string, bound: Params],
): Projected<P> => {
  if (typeof lower === 'number' && typeof upper === 'number') {
    if (lower <= upper) return project(name, between({ lower, upper }), tree)
    throw new GradpipeError('InvalidArgument', `${name}.${upperName}`, `at least ${lower}`, String(upper))
  }
  const raised =
    typeof lower === 'number'
      ? project(name, between({ lower, upper: Number.POSITIVE_INFINITY }), tree)
      : project(name, atLeast({}), tree, ['lower', lower])
  try {
    // of the type of the tree that it was made of
    return (
      typeof upper === 'number'
        ? project<Params>(name, between({ lower: Number.NEGATIVE_INFINITY, upper }), raised)
        : project<Params>(name, atMost({}), raised, [upperName, upper])
    ) as Projected<P>
  } finally {
    dispose(raised)
  }
}

/**
 * The nearest tree whose elements lie between two bounds: $\min(\max(x, l), u)$.
 *
 * A bound is a number for all elements, or a tree like the given one with a bound for each. Throws `InvalidArgument`
 * for a lower bound above the upper one, and `TreeMismatch`, `ShapeMismatch` or `DtypeMismatch` if a tree of bounds
 * does not fit.
 *
 * @category Projections
 * @see Boyd and Vandenberghe, Convex Optimization, 2004, section 8.1; Optax, `projection_box`
 * @example
 * ```ts
 * import { projections } from 'gradpipe'
 *
 * assert.deepEqual(projections.projectionBox({ w: -3, b: [0.5, 7] }, 0, 1), { w: 0, b: [0.5, 1] })
 * assert.deepEqual(projections.projectionBox([5, 5], [0, 1], [2, 9]), [2, 5])
 * ```
 */
export const projectionBox = <P extends Params>(tree: P, lower: Params, upper: Params): Projected<P> =>
  boxed('projectionBox', tree, lower, ['upper', upper])

/**
 * The nearest tree whose elements lie from 0 to `scale`: $\min(\max(x, 0), s)$. `scale` is a number of at least 0 or
 * a tree of such numbers; 1 by default. Throws like {@link projectionBox}.
 *
 * @category Projections
 * @see Optax, `projection_hypercube`
 * @example
 * ```ts
 * import { projections } from 'gradpipe'
 *
 * assert.deepEqual(projections.projectionHypercube([-1, 0.5, 3]), [0, 0.5, 1])
 * ```
 */
export const projectionHypercube = <P extends Params>(tree: P, scale: Params = 1): Projected<P> =>
  boxed('projectionHypercube', tree, 0, ['scale', scale])

/**
 * The nearest tree with no absolute value above `scale`, by default 1: $\min(\max(x, -s), s)$.
 *
 * Throws `InvalidArgument` for a negative `scale`.
 *
 * @category Projections
 * @see Optax, `projection_linf_ball`
 * @example
 * ```ts
 * import { projections } from 'gradpipe'
 *
 * assert.deepEqual(projections.projectionLinfBall([-3, 0.5, 3], 2), [-2, 0.5, 2])
 * ```
 */
export const projectionLinfBall = <P extends Params>(tree: P, scale = 1): Projected<P> => {
  checkScale('projectionLinfBall.scale', scale)
  return boxed('projectionLinfBall', tree, -scale, ['scale', scale])
}

/**
 * The nearest tree without negative elements: $\max(x, 0)$.
 *
 * @category Projections
 * @see Optax, `projection_non_negative`
 * @example
 * ```ts
 * import { projections } from 'gradpipe'
 *
 * assert.deepEqual(projections.projectionNonNegative([-3, 0.5]), [0, 0.5])
 * ```
 */
export const projectionNonNegative = <P extends Params>(tree: P): Projected<P> =>
  boxed('projectionNonNegative', tree, 0, ['upper', Number.POSITIVE_INFINITY])
