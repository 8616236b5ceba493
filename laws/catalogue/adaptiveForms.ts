/** The rules of Adam's relatives as formulas of the first gradient g, a known signal and t. */
import { averaged } from '../closedForm.js'
import { type At, corrected, firstMoment, type Moments, norm, summed } from './forms.js'

const steps = (t: number): readonly number[] => Array.from({ length: t }, (_, i) => i + 1)

export const adadeltaForm =
  (rho: number, eps: number) =>
  ({ g, t, f }: At): number =>
    steps(t).reduce(
      ({ eX }, s) => {
        const eG = g ** 2 * averaged(rho, s, (r) => f(r) ** 2)
        const u = g * f(s) * Math.sqrt((eX + eps) / (eG + eps))
        return { u, eX: eX + (1 - rho) * (u ** 2 - eX) }
      },
      { u: 0, eX: 0 },
    ).u

export const adamaxForm =
  ({ b1 = 0.9, b2 = 0.999, eps = 1e-8 }: Moments) =>
  ({ g, t, f }: At): number =>
    (g * corrected(b1, t, f)) / Math.max(...steps(t).map((s) => b2 ** (t - s) * (Math.abs(g * f(s)) + eps)))

export const adanForm =
  (b1: number, b2: number, b3: number, eps: number, epsRoot: number, ahead: number = 1 - b2) =>
  ({ g, t, f }: At): number => {
    const d = (s: number): number => (s === 1 ? 0 : f(s) - f(s - 1))
    const square = g ** 2 * corrected(b3, t, (s) => (f(s) + ahead * d(s)) ** 2)
    const direction = g * (corrected(b1, t, f) + ahead * corrected(b2, t, d))
    return direction / (Math.sqrt(square + epsRoot) + eps)
  }

export const beliefForm =
  (given: Moments, nesterov = false) =>
  (at: At): number => {
    const { b1 = 0.9, b2 = 0.999, eps = 1e-16, epsRoot = 1e-16 } = given
    const { g, t, f } = at
    const surprise = averaged(b2, t, (s) => (f(s) - averaged(b1, s, f)) ** 2)
    const added = epsRoot * summed(t, (s) => b2 ** (t - s))
    return (
      (g * firstMoment({ b1 }, nesterov, at)) / (Math.sqrt((g ** 2 * surprise + added) / (1 - b2 ** t)) + eps)
    )
  }

export const yogiForm =
  (given: Moments, start = 1e-6) =>
  ({ g, t, f }: At): number => {
    const { b1 = 0.9, b2 = 0.999, eps = 1e-3, epsRoot = 0 } = given
    const nu = steps(t).reduce((v, s) => {
      const square = (g * f(s)) ** 2
      return v - (1 - b2) * Math.sign(v - square) * square
    }, start)
    const mu = (start * b1 ** t + g * averaged(b1, t, f)) / (1 - b1 ** t)
    return mu / (Math.sqrt(nu / (1 - b2 ** t) + epsRoot) + eps)
  }

export const novogradForm =
  (b1: number, b2: number, eps: number, epsRoot: number, weightDecay: number) =>
  ({ g, p, t, f, leafG }: At): number => {
    const square = (s: number): number =>
      b2 ** (s - 1) * f(1) ** 2 + averaged(b2, s, (r) => (r === 1 ? 0 : f(r) ** 2))
    return summed(t, (s) => {
      const root = Math.sqrt(norm(leafG) ** 2 * square(s) + epsRoot) + eps
      return b1 ** (t - s) * ((g * f(s)) / root + weightDecay * p)
    })
  }
