/** Rules around optimizers: averaging, a learned learning rate, adversarial steps. */
import {
  addDecayedWeights,
  chain,
  mechanize,
  type Schedule,
  sam,
  scaleByLearningRate,
  scaleByRms,
  scheduleFree,
  scheduleFreeAdamw,
  scheduleFreeSgd,
  sgd,
  warmupConstantSchedule,
} from '../../src/index.js'
import { sameAs } from '../closedForm.js'
import type { Tolerance } from '../violation.js'
import { type Written, walksAs } from '../walk.js'
import { elementwise, treeNorms } from './groups.js'
import { type CatalogueRow, row } from './row.js'

type Numbers = readonly number[]

const zip = (f: (...xs: readonly number[]) => number, ...rows: readonly Numbers[]): Numbers =>
  (rows[0] ?? []).map((_, i) => f(...rows.map((row) => row[i] ?? Number.NaN)))

const dot = (a: Numbers, b: Numbers): number => a.reduce((sum, x, i) => sum + x * (b[i] ?? Number.NaN), 0)

const length = (a: Numbers): number => Math.sqrt(dot(a, a))

// what is left of parameters that differ by little has as many digits less
const differences: Tolerance = { ulps: 256, floor: 1e-6 }

// schedule-free

interface Averaging {
  readonly eta: number
  readonly rate: Schedule
  readonly b1: number
  readonly power: number
}

/** All three sequences: y where gradients are taken, z of gradient descent, x their average. */
const averaging = ({
  eta,
  rate,
  b1,
  power,
}: Averaging): Written<{
  readonly z: Numbers
  readonly total: number
  readonly peak: number
  readonly t: number
}> => ({
  start: (p) => ({ z: p, total: 0, peak: 0, t: 1 }),
  step: (g, { z: before, total, peak: highest, t }, y) => {
    const peak = Math.max(highest, rate(t))
    const weight = peak ** power
    const c = total + weight === 0 ? 0 : weight / (total + weight)
    const z = zip((zi = 0, gi = 0) => zi - eta * gi, before, g)
    const u = zip(
      (yi = 0, old = 0, zi = 0) => {
        const x = (yi - (1 - b1) * old) / b1
        return b1 * ((1 - c) * x + c * zi) + (1 - b1) * zi - yi
      },
      y,
      before,
      z,
    )
    return [u, { z, total: total + weight, peak, t: t + 1 }]
  },
})

/** From zero, and not monotone. */
const bumpy: Schedule = (count) => [0.125, 0, 0.5, 0.25, 1, 0.5][count] ?? 1

// mechanic

interface Tuning {
  readonly eta: number
  readonly weightDecay?: number
  readonly eps?: number
  readonly sInit?: number
  readonly numBetas?: number
}

interface Tuner {
  readonly r: number
  readonly m: number
  readonly v: number
  readonly s: number
}

const tuning = ({
  eta,
  weightDecay = 0.01,
  eps = 1e-8,
  sInit = 1e-6,
  numBetas = 6,
}: Tuning): Written<{ readonly tuners: readonly Tuner[]; readonly x0: Numbers | null }> => ({
  start: () => ({
    tuners: Array.from({ length: numBetas }, () => ({ r: 0, m: 0, v: 0, s: sInit })),
    x0: null,
  }),
  step: (g, state, p) => {
    const x0 = state.x0 ?? p
    const scale = state.tuners.reduce((sum, { s }) => sum + s, 0)
    const pull = (weightDecay * scale * length(g)) / (length(p) + eps)
    const decayed = zip((gi = 0, pi = 0) => gi + pull * pi, g, p)
    const gone = zip((from = 0, at = 0) => (from - at) / (scale + eps), x0, p)
    const h = dot(decayed, gone)
    const tuners = state.tuners.map((old, i): Tuner => {
      const beta = 1 - 10 ** -(i + 1)
      const m = Math.max(beta * old.m, Math.abs(h) + eps)
      const v = beta ** 2 * old.v + h ** 2
      const r = beta * old.r + Math.min(Math.max(h, -old.m), old.m) * old.s
      return { r, m, v, s: ((sInit / numBetas) * m + Math.max(0, r)) / (Math.sqrt(v) + eps) }
    })
    const next = tuners.reduce((sum, { s }) => sum + s, 0)
    const u = zip((from = 0, at = 0, way = 0, gi = 0) => from - next * (way + eta * gi) - at, x0, p, gone, g)
    return [u, { tuners, x0 }]
  },
})

// sharpness-aware minimization

interface Duel {
  readonly syncPeriod: number
  readonly resetState: boolean
}

/** Both with momentum, the optimizer with decay: it must see the parameters that it left. */
const duel = ({
  syncPeriod,
  resetState,
}: Duel): Written<{
  readonly k: number
  readonly cache: Numbers
  readonly down: Numbers
  readonly up: Numbers
}> => ({
  start: (p) => ({ k: 0, cache: p, down: p.map(() => 0), up: p.map(() => 0) }),
  step: (g, { k, cache: cached, down, up }, p) => {
    const cache = k === 0 ? p : cached
    const next = (k + 1) % syncPeriod
    if (k < syncPeriod - 1) {
      const climbs = zip((m = 0, gi = 0) => 0.75 * m + gi, up, g)
      return [climbs.map((x) => 0.25 * x), { k: next, cache, down, up: climbs }]
    }
    const falls = zip((m = 0, gi = 0, c = 0) => 0.5 * m + gi + 0.125 * c, down, g, cache)
    const u = zip((c = 0, pi = 0, m = 0) => c - pi - 0.125 * m, cache, p, falls)
    return [u, { k: next, cache, down: falls, up: resetState ? up.map(() => 0) : up }]
  },
})

