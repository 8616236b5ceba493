/** Relatives of Adam: other moments, in another order. */

import {
  acprop,
  addDecayedWeights,
  ademamix,
  adopt,
  chain,
  fromRule,
  type Schedule,
  scale,
  scaleByAcprop,
  scaleByAdam,
  scaleByAdemamix,
  scaleByAdopt,
  scaleBySimplifiedAdemamix,
  simplifiedAdemamix,
  sophia,
} from '../../src/index.js'
import { averaged, everyUpdate, sameAs, zeroGradient } from '../closedForm.js'
import type { Tolerance } from '../violation.js'
import {
  type At,
  aligned,
  bounded,
  corrected,
  forms,
  type Moments,
  members,
  moments,
  square,
  summed,
  times,
  traceForm,
} from './forms.js'
import { agreeing, elementwise, odd, scaleFree } from './groups.js'
import { type CatalogueRow, row } from './row.js'

const acpropForm =
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

const ademamixForm =
  ({ b1 = 0.9, b2 = 0.999, b3 = 0.9999, alpha = 6, eps = 1e-8, epsRoot = 0 }: Mixed) =>
  ({ g, t, f }: At): number => {
    // the share of every gradient in the slow average, whose decay may change
    const kept = (s: number): number =>
      Array.from({ length: t - s }, (_, i) => at(b3, s + i)).reduce((a, b) => a * b, 1)
    const slow = summed(t, (s) => (1 - at(b3, s - 1)) * kept(s) * f(s))
    const root = Math.sqrt(g ** 2 * corrected(b2, t, square(f)) + epsRoot) + eps
    return (g * (corrected(b1, t, f) + at(alpha, t - 1) * slow)) / root
  }

const simplifiedForm =
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

