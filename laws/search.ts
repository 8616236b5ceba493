/** Quasi-Newton steps and line searches: what they must find on a parabola. */

import {
  type BacktrackingLinesearchInfo,
  dispose,
  type GradientTransformation,
  type Params,
  tree,
  updateAsync,
  type ValueAndGradFnArgs,
  type ZoomLinesearchInfo,
} from '../src/index.js'
import { type Trial, trial } from './arbitrary.js'
import { decode, encode, precisionOf } from './kind.js'
import type { Law, Tx } from './law.js'
import { compare } from './violation.js'

/**
 * The state of a line search.
 *
 * @category Laws of line searches
 */
export interface SearchState {
  /** The factor of the updates. */
  readonly learningRate: number
  /** The loss after the step. */
  readonly value: number
  /** Its gradient there. */
  readonly grad: Params
  /** How the search went. */
  readonly info: BacktrackingLinesearchInfo | ZoomLinesearchInfo
}

/**
 * Descends by a line search on a paraboloid with the given gradient at the parameters and the second derivative
 * `curvature` everywhere: $\langle g, q - p\rangle + \frac{c}{2} \lVert q - p\rVert^2$.
 *
 * Its minimum is $p - g / c$. The state does not include the gradient that the search stores: it is that of the next
 * parameters, and belongs to no leaf.
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
  /** The direction, and the arguments of the search. */
  const asked = <P extends Params>(grads: P, from: Params) => {
    const valueAndGradFn = (at: Params) => {
      const moved = tree.sub<Params>(at, from)
      const [along, square] = [tree.vdot(grads, moved), tree.norm(moved, { squared: true })]
      const value = tree.addScale(along, curvature / 2, square)
      const gradient = tree.addScale<Params>(grads, curvature, moved)
      dispose(moved, along, square)
      return { value, grads: gradient }
    }
    return { descent: tree.scale<P>(-1, grads), given: { value: 0, grad: grads, valueAndGradFn } }
  }
  return {
    init: (params) => withoutGrad(search.init(params)),
    update: <P extends Params>(grads: P, state: S, params: Params = null) => {
      const { descent, given } = asked(grads, params)
      const [updates, next] = search.update<P>(descent, state, params, given)
      dispose(descent)
      return [updates, withoutGrad(next)] as const
    },
    updateAsync: async <P extends Params>(grads: P, state: S, params: Params = null) => {
      const { descent, given } = asked(grads, params)
      const [updates, next] = await updateAsync(search)<P>(descent, state, params, given)
      dispose(descent)
      return [updates, withoutGrad(next)] as const
    },
  }
}

/**
 * The secant equation $H y = s$: after a step with a zero gradient, the gradient is the difference of gradients, and
 * the update is the difference of parameters.
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
  conditions: `in float64, to 1e-9 of the leaf's greatest element: a gradient that is long for its way amplifies rounding`,
  kinds: ['number', 'float64'],
  arbitrary: (kind) => trial(kind, { grads: 'positive', params: 'positive', minSize: 1 }),
  predicate: (tx, { params, grads }, kind) => {
    const [last = null, ...before] = grads
    const to = encode(kind)(params)
    const zero = tree.zerosLike<Params>(to)
    let state = tx.init(to)
    // down to the minimum of ‖p‖²/2, the gradient of which is p
    for (const at of [...before.map(encode(kind)), zero]) state = tx.update<Params>(at, state, at)[1]
    const [update] = tx.update<Params>(encode(kind)(last), state, to)
    return compare('update', params, decode(params, update), { ulps: 8, floor: 1e-9 }, precisionOf(kind))
  },
}
