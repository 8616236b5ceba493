/** What rules that measure the distance from their start do on a known path. */

import type { Schedule } from '../../src/index.js'
import { averaged } from '../closedForm.js'
import { arrayKinds } from '../kind.js'
import type { Tolerance } from '../violation.js'
import { summed } from './forms.js'
import { dot, type MovingPoint, type Walk } from './moving.js'

const steps = (t: number): readonly number[] => Array.from({ length: t }, (_, i) => i + 1)

const greatest = (first: number, t: number, f: (s: number) => number): number =>
  Math.max(first, ...steps(t).map(f))

// updates from differences of two points, and sums of one sign
export const gentle: Tolerance = {
  ulps: { float32: 64, float64: 64 },
  floor: { float32: 2e-6, float64: 4e-15 },
}

// a step that is a ten-thousandth of the parameters
export const departing: Tolerance = {
  ulps: { float32: 64, float64: 64 },
  floor: { float32: 1e-3, float64: 4e-12 },
}

// leaves of one element have norms of their own, so a tree of plain numbers differs
export const arrays: Walk = { kinds: arrayKinds }

// betting

export const cocobForm =
  (alpha = 100, eps = 1e-8, weightDecay = 0, learningRate = 1) =>
  ({ g, p, t, f, m }: MovingPoint): number => {
    const slope = (s: number): number => learningRate * (g * f(s) + weightDecay * p * m(s))
    const scaleOf = (s: number): number => greatest(eps, s, (r) => Math.abs(slope(r)))
    const total = summed(t, slope)
    const sizes = summed(t, (s) => Math.abs(slope(s)))
    const reward = steps(t).reduce((won, s) => Math.max(won - slope(s) * p * (m(s) - 1), 0), 0)
    const bet = -total / (scaleOf(t) * Math.max(sizes + scaleOf(t), alpha * scaleOf(t)))
    return p - p * m(t) + bet * (scaleOf(t) + reward)
  }

/** A path on which rewards are lost again. */
export const upAndDown = (t: number): number => [1, 0.5, 2, 0.5, 0.25, 1][(t - 1) % 6] ?? 1

// dual averages

export const madgradForm =
  (learningRate: number, momentum = 0.9, eps = 1e-6, weightDecay = 0) =>
  ({ g, p, t, f, m }: MovingPoint): number => {
    const slope = (s: number): number => g * f(s) + weightDecay * p * m(s)
    const weight = (s: number): number => (learningRate + eps) * Math.sqrt(s)
    const root = Math.cbrt(summed(t, (s) => weight(s) * slope(s) ** 2)) + eps
    return (1 - momentum) * (p - p * m(t) - summed(t, (s) => weight(s) * slope(s)) / root)
  }

// distances

export const heuristic =
  (alpha: number) =>
  (ofParams: number): number =>
    alpha * (1 + ofParams)

/** DoG by the norms of whole leaves, or of the whole tree. */
export const dogForm =
  (over: 'leaf' | 'tree', factor: number, first: (ofParams: number) => number, eps = 1e-8) =>
  ({ g, t, f, m, leafG, leafP, treeG, treeP }: MovingPoint): number => {
    const [grads, params] = over === 'leaf' ? [leafG, leafP] : [treeG, treeP]
    const ofParams = Math.hypot(...params)
    const distance = greatest(first(ofParams), t, (s) => Math.abs(1 - m(s)) * ofParams)
    const square = summed(t, (s) => f(s) ** 2) * Math.hypot(...grads) ** 2
    return ((factor * distance) / Math.sqrt(square + eps)) * g * f(t)
  }

export const dowgForm =
  (factor: number, first: number, eps: number) =>
  ({ g, treeG, treeP, t, f, m }: MovingPoint): number => {
    const distance = (s: number): number => greatest(first, s, (r) => (1 - m(r)) ** 2 * dot(treeP, treeP))
    const total = summed(t, (s) => distance(s) * f(s) ** 2) * dot(treeG, treeG)
    return ((factor * distance(t)) / (Math.sqrt(total) + eps)) * g * f(t)
  }

// estimated learning rates

