import { describe, expect, test } from 'vitest'
import { GradpipeError } from '../../src/error.js'
import { constantSchedule } from '../../src/schedule/constant.js'
import { cosineDecaySchedule } from '../../src/schedule/cosineDecay.js'
import { exponentialDecay } from '../../src/schedule/exponentialDecay.js'
import { joinSchedules } from '../../src/schedule/join.js'
import { linearSchedule } from '../../src/schedule/linear.js'
import { cosineOnecycleSchedule, linearOnecycleSchedule } from '../../src/schedule/onecycle.js'
import { piecewiseConstantSchedule } from '../../src/schedule/piecewiseConstant.js'
import { piecewiseInterpolateSchedule } from '../../src/schedule/piecewiseInterpolate.js'
import { polynomialSchedule } from '../../src/schedule/polynomial.js'
import type { Schedule } from '../../src/schedule/schedule.js'
import { sgdrSchedule } from '../../src/schedule/sgdr.js'
import { warmupConstantSchedule } from '../../src/schedule/warmupConstant.js'
import { warmupCosineDecaySchedule } from '../../src/schedule/warmupCosineDecay.js'
import { warmupExponentialDecaySchedule } from '../../src/schedule/warmupExponentialDecay.js'
import { catalogue, ourName } from '../golden/catalogue.js'
import { float64, type Json, readGoldens } from '../golden/golden.js'

interface ScheduleCase {
  readonly name: string
  readonly config: Json
  readonly values: readonly number[]
  readonly f32_dev: number
}

const library = {
  constantSchedule,
  cosineDecaySchedule,
  cosineOnecycleSchedule,
  exponentialDecay,
  joinSchedules,
  linearOnecycleSchedule,
  linearSchedule,
  piecewiseConstantSchedule,
  piecewiseInterpolateSchedule,
  polynomialSchedule,
  sgdrSchedule,
  warmupConstantSchedule,
  warmupCosineDecaySchedule,
  warmupExponentialDecaySchedule,
}

describe('every schedule agrees with Optax at counts 0 … 60', () => {
  const { cases } = readGoldens<{ readonly cases: readonly ScheduleCase[] }>('optax_schedules')
  const resolve = catalogue(library, () => 0)
  test.each(cases.map((golden) => [golden.name, JSON.stringify(golden.config), golden] as const))(
    '%s %s',
    (name, config, golden) => {
      const schedule = resolve({ name, config: JSON.parse(config) }) as Schedule
      const greatest = Math.max(...golden.values.map(Math.abs))
      const errors = golden.values.map((value, count) => Math.abs(schedule(count) - value) / greatest)
      expect(golden.values).toHaveLength(61)
      expect(Math.max(...errors)).toBeLessThanOrEqual(float64.tolerance(golden.f32_dev))
    },
  )

  test('and no schedule is without a golden', () => {
    expect(new Set(cases.map(({ name }) => ourName(name)))).toEqual(new Set(Object.keys(library)))
  })
})

const at = (schedule: Schedule, counts: readonly number[]): readonly number[] => counts.map(schedule)

