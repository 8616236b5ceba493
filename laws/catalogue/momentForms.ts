/** Relatives of Adam, each as one formula of the first gradient, a known signal and t. */

import { type EmptyState, fromRule, type GradientTransformation, type Schedule } from '../../src/index.js'
import { averaged } from '../closedForm.js'
import type { Tolerance } from '../violation.js'
import { type At, corrected, type Moments, square, summed, traceForm } from './forms.js'

export const acpropForm =
  ({ b1 = 0.9, b2 = 0.999, eps = 1e-16, epsRoot = 1e-16 }: Moments) =>
  ({ g, t, f }: At): number => {
    const stray = (s: number): number => g * (f(s) - averaged(b1, s - 1, f))
    const nu = summed(t - 1, (s) => b2 ** (t - 1 - s) * ((1 - b2) * stray(s) ** 2 + epsRoot))
    return (g * f(t)) / (Math.sqrt(t === 1 ? 1 : nu / (1 - b2 ** (t - 1))) + eps)
  }

interface Mixed extends Moments {
  readonly b3?: number | Schedule
  readonly alpha?: number | Schedule
}

const at = (x: number | Schedule, count: number): number => (typeof x === 'function' ? x(count) : x)

export const ademamixForm =
  ({ b1 = 0.9, b2 = 0.999, b3 = 0.9999, alpha = 6, eps = 1e-8, epsRoot = 0 }: Mixed) =>
  ({ g, t, f }: At): number => {
    // the share of every gradient in the slow average, whose decay may change
    const kept = (s: number): number =>
      Array.from({ length: t - s }, (_, i) => at(b3, s + i)).reduce((a, b) => a * b, 1)
    const slow = summed(t, (s) => (1 - at(b3, s - 1)) * kept(s) * f(s))
    const root = Math.sqrt(g ** 2 * corrected(b2, t, square(f)) + epsRoot) + eps
    return (g * (corrected(b1, t, f) + at(alpha, t - 1) * slow)) / root
  }

export const simplifiedForm =
  ({ b1 = 0.99, b2 = 0.95, alpha = 0, eps = 1e-8, epsRoot = 0 }: Mixed) =>
  (here: At): number => {
    const { g, t, f } = here
    const root = Math.sqrt(g ** 2 * corrected(b2, t, square(f)) + epsRoot) + eps
    return (traceForm(b1, false)(here) + at(alpha, t - 1) * g * f(t)) / root
  }

interface Adopted extends Moments {
  readonly nesterov?: boolean
  readonly bound?: Schedule
}

export const adoptForm =
  ({ b1 = 0.9, b2 = 0.9999, eps = 1e-6, nesterov = false, bound = (count) => count ** 0.25 }: Adopted) =>
  ({ g, t, f }: At): number => {
    // the first square as it is, later ones averaged in
    const nu = (s: number): number =>
      g ** 2 * (b2 ** (s - 1) + summed(s - 1, (r) => (1 - b2) * b2 ** (s - 1 - r) * f(r + 1) ** 2))
    const part = (s: number): number => {
      const x = (g * f(s)) / Math.max(Math.sqrt(nu(s - 1)), eps)
      return Math.min(Math.max(x, -bound(s - 1)), bound(s - 1))
    }
    if (t === 1) return 0
    const mu = summed(t - 1, (r) => (1 - b1) * b1 ** (t - 1 - r) * part(r + 1))
    return nesterov ? b1 * mu + (1 - b1) * part(t) : mu
  }

export const unbounded: Schedule = () => Number.POSITIVE_INFINITY

interface Curved extends Moments {
  readonly gamma?: number
  readonly clipThreshold?: number
  readonly updateInterval?: number
}

/** With the squared gradient as the Hessian's diagonal. */
export const sophiaForm =
  ({ b1 = 0.965, b2 = 0.99, eps = 1e-8, gamma = 0.01, clipThreshold = 1, updateInterval = 10 }: Curved) =>
  ({ g, t, f }: At): number => {
    const taken = Math.ceil((t - 1) / updateInterval)
    const nu = averaged(b2, taken, (i) => (g * f(1 + (i - 1) * updateInterval)) ** 2)
    const step = (g * corrected(b1, t, f)) / Math.max(gamma * nu, eps)
    return Math.min(Math.max(step, -clipThreshold), clipThreshold)
  }

export const squares = (): GradientTransformation<EmptyState> =>
  fromRule({ slots: {}, scalars: {}, step: ({ g }) => ({ update: g.square() }) })

/** The same estimate as an ordinary pair of functions. */
export const opaqueSquares = (): GradientTransformation<EmptyState> => {
  const { init, update } = squares()
  return { init, update }
}

// a gradient may be close to its average
export const stray: Tolerance = { ulps: { float32: 200, float64: 4000 } }
