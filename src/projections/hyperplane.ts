/** projectionVector, projectionHyperplane and projectionHalfspace: onto sets that one direction defines. */
import { sum } from '../declare/reduction.js'
import { GradpipeError } from '../error.js'
import type { Params } from '../rule/leaf.js'
import { select, type Term } from '../rule/term.js'
import { statelessRule } from '../transform/statelessRule.js'
import { type Projected, project } from './project.js'

/** s / ⟨a, a⟩, and 0 where a is zero. */
const alongNormal = (s: Term<'tree'>, a: Term<'element'>): Term<'tree'> => {
  const squared = sum(a.square(), 'tree')
  const none = squared.eq(0)
  return select(none, 0, s.div(select(none, 1, squared)))
}

const checkOffset = (path: string, b: number): void => {
  if (typeof b === 'number' && !Number.isNaN(b)) return
  throw new GradpipeError('InvalidArgument', path, 'a number', String(b))
}

/**
 * The nearest multiple of a tree $a$ of the same structure: $\frac{\langle x, a \rangle}{\langle a, a \rangle} a$.
 *
 * If $a = 0$, the only multiple is 0; Optax gives NaN. Throws `TreeMismatch`, `ShapeMismatch` or `DtypeMismatch` if
 * the trees differ.
 *
 * @category Projections
 * @see Optax, `projection_vector`
 * @example
 * ```ts
 * import { projections } from 'gradpipe'
 *
 * assert.deepEqual(projections.projectionVector([2, 4], [1, 1]), [3, 3])
 * ```
 */
export const projectionVector = <P extends Params>(x: P, a: Params): Projected<P> => {
  return project('projectionVector', onVector({}), x, ['a', a])
}

const onVector = /* @__PURE__ */ statelessRule(({ g, p }) => ({
  update: p.mul(alongNormal(sum(g.mul(p), 'tree'), p)),
}))

/**
 * The nearest tree with inner product $b$ with a tree $a$, over all leaves:
 * $x + \frac{b - \langle x, a \rangle}{\langle a, a \rangle} a$.
 *
 * If $a = 0$ there is no such plane, and the tree stays as it is; Optax gives NaN. Throws `InvalidArgument` if $b$ is
 * not a number, and `TreeMismatch`, `ShapeMismatch` or `DtypeMismatch` if the trees differ.
 *
 * @category Projections
 * @see Boyd and Vandenberghe, Convex Optimization, 2004, section 8.1; Optax, `projection_hyperplane`
 * @example
 * ```ts
 * import { projections } from 'gradpipe'
 *
 * assert.deepEqual(projections.projectionHyperplane([2, 4], [1, 1], 4), [1, 3])
 * ```
 */
export const projectionHyperplane = <P extends Params>(x: P, a: Params, b: number): Projected<P> => {
  checkOffset('projectionHyperplane.b', b)
  return project('projectionHyperplane', onHyperplane({ b }), x, ['a', a])
}

const onHyperplane = /* @__PURE__ */ statelessRule(
  ({ g, p }, { b }) => ({ update: g.add(p.mul(alongNormal(b.sub(sum(g.mul(p), 'tree')), p))) }),
  ['b'],
)

/**
 * The nearest tree whose inner product with a tree $a$, over all leaves, is at most the number $b$:
 * $x + \min(0, \frac{b - \langle x, a \rangle}{\langle a, a \rangle}) a$.
 *
 * A tree in the halfspace stays as it is. So does every tree if $a = 0$, where Optax gives NaN. Throws like
 * {@link projectionHyperplane}.
 *
 * @category Projections
 * @see Boyd and Vandenberghe, Convex Optimization, 2004, section 8.1; Optax, `projection_halfspace`
 * @example
 * ```ts
 * import { projections } from 'gradpipe'
 *
 * assert.deepEqual(projections.projectionHalfspace([2, 4], [1, 1], 4), [1, 3])
 * assert.deepEqual(projections.projectionHalfspace([2, 4], [1, 1], 7), [2, 4])
 * ```
 */
export const projectionHalfspace = <P extends Params>(x: P, a: Params, b: number): Projected<P> => {
  checkOffset('projectionHalfspace.b', b)
  return project('projectionHalfspace', inHalfspace({ b }), x, ['a', a])
}

const inHalfspace = /* @__PURE__ */ statelessRule(
  ({ g, p }, { b }) => ({ update: g.add(p.mul(alongNormal(b.sub(sum(g.mul(p), 'tree')), p).min(0))) }),
  ['b'],
)
