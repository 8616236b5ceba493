/** projectionL2Ball and projectionL2Sphere: a Euclidean norm over the whole tree. */
import { norm, size } from '../declare/reduction.js'
import type { Params } from '../rule/leaf.js'
import { lengthened } from '../rule/ratio.js'
import { select } from '../rule/term.js'
import { statelessRule } from '../transform/statelessRule.js'
import { checkScale, type Projected, project } from './project.js'

/**
 * The nearest tree with the Euclidean norm `scale` over all leaves, by default 1: $x \cdot \frac{r}{\|x\|_2}$, where
 * $r$ is `scale`.
 *
 * To a tree of zeros all points of the sphere are equally near; the result is the one with equal elements, where
 * Optax gives NaN. Throws `InvalidArgument` for a negative `scale`.
 *
 * @category Projections
 * @see Optax, `projection_l2_sphere`
 * @example
 * ```ts
 * import { projections } from 'gradpipe'
 *
 * assert.deepEqual(projections.projectionL2Sphere({ w: 3, b: 4 }, 10), { w: 6, b: 8 })
 * ```
 */
export const projectionL2Sphere = <P extends Params>(tree: P, scale = 1): Projected<P> => {
  checkScale('projectionL2Sphere.scale', scale)
  return project('projectionL2Sphere', onSphere({ scale }), tree)
}

const onSphere = /* @__PURE__ */ statelessRule(
  ({ g }, { scale }) => {
    const total = norm(g, 'tree')
    const none = total.eq(0)
    const long = lengthened(g, select(none, 1, total), scale)
    return { update: long.add(select(none, scale.div(size('tree').sqrt()), 0)) }
  },
  ['scale'],
)

/**
 * The nearest tree with a Euclidean norm of at most `scale` over all leaves, by default 1:
 * $x \cdot \min(1, \frac{r}{\|x\|_2})$, where $r$ is `scale`.
 *
 * A tree in the ball stays as it is. Throws `InvalidArgument` for a negative `scale`.
 *
 * @category Projections
 * @see Boyd and Vandenberghe, Convex Optimization, 2004, section 8.1; Optax, `projection_l2_ball`
 * @example
 * ```ts
 * import { projections } from 'gradpipe'
 *
 * assert.deepEqual(projections.projectionL2Ball({ w: 3, b: 4 }, 2.5), { w: 1.5, b: 2 })
 * assert.deepEqual(projections.projectionL2Ball({ w: 3, b: 4 }, 6), { w: 3, b: 4 })
 * ```
 */
export const projectionL2Ball = <P extends Params>(tree: P, scale = 1): Projected<P> => {
  checkScale('projectionL2Ball.scale', scale)
  return project('projectionL2Ball', inBall({ scale }), tree)
}

const inBall = /* @__PURE__ */ statelessRule(
  ({ g }, { scale }) => {
    const total = norm(g, 'tree')
    return { update: lengthened(g, total, scale, [total.le(scale), 1]) }
  },
  ['scale'],
)
