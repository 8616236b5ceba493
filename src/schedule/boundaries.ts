/**
 * The option that the piecewise schedules share: at which counts the value is multiplied by what.
 */
import { GradpipeError } from '../error.js'
import { options } from '../options.js'
import { checkRanges, notNegative, real } from '../range.js'

/**
 * The options of {@link piecewiseConstantSchedule} and {@link piecewiseInterpolateSchedule}.
 *
 * @category Schedules
 */
export interface PiecewiseOptions {
  /** Count → factor, `{ 100: 0.1, 200: 0.5 }`: from that count on the value so far is multiplied by it. */
  readonly boundariesAndScales?: Readonly<Record<number, number>>
}

/** A count, and the product of all factors up to there. */
export interface Knot {
  readonly boundary: number
  readonly value: number
}

/** The knots of `initValue` under the given factors, in ascending order. */
export const knots = (
  name: string,
  initValue: number,
  given: PiecewiseOptions | undefined,
): readonly Knot[] => {
  const { boundariesAndScales } = options(name, { boundariesAndScales: undefined }, given)
  checkRanges(name, { initValue }, { initValue: real })
  let value = initValue
  return Object.entries(boundariesAndScales ?? {})
    .map(([key, scale]) => {
      const boundary = Number(key)
      if (Number.isNaN(boundary))
        throw new GradpipeError(
          'InvalidArgument',
          `${name}.boundariesAndScales.${key}`,
          'a count as key',
          `"${key}"`,
        )
      checkRanges(`${name}.boundariesAndScales`, { [key]: scale }, { [key]: notNegative })
      return { boundary, scale }
    })
    .sort((a, b) => a.boundary - b.boundary)
    .map(({ boundary, scale }) => {
      value *= scale
      return { boundary, value }
    })
}