const adoptForm =
  ({ b1 = 0.9, b2 = 0.9999, eps = 1e-6, nesterov = false, bound = (count) => count ** 0.25 }: Adopted) =>
  ({ g, t, f }: At): number => {
    // the first square as it is, the others averaged to it
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

const unbounded: Schedule = () => Number.POSITIVE_INFINITY

interface Curved extends Moments {
  readonly gamma?: number
  readonly clipThreshold?: number
  readonly updateInterval?: number
}

/** With the squared gradient for the Hessian's diagonal. */
const sophiaForm =
  ({ b1 = 0.965, b2 = 0.99, eps = 1e-8, gamma = 0.01, clipThreshold = 1, updateInterval = 10 }: Curved) =>
  ({ g, t, f }: At): number => {
    const taken = Math.ceil((t - 1) / updateInterval)
    const nu = averaged(b2, taken, (i) => (g * f(1 + (i - 1) * updateInterval)) ** 2)
    const step = (g * corrected(b1, t, f)) / Math.max(gamma * nu, eps)
    return Math.min(Math.max(step, -clipThreshold), clipThreshold)
  }

const squares = () => fromRule({ slots: {}, scalars: {}, step: ({ g }) => ({ update: g.square() }) })

/** The same estimate as an ordinary pair of functions. */
const opaqueSquares = () => {
  const { init, update } = squares()
  return { init, update }
}

// a gradient may nearly be its average
const stray: Tolerance = { ulps: { float32: 200, float64: 4000 } }

export const relatives: readonly CatalogueRow[] = [
  row('scaleByAcprop()', () => scaleByAcprop(), [
    ...elementwise,
    ...odd,
    agreeing(64, 4),
    zeroGradient,
    ...forms('u = g/(√ŝₜ₋₁ + ε), s the average of (g − m)²', acpropForm({}), stray),
  ]),
  row(
    'scaleByAcprop({ b1: 0.5, b2: 0.75, eps: 0.25, epsRoot: 0.5 })',
    () => scaleByAcprop({ b1: 0.5, b2: 0.75, eps: 0.25, epsRoot: 0.5 }),
    [
      ...forms(
        'the same with large ε, which the average keeps',
        acpropForm({ b1: 0.5, b2: 0.75, eps: 0.25, epsRoot: 0.5 }),
        stray,
      ),
    ],
  ),
  row(
    'acprop(0.1)',
    () => acprop(0.1),
    [
      ...elementwise,
      ...odd,
      members('acprop = scaleByAcprop, the learning rate', () => chain(scaleByAcprop(), scale(-0.1))),
    ],
    acprop,
  ),
  row(
    'acprop(0.1, { b1: 0.5, b2: 0.75, eps: 0.25, epsRoot: 0.5, weightDecay: 0.25 })',
    () => acprop(0.1, { b1: 0.5, b2: 0.75, eps: 0.25, epsRoot: 0.5, weightDecay: 0.25 }),
    [
      members('acprop = scaleByAcprop, addDecayedWeights, the learning rate', () =>
        chain(
          scaleByAcprop({ b1: 0.5, b2: 0.75, eps: 0.25, epsRoot: 0.5 }),
          addDecayedWeights(0.25),
          scale(-0.1),
        ),
      ),
      ...forms(
        'u = −η(g/(√ŝₜ₋₁ + ε) + λp)',
        (here) => -0.1 * (acpropForm({ b1: 0.5, b2: 0.75, eps: 0.25, epsRoot: 0.5 })(here) + 0.25 * here.p),
        stray,
        aligned,
      ),
    ],
  ),
  row('scaleByAdemamix()', () => scaleByAdemamix(), [
    ...elementwise,
    ...odd,
    agreeing(32, 2),
    zeroGradient,
    ...forms('u = (m̂₁ + αm₂)/(√ν̂ + ε)', ademamixForm({}), moments),
  ]),
  row('scaleByAdemamix({ alpha: 0 })', () => scaleByAdemamix({ alpha: 0 }), [
    sameAs({
      name: 'withoutSlowAverage',
      statement: 'AdEMAMix(α = 0) = Adam',
      other: () => scaleByAdam(),
    }),
  ]),
  row(
    'scaleByAdemamix({ b1: 0.5, b2: 0.75, b3: (count) => 1 - 1 / (count + 2), alpha: (count) => count, eps: 0.25, epsRoot: 0.5 })',
    () =>
      scaleByAdemamix({
        b1: 0.5,
        b2: 0.75,
        b3: (count) => 1 - 1 / (count + 2),
        alpha: (count) => count,
        eps: 0.25,
        epsRoot: 0.5,
      }),
    [
      ...forms(
        'the same with schedules and large ε',
        ademamixForm({
          b1: 0.5,
          b2: 0.75,
          b3: (count) => 1 - 1 / (count + 2),
          alpha: (count) => count,
          eps: 0.25,
          epsRoot: 0.5,
        }),
        moments,
      ),
    ],
  ),
  row(
    'ademamix(0.1)',
    () => ademamix(0.1),
    [
      ...elementwise,
      ...odd,
      zeroGradient,
      members('ademamix = scaleByAdemamix with α = 5, the learning rate', () =>
        chain(scaleByAdemamix({ alpha: 5 }), scale(-0.1)),
      ),
    ],
    ademamix,
  ),
  row(
    'ademamix(0.1, { b1: 0.5, b2: 0.75, b3: 0.9, alpha: 2, eps: 0.25, epsRoot: 0.5, weightDecay: 0.25 })',
    () => ademamix(0.1, { b1: 0.5, b2: 0.75, b3: 0.9, alpha: 2, eps: 0.25, epsRoot: 0.5, weightDecay: 0.25 }),
    [
      ...forms(
        'u = −η((m̂₁ + αm₂)/(√ν̂ + ε) + λp)',
        (here) =>
          -0.1 *
          (ademamixForm({ b1: 0.5, b2: 0.75, b3: 0.9, alpha: 2, eps: 0.25, epsRoot: 0.5 })(here) +
            0.25 * here.p),
        moments,
        aligned,
      ),
    ],
  ),
  row('scaleBySimplifiedAdemamix()', () => scaleBySimplifiedAdemamix(), [
    ...elementwise,
    ...odd,
    agreeing(32, 2),
    zeroGradient,
    ...forms('u = Σ β₁ᵗ⁻ˢ gₛ/(√ν̂ + ε)', simplifiedForm({}), moments),
  ]),
  row(
    'scaleBySimplifiedAdemamix({ eps: 0, alpha: 2 })',
    () => scaleBySimplifiedAdemamix({ eps: 0, alpha: 2 }),
    scaleFree,
  ),
  row(
    'scaleBySimplifiedAdemamix({ b1: 0.5, b2: 0.75, alpha: (count) => count, eps: 0.25, epsRoot: 0.5 })',
    () => scaleBySimplifiedAdemamix({ b1: 0.5, b2: 0.75, alpha: (count) => count, eps: 0.25, epsRoot: 0.5 }),
    [
      ...forms(
        'u = (Σ β₁ᵗ⁻ˢ gₛ + αg)/(√(ν̂ + ε′) + ε), α a schedule',
        simplifiedForm({ b1: 0.5, b2: 0.75, alpha: (count) => count, eps: 0.25, epsRoot: 0.5 }),
        moments,
      ),
    ],
  ),
  row(
    'simplifiedAdemamix(0.1)',
    () => simplifiedAdemamix(0.1),
    [
      ...elementwise,
      ...odd,
      zeroGradient,
      members('simplifiedAdemamix = scaleBySimplifiedAdemamix, the learning rate', () =>
        chain(scaleBySimplifiedAdemamix(), scale(-0.1)),
      ),
    ],
    simplifiedAdemamix,
  ),
  row(
    'simplifiedAdemamix(0.1, { b1: 0.5, b2: 0.75, alpha: 2, eps: 0.25, epsRoot: 0.5, weightDecay: 0.25 })',
    () =>
      simplifiedAdemamix(0.1, { b1: 0.5, b2: 0.75, alpha: 2, eps: 0.25, epsRoot: 0.5, weightDecay: 0.25 }),
    [
      ...forms(
        'u = −η((Σ β₁ᵗ⁻ˢ gₛ + αg)/(√(ν̂ + ε′) + ε) + λp)',
        (here) =>
          -0.1 *
          (simplifiedForm({ b1: 0.5, b2: 0.75, alpha: 2, eps: 0.25, epsRoot: 0.5 })(here) + 0.25 * here.p),
        moments,
        aligned,
      ),
    ],
  ),
  row('scaleByAdopt()', () => scaleByAdopt(), [
    ...elementwise,
    ...odd,
    agreeing(32, 2),
    zeroGradient,
    ...forms('u = the average of clipped g/max(√νₜ₋₁, ε)', adoptForm({}), moments),
    everyUpdate({
      name: 'firstStepIsZero',
      statement: 'the first update is zero, and none exceeds the bound of its time',
      draws: { steps: 8 },
      holds: ({ u, t }) => bounded(u, (t - 1) ** 0.25),
    }),
  ]),
  row(
    'scaleByAdopt({ b1: 0.5, b2: 0.75, eps: 0.25, useClipping: false })',
    () => scaleByAdopt({ b1: 0.5, b2: 0.75, eps: 0.25, useClipping: false }),
    [
      ...forms(
        'the same without clipping',
        adoptForm({ b1: 0.5, b2: 0.75, eps: 0.25, bound: unbounded }),
        moments,
      ),
    ],
  ),
  row(
    'scaleByAdopt({ b2: 0.75, nesterov: true, clipValueFn: () => 0.5 })',
    () => scaleByAdopt({ b2: 0.75, nesterov: true, clipValueFn: () => 0.5 }),
    [
      ...forms(
        'the same with Nesterov and a constant bound',
        adoptForm({ b2: 0.75, nesterov: true, bound: () => 0.5 }),
        moments,
      ),
    ],
  ),
  row(
    'adopt(0.1)',
    () => adopt(0.1),
    [
      ...elementwise,
      ...odd,
      zeroGradient,
      members('adopt = scaleByAdopt, the learning rate', () => chain(scaleByAdopt(), scale(-0.1))),
    ],
    adopt,
  ),
  row(
    'adopt(0.1, { b1: 0.5, b2: 0.75, eps: 0.25, nesterov: true, useClipping: false })',
    () => adopt(0.1, { b1: 0.5, b2: 0.75, eps: 0.25, nesterov: true, useClipping: false }),
    [
      ...forms(
        'ADOPT with Nesterov and without clipping',
        times(-0.1, adoptForm({ b1: 0.5, b2: 0.75, eps: 0.25, nesterov: true, bound: unbounded })),
        moments,
      ),
    ],
  ),
  row(
    'sophia(0.1, { hessianDiagonalFn: squares, weightDecay: 0 })',
    () => sophia(0.1, { hessianDiagonalFn: squares(), weightDecay: 0 }),
    [
      ...elementwise,
      ...odd,
      agreeing(32, 2),
      zeroGradient,
      ...forms('u = −η·clip(m̂/max(γh, ε))', times(-0.1, sophiaForm({})), moments),
      everyUpdate({
        name: 'boundedStep',
        statement: 'no step is longer than the learning rate',
        draws: { steps: 8 },
        holds: ({ u }) => bounded(u, 0.1),
      }),
      sameAs({
        name: 'opaqueEstimate',
        statement: 'an estimate that is no rule gives the same numbers',
        other: () => sophia(0.1, { hessianDiagonalFn: opaqueSquares(), weightDecay: 0 }),
      }),
    ],
    (learningRate: number | Schedule) =>
      sophia(learningRate, { hessianDiagonalFn: squares(), weightDecay: 0 }),
  ),
  row(
    'sophia(0.1, { hessianDiagonalFn: squares, b1: 0.5, b2: 0.75, eps: 0.25, gamma: 2, clipThreshold: Infinity, updateInterval: 3, weightDecay: 0.25 })',
    () =>
      sophia(0.1, {
        hessianDiagonalFn: squares(),
        b1: 0.5,
        b2: 0.75,
        eps: 0.25,
        gamma: 2,
        clipThreshold: Number.POSITIVE_INFINITY,
        updateInterval: 3,
        weightDecay: 0.25,
      }),
    [
      ...forms(
        'u = −η(m̂/max(γh, ε) + λp), h of every third gradient',
        (here) =>
          -0.1 *
          (sophiaForm({
            b1: 0.5,
            b2: 0.75,
            eps: 0.25,
            gamma: 2,
            clipThreshold: Number.POSITIVE_INFINITY,
            updateInterval: 3,
          })(here) +
            0.25 * here.p),
        moments,
        aligned,
      ),
    ],
  ),
]