describe('at the edges', () => {
  test('a transition starts and ends exactly on its values, whatever they round to', () => {
    const [initValue, endValue] = [0.1, 0.7]
    const from = { initValue, endValue, transitionSteps: 3 }
    for (const schedule of [linearSchedule(from), polynomialSchedule({ ...from, power: 0.3 })]) {
      expect(at(schedule, [0, 3, 1e9])).toEqual([initValue, endValue, endValue])
    }
    expect(at(cosineDecaySchedule(0.1, 7, { alpha: 0.3 }), [0, 7, 8])).toEqual([0.1, 0.1 * 0.3, 0.1 * 0.3])
  })

  test('a negative begin counts as 0, and before the begin nothing moves', () => {
    const from = { initValue: 1, endValue: 0, transitionSteps: 2 }
    expect(at(linearSchedule({ ...from, transitionBegin: -5 }), [0, 1, 2])).toEqual([1, 0.5, 0])
    expect(at(linearSchedule({ ...from, transitionBegin: 3 }), [0, 3, 4, 5])).toEqual([1, 1, 0.5, 0])
    const decay = { initValue: 1, transitionSteps: 1, decayRate: 0.5 }
    expect(at(exponentialDecay({ ...decay, transitionBegin: -5 }), [0, 1])).toEqual([1, 0.5])
    expect(at(exponentialDecay({ ...decay, transitionBegin: 2 }), [0, 2, 3])).toEqual([1, 1, 0.5])
  })

  test('without steps there is no transition', () => {
    const of = { initValue: 1, endValue: 0, power: 2, decayRate: 0.5 }
    for (const transitionSteps of [0, -3]) {
      const { initValue, endValue, power, decayRate } = of
      expect(linearSchedule({ initValue, endValue, transitionSteps })(10)).toBe(1)
      expect(polynomialSchedule({ initValue, endValue, power, transitionSteps })(10)).toBe(1)
      expect(exponentialDecay({ initValue, transitionSteps, decayRate })(10)).toBe(1)
    }
    expect(exponentialDecay({ initValue: 1, transitionSteps: 3, decayRate: 0 })(10)).toBe(1)
  })

  test('the bound of a decay is below where it falls and above where it grows', () => {
    const from = { initValue: 1, transitionSteps: 1 }
    expect(at(exponentialDecay({ ...from, decayRate: 0.5, endValue: 0.3 }), [1, 2])).toEqual([0.5, 0.3])
    expect(at(exponentialDecay({ ...from, decayRate: 2, endValue: 3 }), [1, 2])).toEqual([2, 3])
  })

  test('a joined schedule starts anew at its boundary, where the earlier one has ended', () => {
    const count: Schedule = (n) => n
    expect(at(joinSchedules([count, count, count], [2, 5]), [0, 1, 2, 4, 5, 9])).toEqual([0, 1, 0, 2, 0, 4])
  })

  test('a schedule without a boundary is not used, as in Optax', () => {
    const count: Schedule = (n) => n
    expect(at(joinSchedules([count, constantSchedule(7)], []), [0, 9])).toEqual([0, 9])
  })

  test('a factor holds at its boundary, and the order of the boundaries is that of the counts', () => {
    const boundariesAndScales = { 20: 0.5, 3: 0.1 }
    const steps = piecewiseConstantSchedule(1, { boundariesAndScales })
    expect(at(steps, [0, 2, 3, 19, 20])).toEqual([1, 1, 0.1, 0.1, 0.05])
    const lines = piecewiseInterpolateSchedule('linear', 1, { boundariesAndScales })
    expect(at(lines, [0, 3, 20, 21])).toEqual([1, 0.1, 0.05, 0.05])
  })

  test('of several factors at one count each counts, where they are given as pairs', () => {
    const boundariesAndScales = [
      [4, 2],
      [8, 0.5],
      [4, 0.25],
    ] as const
    const steps = piecewiseConstantSchedule(1, { boundariesAndScales })
    expect(at(steps, [0, 3, 4, 7, 8])).toEqual([1, 1, 0.5, 0.5, 0.25])
    // up to the first, on from the last
    const lines = piecewiseInterpolateSchedule('linear', 1, { boundariesAndScales })
    expect(at(lines, [0, 2, 3, 4, 6, 8, 9])).toEqual([1, 1.5, 1.75, 0.5, 0.375, 0.25, 0.25])
  })

  test('pairs are as good as a record', () => {
    const record = { boundariesAndScales: { 20: 0.5, 3: 0.1 } }
    const pairs = {
      boundariesAndScales: [
        [20, 0.5],
        [3, 0.1],
      ] as const,
    }
    const counts = Array.from({ length: 30 }, (_, i) => i)
    expect(at(piecewiseConstantSchedule(1, pairs), counts)).toEqual(
      at(piecewiseConstantSchedule(1, record), counts),
    )
    expect(at(piecewiseInterpolateSchedule('cosine', 1, pairs), counts)).toEqual(
      at(piecewiseInterpolateSchedule('cosine', 1, record), counts),
    )
  })

  test('a cycle whose steps coincide rises to its peak, and ends where it should', () => {
    const first = 1 / 25
    const last = expect.closeTo(4e-6, 15)
    const peak = expect.closeTo(1, 15)
    const linear = linearOnecycleSchedule(10, 1, { pctStart: 0.5, pctFinal: 0.5 })
    // four fifths of the way up, and from the first value on
    expect(at(linear, [0, 4, 5, 10, 11])).toEqual([
      first,
      expect.closeTo(first + 0.8 * (1 - first), 15),
      expect.closeTo(first, 15),
      last,
      last,
    ])
    expect(at(linearOnecycleSchedule(10, 1, { pctFinal: 1 }), [3, 9, 10, 11])).toEqual([
      peak,
      expect.closeTo(first + (1 - first) / 7, 15),
      last,
      last,
    ])
    expect(at(linearOnecycleSchedule(10, 1, { pctStart: 0, pctFinal: 0.5 }), [0, 5, 10])).toEqual([
      peak,
      expect.closeTo(first, 15),
      last,
    ])
    expect(at(linearOnecycleSchedule(10, 1, { pctStart: 1, pctFinal: 1 }), [5, 10])).toEqual([
      expect.closeTo((first + 1) / 2, 15),
      last,
    ])
    expect(at(linearOnecycleSchedule(1, 1), [0, 1, 2])).toEqual([expect.closeTo(first, 15), last, last])
    expect(at(cosineOnecycleSchedule(10, 1, { pctStart: 1 }), [0, 5, 10, 11])).toEqual([
      first,
      expect.closeTo((first + 1) / 2, 15),
      last,
      last,
    ])
    expect(at(cosineOnecycleSchedule(10, 1, { pctStart: 0 }), [0, 10])).toEqual([peak, last])
    expect(at(cosineOnecycleSchedule(1, 1), [0, 1])).toEqual([peak, last])
  })

  test('every cycle ends with its last value, and is never above its peak', () => {
    const parts = [0, 0.25, 0.5, 0.75, 1]
    for (const steps of [1, 2, 3, 7.5, 10])
      for (const pctStart of parts) {
        const cosine = cosineOnecycleSchedule(steps, 0.5, { pctStart })
        const linear = parts
          .filter((pctFinal) => pctFinal >= pctStart)
          .map((pctFinal) => linearOnecycleSchedule(steps, 0.5, { pctStart, pctFinal }))
        for (const schedule of [cosine, ...linear]) {
          expect(schedule(Math.ceil(steps))).toBeCloseTo(0.5 / 25e4, 15)
          const values = at(schedule, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
          expect(Math.max(...values)).toBeLessThanOrEqual(0.5 * (1 + 1e-15))
          expect(Math.min(...values)).toBeGreaterThanOrEqual((0.5 / 25e4) * (1 - 1e-12))
        }
      }
  })

  test('without boundaries the value stays', () => {
    expect(piecewiseConstantSchedule(0.3)(5)).toBe(0.3)
    expect(piecewiseInterpolateSchedule('cosine', 0.3)(5)).toBe(0.3)
  })

  test('a boundary at 0 multiplies the first value', () => {
    expect(piecewiseInterpolateSchedule('linear', 1, { boundariesAndScales: { 0: 0.5 } })(0)).toBe(0.5)
  })

  test('a peak of 0 decays to 0, whatever the end value', () => {
    const rate = warmupCosineDecaySchedule({
      initValue: 1,
      peakValue: 0,
      warmupSteps: 2,
      decaySteps: 4,
      endValue: 0.5,
    })
    expect(at(rate, [0, 1, 2, 3, 4])).toEqual([1, 0.5, 0, 0, 0])
  })
})

describe('what Optax refuses is refused', () => {
  const cosine = { initValue: 0, peakValue: 1, warmupSteps: 5, decaySteps: 5 }
  test.each<[string, () => Schedule, string]>([
    ['no decay', () => cosineDecaySchedule(1, 0), 'cosineDecaySchedule.decaySteps'],
    ['a decay of NaN', () => cosineDecaySchedule(1, Number.NaN), 'cosineDecaySchedule.decaySteps'],
    [
      'a decay within the warm-up',
      () => warmupCosineDecaySchedule(cosine),
      'warmupCosineDecaySchedule.decaySteps',
    ],
    ['such a cycle', () => sgdrSchedule([cosine]), 'warmupCosineDecaySchedule.decaySteps'],
    ['no cycle', () => sgdrSchedule([]), 'sgdrSchedule.cycles'],
    ['no schedule', () => joinSchedules([], []), 'joinSchedules.schedules'],
    ['a cycle of no length', () => cosineOnecycleSchedule(0, 1), 'cosineOnecycleSchedule.transitionSteps'],
    [
      'a cycle of negative length',
      () => linearOnecycleSchedule(-1, 1),
      'linearOnecycleSchedule.transitionSteps',
    ],
    [
      'a negative factor',
      () => piecewiseConstantSchedule(1, { boundariesAndScales: { 5: -1 } }),
      'piecewiseConstantSchedule.boundariesAndScales.5',
    ],
    [
      'a boundary that is no count',
      () => piecewiseConstantSchedule(1, { boundariesAndScales: { soon: 0.5 } as Record<number, number> }),
      'piecewiseConstantSchedule.boundariesAndScales.soon',
    ],
    [
      'a pair that is none',
      () => piecewiseConstantSchedule(1, { boundariesAndScales: [[5, 0.5], [7]] as never }),
      'piecewiseConstantSchedule.boundariesAndScales.1',
    ],
    [
      'a pair whose boundary is no count',
      () => piecewiseConstantSchedule(1, { boundariesAndScales: [[Number.NaN, 0.5]] }),
      'piecewiseConstantSchedule.boundariesAndScales.0.0',
    ],
    [
      'a pair with a negative factor',
      () => piecewiseConstantSchedule(1, { boundariesAndScales: [[5, -1]] }),
      'piecewiseConstantSchedule.boundariesAndScales.0.1',
    ],
    [
      'a cycle that is down before it is up',
      () => linearOnecycleSchedule(10, 1, { pctStart: 0.9 }),
      'linearOnecycleSchedule.pctFinal',
    ],
    [
      'a negative factor to interpolate to',
      () => piecewiseInterpolateSchedule('linear', 1, { boundariesAndScales: { 5: -1 } }),
      'piecewiseInterpolateSchedule.boundariesAndScales.5',
    ],
    [
      'another interpolation',
      () => piecewiseInterpolateSchedule('toString' as 'linear', 1),
      'piecewiseInterpolateSchedule.interpolateType',
    ],
  ])('%s', (_, make, path) => {
    expect(make).toThrow(GradpipeError)
    expect(make).toThrow(expect.objectContaining({ _tag: 'InvalidArgument', path }))
  })
})
