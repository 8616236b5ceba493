/** Wrappers of optimizers as their papers write them, in plain numbers. */
import type { Schedule } from '../../src/index.js'
import type { Written } from '../walk.js'

type Numbers = readonly number[]

const zip = (f: (...xs: readonly number[]) => number, ...rows: readonly Numbers[]): Numbers =>
  (rows[0] ?? []).map((_, i) => f(...rows.map((row) => row[i] ?? Number.NaN)))

const dot = (a: Numbers, b: Numbers): number => a.reduce((sum, x, i) => sum + x * (b[i] ?? Number.NaN), 0)

const length = (a: Numbers): number => Math.sqrt(dot(a, a))

// schedule-free

interface Averaging {
  readonly eta: number
  readonly rate: Schedule
  readonly b1: number
  readonly power: number
}

/** All three sequences: y, where gradients are taken; z, of gradient descent; x, the average of z. */
export const averaging = ({
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

export const tuning = ({
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
    const u = zip((from = 0, at = 0, way = 0, gi = 0) => from - at - next * (way + eta * gi), x0, p, gone, g)
    return [u, { tuners, x0 }]
  },
})

// sharpness-aware minimization

interface Duel {
  readonly syncPeriod: number
  readonly resetState: boolean
}

/** Both with momentum, the optimizer with weight decay: it must see the parameters from before the ascent. */
export const duel = ({
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