interface Estimated {
  readonly learningRate?: Schedule
  readonly betas?: readonly [number, number]
  readonly beta3?: number
  readonly eps?: number
  readonly estimLr0?: number
  readonly estimLrCoef?: number
  readonly weightDecay?: number
  readonly safeguardWarmup?: boolean
}

export const prodigyForm =
  ({
    learningRate = () => 1,
    betas: [b1, b2] = [0.9, 0.999],
    beta3 = Math.sqrt(b2),
    eps = 1e-8,
    estimLr0 = 1e-6,
    estimLrCoef = 1,
    weightDecay = 0,
    safeguardWarmup = false,
  }: Estimated) =>
  ({ g, p, t, f, m, treeG, treeP }: MovingPoint): number => {
    const correction = (s: number): number => Math.sqrt(1 - b2 ** s) / (1 - b1 ** s)
    const [size, product] = [treeG.reduce((a, x) => a + Math.abs(x), 0), dot(treeG, treeP)]
    // the estimate before each step, and after the last
    const d = [estimLr0]
    const before = (s: number): number => d[s - 1] ?? Number.NaN
    const rate = (s: number): number => before(s) * learningRate(s - 1) * correction(s)
    for (const s of steps(t)) {
      const numerator = summed(
        s,
        (r) => beta3 ** (s - r) * (before(r) / estimLr0) * rate(r) * f(r) * (1 - m(r)) * product,
      )
      const share = (r: number): number => (safeguardWarmup ? before(r) : rate(r)) / estimLr0
      const gathered = summed(s, (r) => beta3 ** (s - r) * share(r) * before(r) * f(r)) * size
      d.push(Math.max(before(s), (estimLrCoef * numerator) / gathered))
    }
    const mean = g * averaged(b1, t, (s) => before(s) * f(s))
    const root = Math.abs(g) * Math.sqrt(averaged(b2, t, (s) => (before(s) * f(s)) ** 2))
    return -rate(t) * (mean / (root + before(t + 1) * eps) + weightDecay * p * m(t))
  }

/** The step sizes of D-Adaptation, which depend only on the whole tree. */
const dadaptRates = (
  { learningRate = () => 1, betas: [b1, b2] = [0.9, 0.999], eps = 1e-8, estimLr0 = 1e-6 }: Estimated,
  { treeG, t, f }: MovingPoint,
): readonly number[] => {
  const slow = Math.sqrt(b2)
  const size = treeG.reduce((a, x) => a + Math.abs(x), 0)
  let [d, gathered, square, numerator] = [estimLr0, 0, 0, 0]
  return steps(t).map((s) => {
    const rate = (d * learningRate(s - 1) * Math.sqrt(1 - b2 ** s)) / (1 - b1 ** s)
    const agreement = treeG.reduce(
      (a, x) => a + (x ** 2 * f(s) * gathered) / (Math.abs(x) * Math.sqrt(square) + eps),
      0,
    )
    gathered = slow * gathered + (1 - slow) * rate * f(s)
    square = b2 * square + (1 - b2) * f(s) ** 2
    numerator = slow * numerator + (1 - slow) * rate * agreement
    d = Math.max(d, numerator / ((1 - slow) * gathered * size))
    return rate
  })
}

export const dadaptForm =
  (given: Estimated) =>
  (at: MovingPoint): number => {
    const { betas: [b1, b2] = [0.9, 0.999], eps = 1e-8, weightDecay = 0 } = given
    const { g, p, t, f, m } = at
    const rates = dadaptRates(given, at)
    const rate = (s: number): number => rates[s - 1] ?? Number.NaN
    const root = Math.abs(g) * Math.sqrt(averaged(b2, t, (s) => f(s) ** 2))
    return -((g * averaged(b1, t, (s) => rate(s) * f(s))) / (root + eps) + rate(t) * weightDecay * p * m(t))
  }

// sums over a leaf, over many steps
export const estimate: Tolerance = {
  ulps: { float32: 400, float64: 8000 },
  floor: { float32: 2e-5, float64: 1e-12 },
}

export const halving: Schedule = (count) => 0.5 ** (count % 2)
