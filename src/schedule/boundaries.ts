/**
 * The option that the piecewise schedules share: the counts at which the value is multiplied, and the factors.
 */
import { GradpipeError } from '../error.js'
import { options, shown } from '../options.js'
import { checkRanges, notNegative, real } from '../range.js'

/**
 * A count, and the factor that holds from there on.
 *
 * @category Schedules
 */
export type BoundaryAndScale = readonly [boundary: number, scale: number]

/**
 * The options of {@link piecewiseConstantSchedule} and {@link piecewiseInterpolateSchedule}.
 *
 * @category Schedules
 */
export interface PiecewiseOptions {
  /**
   * Count → factor: from that count on the value so far is multiplied by it. A record, as in Optax,
   * `{ 100: 0.1, 200: 0.5 }`, or pairs, `[[100, 0.1], [200, 0.5]]`: if several pairs have the same count, every
   * factor applies, while a record has only one entry per count.
   */
  readonly boundariesAndScales?: Readonly<Record<number, number>> | readonly BoundaryAndScale[]
}

/** A count, and the product of all factors up to there. */
export interface Knot {
  readonly boundary: number
  readonly value: number
}

type Given = NonNullable<PiecewiseOptions['boundariesAndScales']>

// Array.isArray does not narrow readonly arrays
const isPairs = (given: Given): given is readonly BoundaryAndScale[] => Array.isArray(given)

const pairsOf = (path: string, given: Given): readonly BoundaryAndScale[] => {
  const refuse = (at: string | number, expected: string, wrong: string): GradpipeError =>
    new GradpipeError('InvalidArgument', `${path}.${at}`, expected, wrong)
  if (isPairs(given))
    return given.map((pair: unknown, i) => {
      if (!Array.isArray(pair) || pair.length !== 2) throw refuse(i, 'a count and a factor', shown(pair))
      const [boundary, scale]: readonly unknown[] = pair
      if (typeof boundary !== 'number' || Number.isNaN(boundary))
        throw refuse(`${i}.0`, 'a count', shown(boundary))
      return [boundary, checkedScale(path, `${i}.1`, scale)] as const
    })
  return Object.entries(given).map(([key, scale]) => {
    const boundary = Number(key)
    if (Number.isNaN(boundary)) throw refuse(key, 'a count as key', `"${key}"`)
    return [boundary, checkedScale(path, key, scale)] as const
  })
}

const checkedScale = (path: string, at: string, scale: unknown): number => {
  checkRanges(path, { [at]: scale }, { [at]: notNegative })
  return scale as number // which the range is of
}

/** The knots of `initValue` under the given factors, in ascending order; those of one count in the given order. */
export const knots = (
  name: string,
  initValue: number,
  given: PiecewiseOptions | undefined,
): readonly Knot[] => {
  const { boundariesAndScales } = options(name, { boundariesAndScales: undefined }, given)
  checkRanges(name, { initValue }, { initValue: real })
  let value = initValue
  return [...pairsOf(`${name}.boundariesAndScales`, boundariesAndScales ?? {})]
    .sort(([a], [b]) => a - b)
    .map(([boundary, scale]) => {
      value *= scale
      return { boundary, value }
    })
}
