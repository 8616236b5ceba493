/**
 * Lines or cosines through the values at given counts.
 */
import { GradpipeError } from '../error.js'
import { constant } from '../rule/term.js'
import { knots, type PiecewiseOptions } from './boundaries.js'
import { termSchedule } from './fromTerm.js'
import { cosineWeight, interpolate, latest, linearWeight, since, type Value } from './interpolate.js'
import type { Schedule } from './schedule.js'

/**
 * How {@link piecewiseInterpolateSchedule} goes from one value to the next.
 *
 * @category Schedules
 */
export type InterpolateType = 'linear' | 'cosine'

const weights: Readonly<Record<InterpolateType, (x: Value) => Value>> = {
  linear: linearWeight,
  cosine: cosineWeight,
}

/**
 * A value that goes through those of {@link piecewiseConstantSchedule} at its boundaries, along lines or cosines:
 *
 * $$v(t) = I_{k+1} + (I_k - I_{k+1}) w, \quad b_k \le t < b_{k+1}, \quad I_k = I \prod_{i \le k} f_i,
 * \quad x = \frac{t - b_k}{b_{k+1} - b_k}$$
 *
 * with $w = 1 - x$ for `linear` and $w = \frac{1}{2}(1 + \cos \pi x)$ for `cosine`; $b_0 = 0$, and the last value
 * stays. If several boundaries coincide, the line leads to the first factor's value, and goes on from the last one's.
 *
 * @param interpolateType - `linear` or `cosine`.
 * @param initValue - $I$.
 * @throws {@link GradpipeError} `InvalidArgument`: another type, a negative factor, a boundary that is no
 * number, a pair that is none.
 * @category Schedules
 * @example
 * ```ts
 * import { piecewiseInterpolateSchedule } from 'gradpipe'
 *
 * const rate = piecewiseInterpolateSchedule('linear', 1, { boundariesAndScales: { 4: 0.5, 8: 0 } })
 * assert.deepEqual([0, 2, 4, 6, 8, 9].map(rate), [1, 0.75, 0.5, 0.25, 0, 0])
 * ```
 * @see Optax, `piecewise_interpolate_schedule`
 */
export const piecewiseInterpolateSchedule = (
  interpolateType: InterpolateType,
  initValue: number,
  given?: PiecewiseOptions,
): Schedule => {
  const name = 'piecewiseInterpolateSchedule'
  if (!Object.hasOwn(weights, interpolateType)) {
    const expected = Object.keys(weights).join(' or ')
    throw new GradpipeError('InvalidArgument', `${name}.interpolateType`, expected, `${interpolateType}`)
  }
  const weight = weights[interpolateType]
  const through = [{ boundary: 0, value: initValue }, ...knots(name, initValue, given)]
  return termSchedule([name, interpolateType, initValue, given], (count) => {
    const [first = { value: constant(initValue) }, ...pieces] = through.map((from, i) => {
      const to = through[i + 1]
      if (to === undefined) return { from: from.boundary, value: constant(from.value) }
      const x = since(count, from.boundary).div(Math.max(to.boundary - from.boundary, 1))
      return { from: from.boundary, value: interpolate(from.value, to.value, weight(x)) }
    })
    return latest(count, first.value, pieces)
  })
}
