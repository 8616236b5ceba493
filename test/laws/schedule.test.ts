import { describe, test } from 'vitest'
import {
  checkLaws,
  joins,
  type Law,
  multiplicative,
  neverRises,
  pointSymmetric,
  sameSchedule,
  startsAt,
  staysFrom,
} from '../../laws/index.js'
import {
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
  type Schedule,
  sgdrSchedule,
  warmupConstantSchedule,
  warmupCosineDecaySchedule,
  warmupExponentialDecaySchedule,
} from '../../src/index.js'
import { trying } from './runs.js'

const line = { initValue: 0.5, endValue: 0.125, transitionSteps: 40 } as const
const rise = { initValue: 0.1, peakValue: 0.7, warmupSteps: 7 } as const
const warm = { ...rise, decaySteps: 30, endValue: 0.05 } as const
const decay = { initValue: 0.3, transitionSteps: 10, decayRate: 0.5 } as const

const rows: readonly (readonly [call: string, schedule: Schedule, laws: readonly Law<Schedule>[]])[] = [
  ['constantSchedule(0.3)', constantSchedule(0.3), [startsAt(0.3), staysFrom(0, 0.3), neverRises]],
  [
    'linearSchedule',
    linearSchedule(line),
    [
      startsAt(0.5),
      staysFrom(40, 0.125),
      neverRises,
      pointSymmetric(40),
      sameSchedule('a polynomial of power 1', polynomialSchedule({ ...line, power: 1 })),
    ],
  ],
  [
    'linearSchedule, begun at 5',
    linearSchedule({ ...line, transitionBegin: 5 }),
    [
      sameSchedule(
        'a constant, then the line',
        joinSchedules([constantSchedule(0.5), linearSchedule(line)], [5]),
      ),
    ],
  ],
  [
    'polynomialSchedule of power 2',
    polynomialSchedule({ ...line, power: 2 }),
    [startsAt(0.5), staysFrom(40, 0.125), neverRises],
  ],
  [
    'cosineDecaySchedule',
    cosineDecaySchedule(0.3, 25, { alpha: 0.1 }),
    // s(t) + s(T − t) = s₀(1 + α)
    [startsAt(0.3), staysFrom(25, 0.03), neverRises, pointSymmetric(25)],
  ],
  [
    'cosineDecaySchedule, squared',
    cosineDecaySchedule(0.3, 25, { exponent: 2 }),
    [startsAt(0.3), staysFrom(25, 0), neverRises],
  ],
  ['exponentialDecay', exponentialDecay(decay), [startsAt(0.3), multiplicative, neverRises]],
  [
    'exponentialDecay by stairs, with an end',
    exponentialDecay({ ...decay, staircase: true, endValue: 0.01 }),
    [startsAt(0.3), staysFrom(50, 0.01), neverRises],
  ],
  [
    'warmupCosineDecaySchedule',
    warmupCosineDecaySchedule(warm),
    [
      startsAt(0.1),
      staysFrom(30, 0.05),
      sameSchedule(
        'a line, then a cosine',
        joinSchedules(
          [
            linearSchedule({ initValue: 0.1, endValue: 0.7, transitionSteps: 7 }),
            cosineDecaySchedule(0.7, 23, { alpha: 0.05 / 0.7 }),
          ],
          [7],
        ),
      ),
    ],
  ],
  ['warmupConstantSchedule', warmupConstantSchedule(rise), [startsAt(0.1), staysFrom(7, 0.7)]],
  [
    'warmupExponentialDecaySchedule',
    warmupExponentialDecaySchedule({ ...decay, peakValue: 0.7, warmupSteps: 7 }),
    [
      startsAt(0.3),
      sameSchedule(
        'a line, then an exponential',
        joinSchedules(
          [
            linearSchedule({ initValue: 0.3, endValue: 0.7, transitionSteps: 7 }),
            exponentialDecay({ ...decay, initValue: 0.7 }),
          ],
          [7],
        ),
      ),
    ],
  ],
  [
    'piecewiseConstantSchedule',
    piecewiseConstantSchedule(1, { boundariesAndScales: { 10: 0.5, 20: 0.5 } }),
    [
      startsAt(1),
      staysFrom(20, 0.25),
      neverRises,
      sameSchedule('constants, joined', joinSchedules([1, 0.5, 0.25].map(constantSchedule), [10, 20])),
    ],
  ],
  [
    'piecewiseInterpolateSchedule',
    piecewiseInterpolateSchedule('linear', 0.5, { boundariesAndScales: { 40: 0.25 } }),
    [startsAt(0.5), sameSchedule('a line', linearSchedule(line))],
  ],
  [
    'piecewiseConstantSchedule, two factors at one count',
    piecewiseConstantSchedule(1, {
      boundariesAndScales: [
        [20, 0.5],
        [10, 0.5],
        [10, 0.5],
      ],
    }),
    [
      startsAt(1),
      staysFrom(20, 0.125),
      neverRises,
      sameSchedule('constants, joined', joinSchedules([1, 0.25, 0.125].map(constantSchedule), [10, 20])),
    ],
  ],
  [
    'linearOnecycleSchedule that is down at once',
    linearOnecycleSchedule(100, 1, { pctStart: 0.5, pctFinal: 0.5 }),
    [
      startsAt(1 / 25),
      staysFrom(100, 1 / 25e4),
      sameSchedule(
        'a line up, then one down',
        joinSchedules(
          [
            linearSchedule({ initValue: 1 / 25, endValue: 1, transitionSteps: 50 }),
            linearSchedule({ initValue: 1 / 25, endValue: 1 / 25e4, transitionSteps: 50 }),
          ],
          [50],
        ),
      ),
    ],
  ],
  ['linearOnecycleSchedule', linearOnecycleSchedule(100, 1), [startsAt(1 / 25), staysFrom(100, 1 / 25e4)]],
  ['cosineOnecycleSchedule', cosineOnecycleSchedule(100, 1), [startsAt(1 / 25), staysFrom(100, 1 / 25e4)]],
  [
    'sgdrSchedule',
    sgdrSchedule([warm, warm]),
    [
      startsAt(0.1),
      sameSchedule('two cycles, joined', joinSchedules([warm, warm].map(warmupCosineDecaySchedule), [30])),
    ],
  ],
]

describe.each(rows)('%s', (_, schedule, laws) => {
  for (const law of [joins, ...laws])
    test(`${law.name}: ${law.statement}`, () => checkLaws(schedule, [law], { ...trying(200) }))
})
