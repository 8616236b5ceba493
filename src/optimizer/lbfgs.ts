/** lbfgs: L-BFGS with a line search, for losses that are the same in every step. */

import { type CountState, scale } from '../block/scale.js'
import { type ScaleByLbfgsOptions, type ScaleByLbfgsState, scaleByLbfgs } from '../block/scaleByLbfgs.js'
import { type LearningRate, scaleByLearningRate } from '../block/scaleByLearningRate.js'
import { hyperparameters } from '../declare/hyperparameters.js'
import { inNameOf } from '../options.js'
import { orNull, transformation } from '../range.js'
import type { ValueAndGradFnArgs } from '../search/extraArgs.js'
import { type ScaleByZoomLinesearchState, scaleByZoomLinesearch } from '../search/scaleByZoomLinesearch.js'
import { chain } from '../transform/chain.js'
import { identity } from '../transform/identity.js'
import type { EmptyState, GradientTransformation } from '../transform/transformation.js'

/**
 * Options of {@link lbfgs}.
 *
 * @category Optimizers
 */
export interface LbfgsOptions<L, X> extends ScaleByLbfgsOptions {
  /** Chooses the length of the step; with `null`, the learning rate does. */
  readonly linesearch?: GradientTransformation<L, X> | null
}

/**
 * State of {@link lbfgs}: the history, what scales, and the line search, of state `L`.
 *
 * @category Optimizers
 */
export type LbfgsState<L> = readonly [ScaleByLbfgsState, EmptyState | CountState, L]

/**
 * L-BFGS: steps along the gradient times an approximate inverse Hessian, of a length that a line search chooses.
 *
 * $$u_t = -\alpha_t\, \eta\, H_t g_t$$
 *
 * $H_t$ is that of {@link scaleByLbfgs}, $\eta$ the learning rate, $\alpha_t$ what the line search finds.
 *
 * Use it for a loss that is the same function in every step, not for one of changing batches: a fit, an inverse
 * problem, a network on all of its data. The learning rate (default 1) multiplies the direction before the line
 * search; it is meant for use without one.
 *
 * The line search, by default `scaleByZoomLinesearch(20, { initialGuessStrategy: 'one' })`, says which extra arguments
 * `update` needs: `value`, `grad` and `valueAndGradFn`. `valueAndGradFromState` gives the first two.
 *
 * Throws `InvalidArgument` for a `memorySize` that is not a whole number of at least 1.
 *
 * @category Optimizers
 * @see Liu and Nocedal, On the limited memory BFGS method for large scale optimization, 1989; Optax, `lbfgs`
 * @example
 * ```ts
 * import { applyUpdates, lbfgs, valueAndGradFromState } from 'gradpipe'
 *
 * // Rosenbrock's valley, whose minimum is at (1, 1)
 * const valueAndGradFn = ({ x, y }: { x: number; y: number }) => ({
 *   value: (1 - x) ** 2 + 100 * (y - x * x) ** 2,
 *   grads: { x: 2 * (x - 1) - 400 * x * (y - x * x), y: 200 * (y - x * x) },
 * })
 * const valueAndGrad = valueAndGradFromState(valueAndGradFn)
 * const tx = lbfgs()
 * let params = { x: -1.2, y: 1 }
 * let state = tx.init(params)
 * for (let i = 0; i < 50; i++) {
 *   const { value, grads } = valueAndGrad(params, state)
 *   const [updates, next] = tx.update(grads, state, params, { value, grad: grads, valueAndGradFn })
 *   params = applyUpdates(params, updates)
 *   state = next
 * }
 * assert.ok(Math.hypot(params.x - 1, params.y - 1) < 1e-6)
 * ```
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs-core'
 * import { dispose, lbfgs, stepAsync } from 'gradpipe'
 * import { valueAndGrad } from 'gradpipe/tfjs'
 *
 * // tensors, never waiting for the device
 * const valueAndGradFn = valueAndGrad((p: { w: tf.Tensor1D }) => tf.sum(tf.square(tf.sub(p.w, [1, 2]))))
 * const tx = lbfgs()
 * let params = { w: tf.tensor1d([5, -5]) }
 * let state = tx.init(params)
 * for (let i = 0; i < 3; i++) {
 *   const { value, grads } = valueAndGradFn(params)
 *   const extraArgs = { value, grad: grads, valueAndGradFn }
 *   ;[params, state] = await stepAsync(tx, { donate: true })(params, state, grads, extraArgs)
 *   value.dispose()
 * }
 * const [x = 0, y = 0] = await params.w.data()
 * assert.ok(Math.hypot(x - 1, y - 2) < 1e-3)
 * dispose(params, state)
 * ```
 */
export function lbfgs<L, X>(
  learningRate: LearningRate | undefined,
  given: LbfgsOptions<L, X> & { readonly linesearch: GradientTransformation<L, X> },
): GradientTransformation<LbfgsState<L>, X>
export function lbfgs(
  learningRate: LearningRate | undefined,
  given: LbfgsOptions<EmptyState, unknown> & { readonly linesearch: null },
): GradientTransformation<LbfgsState<EmptyState>>
export function lbfgs(
  learningRate?: LearningRate,
  given?: ScaleByLbfgsOptions,
): GradientTransformation<LbfgsState<ScaleByZoomLinesearchState>, ValueAndGradFnArgs>
export function lbfgs(
  learningRate?: LearningRate,
  given?: LbfgsOptions<unknown, never>,
): GradientTransformation<LbfgsState<unknown>, never> {
  const { linesearch, ...memory } = hyperparameters(
    'lbfgs',
    { memorySize: 10, scaleInitPrecond: true, linesearch: undefined },
    given,
    { linesearch: orNull(transformation) },
  )
  return inNameOf('lbfgs', [learningRate, given], () =>
    chain(
      scaleByLbfgs(memory),
      learningRate === undefined ? scale(-1) : scaleByLearningRate(learningRate),
      linesearch === null
        ? identity()
        : (linesearch ?? scaleByZoomLinesearch(20, { initialGuessStrategy: 'one' })),
    ),
  )
}
