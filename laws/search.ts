/** Quasi-Newton steps and line searches: what they know of a parabola. */

import {
  applyUpdates,
  type BacktrackingLinesearchInfo,
  dispose,
  type GradientTransformation,
  type Params,
  type ValueAndGradFnArgs,
  tree,
  type ZoomLinesearchInfo,
} from '../src/index.js'
import { type Trial, trial } from './arbitrary.js'
import { allKinds, decode, encode, precisionOf } from './kind.js'
import type { Law, Tx } from './law.js'
import { compare, within } from './violation.js'

/**
 * What line searches keep.
 *
 * @category Laws of line searches
 */
export interface SearchState {
  /** By what the updates were multiplied. */
  readonly learningRate: number
  /** The loss after the step. */
  readonly value: number
  /** Its gradient there. */
  readonly grad: Params
  /** How the search went. */
  readonly info: BacktrackingLinesearchInfo | ZoomLinesearchInfo
}

/**
 * Descends by a line search on the paraboloid whose gradient at the parameters is the one that is given, and whose second
 * derivative is `curvature` everywhere: $\langle g, q - p\rangle + \frac{c}{2} \lVert q - p\rVert^2$.
 *
 * Its minimum is $p - g / c$. The gradient that the search stores is left out of the state: it is that of the next parameters, and
 * no leaf's own.
 *
 * @category Laws of line searches
 * @example
 * ```ts
 * import { scaleByZoomLinesearch } from 'gradpipe'
 * import { onParaboloid } from 'gradpipe/laws'
 *
 * const tx = onParaboloid(4, scaleByZoomLinesearch(10))
 * const [update] = tx.update(8, tx.init(1), 1)
 * assert.ok(Math.abs(update + 2) < 1e-12)
 * ```
 */
export const onParaboloid = <S extends SearchState>(
  curvature: number,
  search: GradientTransformation<S, ValueAndGradFnArgs>,
): GradientTransformation<S> => {
  const withoutGrad = (state: S): S => {
    dispose(state.grad)
    return { ...state, grad: null }
  }
  return {
    init: (params) => withoutGrad(search.init(params)),
    update: <P extends Params>(grads: P, state: S, params?: Params) => {
      const from = params ?? null
      const valueAndGradFn = (at: Params) => {
        const moved = tree.sub<Params>(at, from)
        const [along, square] = [tree.vdot(grads, moved), tree.norm(moved, { squared: true })]
        const value = tree.addScale(along, curvature / 2, square)
        const gradient = tree.addScale<Params>(grads, curvature, moved)
        dispose(moved, along, square)
        return { value, grads: gradient }
      }
      const descent = tree.scale<P>(-1, grads)
      const given = { value: 0, grad: grads, valueAndGradFn }
      const [updates, next] = search.update<P>(descent, state, from, given)
      dispose(descent)
      return [updates, withoutGrad(next)] as const
    },
  }
}

/**
 * The secant equation $H y = s$: after a step at which the gradient was zero, the gradient is the difference of
 * gradients, and what comes out is the difference of parameters.
 *
 * @category Laws of line searches
 * @example
 * ```ts
 * import { scaleByLbfgs } from 'gradpipe'
 * import { checkLaws, secant } from 'gradpipe/laws'
 *
 * checkLaws(scaleByLbfgs({ memorySize: 3 }), [secant], { runs: 20 })
 * ```
 */
export const secant: Law<Tx, Trial> = {
  name: 'secant',
  statement:
    'after a zero gradient, the update is the way that the parameters have gone, whatever happened before',
  conditions:
    'gradients that do not stand upright on that way; 8 ulps, or so many roundings of the greatest element',
  kinds: allKinds,
  arbitrary: (kind) => trial(kind, { grads: 'positive', params: 'positive', minSize: 1 }),
  predicate: (tx, { params, grads }, kind) => {
    const [to = null, ...before] = grads
    let [at, state]: readonly [Params, unknown] = [encode(kind)(params), tx.init(encode(kind)(params))]
    for (const gradient of before) {
      state = tx.update<Params>(encode(kind)(gradient), state, at)[1]
      at = applyUpdates<Params>(at, encode(kind)(gradient))
    }
    const zero = tree.zerosLike<Params>(at)
    ;[, state] = tx.update<Params>(zero, state, at)
    // along the gradient: its product with the way is positive
    const way = encode(kind)(to)
    const [update] = tx.update<Params>(way, state, applyUpdates<Params>(at, way))
    const gone = tree.sub<Params>(applyUpdates<Params>(at, way), at)
    const tolerance = within(8)
    return compare('update', decode(params, gone), decode(params, update), tolerance, precisionOf(kind))
  },
}
