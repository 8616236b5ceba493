/** sam: gradients from where the loss is worst nearby. */
import { hyperparameters } from '../declare/hyperparameters.js'
import { called } from '../options.js'
import { checkRanges, steps, transformation } from '../range.js'
import { fromRuled } from '../transform/ruled.js'
import type { GradientTransformation, NoExtraArgs } from '../transform/transformation.js'
import { samInOne, samOfProcesses } from './samProcess.js'
import { samOfRules } from './samRules.js'
import type { SamExtraArgs, SamOptions, SamState } from './samState.js'

export type { SamExtraArgs, SamOptions, SamState } from './samState.js'

/**
 * Sharpness-aware minimization: climbs the loss with an adversarial optimizer, then steps from the starting point
 * with the gradient from the top.
 *
 * $$\theta_{t+1} = \theta_t + u\bigl(\nabla f(\theta_t - a(\nabla f(\theta_t)))\bigr)$$
 *
 * where $u$ are the updates of the optimizer and $a$ those of the adversarial one, usually a short step along the
 * normalized gradient.
 *
 * Every `update` is one of `syncPeriod` steps: all but the last move the parameters by $-a$, the last one moves them
 * back and by $u$. So evaluate only the parameters after every `syncPeriod` steps (`state.cache` holds the latest
 * until the next update). In `opaqueMode` one `update` makes all of these steps, and calls `gradFn(params, i)` for
 * the gradients after each adversarial step, `syncPeriod - 1` times: for models with a state of their own, such as
 * averages over batches. A `gradFn` that returns a promise is for `updateAsync`.
 *
 * Around optimizers that are made of rules every step is a rule, and fuses. With `syncPeriod` 1 it is the optimizer
 * itself; Optax then steps from the parameters before the last step. There is no counterpart of Optax's
 * `batch_axis_name`.
 *
 * Throws `InvalidArgument` unless `syncPeriod` is an integer of at least 1; in opaque mode `MissingArgument` without
 * `gradFn`. Needs the parameters.
 *
 * @category Wrappers
 * @see Foret et al., Sharpness-Aware Minimization for Efficiently Improving Generalization, 2021; Optax, `contrib.sam`
 * @example
 * ```ts
 * import { sam, sgd, step } from 'gradpipe'
 *
 * // of w²/2 the gradient is w
 * const tx = sam(sgd(0.5), sgd(0.25))
 * let [w, state] = [2, tx.init(2)]
 * ;[w, state] = step(tx)(w, state, w)
 * assert.equal(w, 2.5)
 * ;[w, state] = step(tx)(w, state, w)
 * assert.equal(w, 0.75)
 *
 * // the same at once
 * const opaque = sam(sgd(0.5), sgd(0.25), { opaqueMode: true })
 * const [updates] = opaque.update(2, opaque.init(2), 2, { gradFn: (w) => w })
 * assert.equal(updates, -1.25)
 * ```
 */
export function sam<O, A, X, Y>(
  optimizer: GradientTransformation<O, X>,
  advOptimizer: GradientTransformation<A, Y>,
  given: SamOptions & { readonly opaqueMode: true },
): GradientTransformation<SamState<O, A>, X & Y & SamExtraArgs>
export function sam<O, A, X = NoExtraArgs, Y = NoExtraArgs>(
  optimizer: GradientTransformation<O, X>,
  advOptimizer: GradientTransformation<A, Y>,
  given?: SamOptions & { readonly opaqueMode?: false },
): GradientTransformation<SamState<O, A>, X & Y>
export function sam<O, A>(
  optimizer: GradientTransformation<O, never>,
  advOptimizer: GradientTransformation<A, never>,
  given?: SamOptions,
): GradientTransformation<SamState<O, A>, never> {
  checkRanges('sam', { optimizer, advOptimizer }, { optimizer: transformation, advOptimizer: transformation })
  const { opaqueMode, ...cadence } = hyperparameters(
    'sam',
    { syncPeriod: 2, resetState: true, opaqueMode: false },
    given,
    { syncPeriod: steps },
  )
  const made = opaqueMode
    ? samInOne(optimizer, advOptimizer, cadence)
    : optimizer.ruled !== undefined && advOptimizer.ruled !== undefined
      ? fromRuled(samOfRules(optimizer.ruled, advOptimizer.ruled, cadence))
      : samOfProcesses(optimizer, advOptimizer, cadence)
  return called(['sam', optimizer, advOptimizer, given], made)
}
