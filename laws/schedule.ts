/** Laws of schedules: functions of the count, in float64. */
import * as fc from 'fast-check'
import { joinSchedules, type Schedule } from '../src/index.js'
import type { Law } from './law.js'
import { firstOf, type Violation } from './violation.js'

const relative = 1e-12

const near = (where: string, expected: number, given: number, tolerance = relative): Violation | null =>
  expected === given ||
  Math.abs(expected - given) <= tolerance * Math.max(Math.abs(expected), Math.abs(given))
    ? null
    : { where, expected: `${expected}`, given: `${given}`, ulps: null, precision: 'float64' }

const counts: fc.Arbitrary<number> = fc.oneof(fc.nat(20), fc.nat(300))

/** A law on one count. */
const atCount = (
  name: string,
  statement: string,
  conditions: string,
  predicate: (schedule: Schedule, count: number) => Violation | null,
): Law<Schedule, number> => ({
  name,
  statement,
  conditions,
  kinds: ['float64'],
  arbitrary: () => counts,
  predicate,
})

/**
 * $s(0)$ is the first value, exactly.
 *
 * @category Laws of schedules
 */
export const startsAt = (value: number): Law<Schedule, number> =>
  atCount('startsAt', `s(0) = ${value}`, 'exact', (schedule) => near('s(0)', value, schedule(0), 0))

/**
 * From a count on, the value is constant.
 *
 * @category Laws of schedules
 */
export const staysFrom = (end: number, value: number): Law<Schedule, number> =>
  atCount('staysFrom', `s(t) = ${value} for t ≥ ${end}`, 'within 1e-12', (schedule, count) =>
    Math.abs(schedule(end + count) - value) <= relative
      ? null
      : near(`s(${end + count})`, value, schedule(end + count)),
  )

/**
 * The schedule never rises.
 *
 * @category Laws of schedules
 */
export const neverRises: Law<Schedule, number> = atCount(
  'neverRises',
  's(t + 1) ≤ s(t)',
  'exact: rounding is monotone',
  (schedule, count) =>
    schedule(count + 1) <= schedule(count)
      ? null
      : near(`s(${count + 1})`, schedule(count), schedule(count + 1), 0),
)

/**
 * The schedule is another one.
 *
 * @category Laws of schedules
 * @example
 * ```ts
 * import { linearSchedule, polynomialSchedule } from 'gradpipe'
 * import { checkLaws, sameSchedule } from 'gradpipe/laws'
 *
 * const shape = { initValue: 1, endValue: 0, transitionSteps: 10 }
 * checkLaws(linearSchedule(shape), [sameSchedule('a polynomial of power 1', polynomialSchedule({ ...shape, power: 1 }))])
 * ```
 */
export const sameSchedule = (name: string, other: Schedule): Law<Schedule, number> =>
  atCount('sameSchedule', `s = ${name}`, 'within 1e-12', (schedule, count) =>
    near(`s(${count})`, other(count), schedule(count)),
  )

/**
 * $s(t) + s(T - t) = s(0) + s(T)$ for $t \le T$: a cosine, or a straight line.
 *
 * @category Laws of schedules
 */
export const pointSymmetric = (end: number): Law<Schedule, number> =>
  atCount('pointSymmetric', `s(t) + s(${end} − t) = s(0) + s(${end})`, 'within 1e-12', (schedule, count) => {
    const t = count % (end + 1)
    return near(`s(${t}) + s(${end - t})`, schedule(0) + schedule(end), schedule(t) + schedule(end - t))
  })

/**
 * $s(t + u)\, s(0) = s(t)\, s(u)$: an exponential.
 *
 * @category Laws of schedules
 */
export const multiplicative: Law<Schedule, readonly [number, number]> = {
  name: 'multiplicative',
  statement: 's(t + u)·s(0) = s(t)·s(u)',
  conditions: 'no staircase, no end value; within 1e-12',
  kinds: ['float64'],
  arbitrary: () => fc.tuple(fc.nat(100), fc.nat(100)),
  predicate: (schedule, [t, u]) =>
    near(`s(${t + u})·s(0)`, schedule(t) * schedule(u), schedule(t + u) * schedule(0)),
}

/**
 * $\operatorname{join}([s, r], [b])(t)$ is $s(t)$ before $b$ and $r(t - b)$ from $b$ on.
 *
 * @category Laws of schedules
 */
export const joins: Law<Schedule, readonly [number, number]> = {
  name: 'joins',
  statement: 'join([s, r], [b])(t) = s(t) for t < b, r(t − b) from b on',
  conditions: 'exact',
  kinds: ['float64'],
  arbitrary: () => fc.tuple(counts, fc.integer({ min: 1, max: 100 })),
  predicate: (schedule, [count, boundary]) => {
    const other: Schedule = (t) => 7 + t
    const [before, after] = [
      joinSchedules([schedule, other], [boundary]),
      joinSchedules([other, schedule], [boundary]),
    ]
    const [first, second] =
      count < boundary
        ? [schedule(count), other(count)]
        : [other(count - boundary), schedule(count - boundary)]
    return firstOf([
      near(`join([s, r])(${count})`, first, before(count), 0),
      near(`join([r, s])(${count})`, second, after(count), 0),
    ])
  },
}
