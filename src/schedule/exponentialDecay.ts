/**
 * The same factor every so many updates.
 */
import { called, options, required } from '../options.js'
import { checkRanges, real } from '../range.js'
import { constant } from '../rule/term.js'
import { constantSchedule } from './constant.js'
import { termSchedule } from './fromTerm.js'
import { since } from './interpolate.js'
import type { Schedule } from './schedule.js'

/**
 * The arguments of {@link exponentialDecay}.
 *
 * @category Schedules
 */
export interface ExponentialDecayOptions {
  /** $I$, the value until the decay begins. */
  readonly initValue: number
  /** $T$, the updates that one factor takes; at 0 or below the value stays $I$. */
  readonly transitionSteps: number
  /** $r$, the factor; at 0 the value stays $I$, above 1 it grows. */
  readonly decayRate: number
  /** $B$, in updates; a negative one counts as 0. Default 0. */
  readonly transitionBegin?: number
  /** Whether the exponent is rounded down to an integer. Default false. */
  readonly staircase?: boolean
  /** Where the value stops: a lower bound where $r < 1$, else an upper one. It holds before $B$ too. */
  readonly endValue?: number
}

/**
 * A value that is multiplied by `decayRate` every `transitionSteps` updates:
 *
 * $$v(t) = I \, r^{(t - B)/T}, \quad t > B$$
 *
 * and $I$ before; with `staircase` the exponent is $\lfloor (t - B)/T \rfloor$.
 *
 * @throws {@link GradpipeError} `InvalidArgument`: a required entry is missing, a name is unknown.
 * @category Schedules
 * @example
 * ```ts
 * import { exponentialDecay } from 'gradpipe'
 *
 * const halving = { initValue: 1, transitionSteps: 2, decayRate: 0.5, staircase: true }
 * assert.deepEqual([0, 1, 2, 3, 4].map(exponentialDecay(halving)), [1, 1, 0.5, 0.5, 0.25])
 * assert.equal(exponentialDecay({ ...halving, endValue: 0.1 })(1000), 0.1)
 * ```
 * @see Optax, `exponential_decay`
 */
export const exponentialDecay = (given: ExponentialDecayOptions): Schedule => {
  const { initValue, transitionSteps, decayRate, transitionBegin, staircase, endValue } = options(
    'exponentialDecay',
    {
      initValue: required.number,
      transitionSteps: required.number,
      decayRate: required.number,
      transitionBegin: 0,
      staircase: false,
      endValue: undefined,
    },
    given,
  )
  if (endValue !== undefined) checkRanges('exponentialDecay', { endValue }, { endValue: real })
  if (transitionSteps <= 0 || decayRate === 0)
    return called(['exponentialDecay', given], constantSchedule(initValue))
  const begin = Math.max(transitionBegin, 0)
  return termSchedule(['exponentialDecay', given], (count) => {
    const periods = since(count, begin).max(0).div(transitionSteps)
    const value = constant(initValue).mul(constant(decayRate).pow(staircase ? periods.floor() : periods))
    if (endValue === undefined) return value
    return decayRate < 1 ? value.max(endValue) : value.min(endValue)
  })
}