const duellists = () =>
  [chain(addDecayedWeights(0.125), sgd(0.125, { momentum: 0.5 })), sgd(0.25, { momentum: 0.75 })] as const

const samRow = (syncPeriod: number, resetState: boolean): CatalogueRow =>
  row(
    `sam(sgd, sgd, { syncPeriod: ${syncPeriod}, resetState: ${resetState} })`,
    () => sam(...duellists(), { syncPeriod, resetState }),
    [
      ...elementwise,
      walksAs({
        name: 'duel',
        statement: 'syncPeriod − 1 steps up the loss, then one down from where they began',
        written: duel({ syncPeriod, resetState }),
        tolerance: differences,
      }),
    ],
  )

const ramp: Schedule = warmupConstantSchedule({ initValue: 0, peakValue: 0.5, warmupSteps: 4 })

export const around: readonly CatalogueRow[] = [
  row('scheduleFree(sgd(0.125), 0.125)', () => scheduleFree(sgd(0.125), 0.125), [
    ...elementwise,
    walksAs({
      name: 'threeSequences',
      statement: 'y = (1 − β)z + βx, x the mean of all z',
      written: averaging({ eta: 0.125, rate: () => 0.125, b1: 0.9, power: 2 }),
      tolerance: differences,
    }),
  ]),
  row(
    'scheduleFree(sgd(0.125), bumpy, { b1: 0.75, weightLrPower: 1.5 })',
    () => scheduleFree(sgd(0.125), bumpy, { b1: 0.75, weightLrPower: 1.5 }),
    [
      walksAs({
        name: 'threeSequences',
        statement: 'y = (1 − β)z + βx, x the mean of all z, weighted by the greatest learning rate so far',
        written: averaging({ eta: 0.125, rate: bumpy, b1: 0.75, power: 1.5 }),
        tolerance: differences,
      }),
    ],
  ),
  row('scheduleFreeSgd()', () => scheduleFreeSgd(), [
    ...elementwise,
    sameAs({
      name: 'ofSgd',
      statement: 'scheduleFreeSgd() = scheduleFree(sgd(1), 1)',
      other: () => scheduleFree(sgd(1), 1),
      states: true,
    }),
  ]),
  row(
    'scheduleFreeSgd(0.5, { warmupSteps: 4, weightDecay: 0.25, b1: 0.75, weightLrPower: 1 })',
    () => scheduleFreeSgd(0.5, { warmupSteps: 4, weightDecay: 0.25, b1: 0.75, weightLrPower: 1 }),
    [
      sameAs({
        name: 'ofDecayedSgd',
        statement: 'of decayed gradients, warmed up',
        other: () =>
          scheduleFree(chain(addDecayedWeights(0.25), sgd(ramp)), ramp, { b1: 0.75, weightLrPower: 1 }),
        states: true,
      }),
    ],
  ),
  row('scheduleFreeAdamw()', () => scheduleFreeAdamw(), [
    ...elementwise,
    sameAs({
      name: 'ofAdam',
      statement: 'of Adam without a first moment',
      other: () =>
        scheduleFree(
          chain(
            scaleByRms({ decay: 0.999, eps: 1e-8, epsInSqrt: false, biasCorrection: true }),
            scaleByLearningRate(0.0025),
          ),
          0.0025,
        ),
    }),
  ]),
  row(
    'scheduleFreeAdamw(0.5, { warmupSteps: 4, b1: 0.75, b2: 0.5, eps: 0.25, weightDecay: 0.25, weightLrPower: 1 })',
    () =>
      scheduleFreeAdamw(0.5, {
        warmupSteps: 4,
        b1: 0.75,
        b2: 0.5,
        eps: 0.25,
        weightDecay: 0.25,
        weightLrPower: 1,
      }),
    [
      sameAs({
        name: 'ofAdamw',
        statement: 'of AdamW without a first moment, warmed up',
        other: () =>
          scheduleFree(
            chain(
              scaleByRms({ decay: 0.5, eps: 0.25, epsInSqrt: false, biasCorrection: true }),
              addDecayedWeights(0.25),
              scaleByLearningRate(ramp),
            ),
            ramp,
            { b1: 0.75, weightLrPower: 1 },
          ),
        states: true,
      }),
    ],
  ),
  row('mechanize(sgd(0.125))', () => mechanize(sgd(0.125)), [
    ...treeNorms,
    walksAs({
      name: 'mechanic',
      statement: 'the scale is what six tuners hold',
      written: tuning({ eta: 0.125 }),
      tolerance: differences,
    }),
  ]),
  row(
    'mechanize(sgd(0.125), { weightDecay: 0.25, eps: 0.125, sInit: 0.5, numBetas: 2 })',
    () => mechanize(sgd(0.125), { weightDecay: 0.25, eps: 0.125, sInit: 0.5, numBetas: 2 }),
    [
      walksAs({
        name: 'mechanic',
        statement: 'the scale is what two tuners hold',
        written: tuning({ eta: 0.125, weightDecay: 0.25, eps: 0.125, sInit: 0.5, numBetas: 2 }),
        tolerance: differences,
      }),
    ],
  ),
  samRow(2, true),
  samRow(3, true),
  samRow(3, false),
  samRow(1, true),
]
