/** measureWithEma: the running average of a measure. */
import { hyperparameters, usual } from '../declare/hyperparameters.js'
import { called } from '../options.js'
import { checkRanges } from '../range.js'
import { chain } from '../transform/chain.js'
import { fromRule } from '../transform/fromRule.js'
import { type Measure, measured, reachOf } from '../transform/measure.js'
import type { EmptyState, GradientTransformation } from '../transform/transformation.js'
import { averaging, type EmaOptions, type EmaState } from './ema.js'

/**
 * A measure's exponential moving average, for `monitor`.
 *
 * On its own it is a transformation that replaces the updates by the average.
 *
 * `decay` is in [0, 1). Throws `InvalidArgument` for a measure that does not make a term.
 *
 * @category Building blocks
 * @see Optax, `measure_with_ema`
 * @example
 * ```ts
 * import { measureWithEma, monitor, norm, select } from 'gradpipe'
 *
 * // how often the norm was above 1, of late
 * const exceeds = measureWithEma((u) => select(norm(u, 'tree').gt(1), 1, 0), 0.5, { debias: false })
 * const tx = monitor({ exceeds })
 * const [, state] = tx.update([3, 4], tx.init([0, 0]))
 * assert.deepEqual(state.measurements, { exceeds: 0.5 })
 * ```
 */
export const measureWithEma = (
  measure: Measure,
  decay: number,
  given?: EmaOptions,
): GradientTransformation<readonly [EmptyState, EmaState]> => {
  checkRanges('measureWithEma', { decay }, usual)
  const { debias } = hyperparameters('measureWithEma', { debias: true }, given)
  const update = measured('measureWithEma.measure', measure)
  return called(
    ['measureWithEma', measure, decay, given],
    chain(
      fromRule({ slots: {}, scalars: {}, step: () => ({ update }) }),
      averaging(reachOf(update.scope), decay, debias),
    ),
  )
}
