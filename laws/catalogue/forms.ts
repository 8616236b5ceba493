/** Each rule as one formula of the first gradient g, a known signal and t. */

import {
  averaged,
  type ClosedForm,
  closedForm,
  everyUpdate,
  type Point,
  type Sameness,
  sameAs,
  varied,
} from '../closedForm.js'
import type { Tx, TxLaw } from '../law.js'
import { type Tolerance, within } from '../violation.js'

/** A signal without cancellation, and the constant one. */
export const forms = (
  statement: string,
  formula: (at: Point & { readonly f: (t: number) => number }) => number,
  tolerance: Tolerance,
  more: Partial<ClosedForm> = {},
): readonly TxLaw[] =>
  [['constant', () => 1] as const, ['varied', varied] as const].map(([name, f]) =>
    closedForm({
      name: `${name}Signal`,
      statement: `${statement}, of ${name === 'constant' ? 'a constant' : 'a varied'} signal`,
      signal: f,
      formula: (at) => formula({ ...at, f }),
      tolerance,
      ...more,
    }),
  )

/** The signal of the squares. */
export const square =
  (f: (t: number) => number): ((t: number) => number) =>
  (t) =>
    f(t) ** 2

/** The bias-corrected average of a signal that was averaged from zero. */
export const corrected = (decay: number, t: number, f: (t: number) => number): number =>
  averaged(decay, t, f) / (1 - decay ** t)

export interface Moments {
  readonly b1?: number
  readonly b2?: number
  readonly eps?: number
  readonly epsRoot?: number
}

export type At = Point & { readonly f: (t: number) => number }

export const firstMoment = ({ b1 = 0.9 }: Moments, nesterov: boolean, { t, f }: At): number =>
  nesterov
    ? (b1 * averaged(b1, t, f)) / (1 - b1 ** (t + 1)) + ((1 - b1) * f(t)) / (1 - b1 ** t)
    : corrected(b1, t, f)

export const adamForm =
  (moments: Moments, nesterov = false) =>
  (at: At): number => {
    const { b2 = 0.999, eps = 1e-8, epsRoot = 0 } = moments
    const root = Math.sqrt(at.g ** 2 * corrected(b2, at.t, square(at.f)) + epsRoot) + eps
    return at.g === 0 && root === 0 ? Number.NaN : (at.g * firstMoment(moments, nesterov, at)) / root
  }

/** In the variant `paper` the maximum comes first, then the correction. */
export const amsgradForm =
  (moments: Moments, variant: 'optax' | 'paper' = 'optax') =>
  (at: At): number => {
    const { b2 = 0.999, eps = 1e-8, epsRoot = 0 } = moments
    const greatest = (moment: (t: number) => number): number =>
      Math.max(...Array.from({ length: at.t }, (_, i) => moment(i + 1)))
    const peak =
      variant === 'paper'
        ? greatest((t) => averaged(b2, t, square(at.f))) / (1 - b2 ** at.t)
        : greatest((t) => corrected(b2, t, square(at.f)))
    return (at.g * firstMoment(moments, false, at)) / (Math.sqrt(at.g ** 2 * peak + epsRoot) + eps)
  }

/** After one gradient the corrected variance is zero; what is computed is a rounding of its square. */
export const vanishing: Partial<ClosedForm> = {
  kinds: ['number', 'float64'],
  grads: 'moderate',
  tolerance: within(2 ** 24),
}

interface Centred {
  readonly decay?: number
  readonly eps?: number
  readonly epsInSqrt?: boolean
  readonly biasCorrection?: boolean
}

/** Divided by the root of a variance, which is a difference. */
export const stddevForm =
  ({ decay = 0.9, eps = 1e-8, epsInSqrt = true, biasCorrection = false }: Centred) =>
  ({ g, t, f }: At): number => {
    const mean = biasCorrection ? corrected : averaged
    const variance = Math.max(g ** 2 * (mean(decay, t, square(f)) - mean(decay, t, f) ** 2), 0)
    return (g * f(t)) / (epsInSqrt ? Math.sqrt(variance + eps) : Math.sqrt(variance) + eps)
  }

export const radamForm =
  (moments: Moments, nesterov = false, threshold = 5) =>
  (at: At): number => {
    const { b2 = 0.999, eps = 1e-8, epsRoot = 0 } = moments
    const longest = 2 / (1 - b2) - 1
    const rho = longest - (2 * at.t * b2 ** at.t) / (1 - b2 ** at.t)
    if (rho < threshold) return at.g * firstMoment(moments, nesterov, at)
    const r = Math.sqrt(((rho - 4) * (rho - 2) * longest) / ((longest - 4) * (longest - 2) * rho))
    return (
      (r * at.g * firstMoment(moments, nesterov, at)) /
      (Math.sqrt(at.g ** 2 * corrected(b2, at.t, square(at.f)) + epsRoot) + eps)
    )
  }

export const summed = (t: number, f: (t: number) => number): number =>
  Array.from({ length: t }, (_, i) => f(i + 1)).reduce((a, b) => a + b, 0)

const momentumOf = (decay: number, t: number, f: (t: number) => number): number =>
  summed(t, (s) => decay ** (t - s) * f(s))

export const traceForm =
  (decay: number, nesterov: boolean) =>
  ({ g, t, f }: At): number =>
    g * (nesterov ? f(t) + decay * momentumOf(decay, t, f) : momentumOf(decay, t, f))

export const times =
  (factor: number, formula: (at: At) => number) =>
  (at: At): number =>
    factor * formula(at)

// where the roundings of a few operations per step add up over 20 steps; in float64 the host's 1 − β₂ᵗ cancels and
// costs up to 1/(1 − β₂) ulps, in float32 it is computed in float64 and costs nothing
export const moments: Tolerance = within(40, 3000)

export const norm = (xs: Float64Array): number => Math.hypot(...xs)

export const aligned: Partial<ClosedForm> = { grads: 'positive', params: 'positive' }

/** Whether |x| ≤ bound, up to two roundings. */
export const bounded = (x: number, bound: number): boolean => Math.abs(x) <= bound * (1 + 2 ** -22)

/** The bound of |m̂|/√v̂, by Cauchy and Schwarz. */
export const cauchySchwarz = (factor: number, b1 = 0.9, b2 = 0.999): TxLaw =>
  everyUpdate({
    name: 'cauchySchwarz',
    statement: '|m̂|/√v̂ ≤ (1−β₁)/√(1−β₂)·√((1−rᵗ)/(1−r))·√(1−β₂ᵗ)/(1−β₁ᵗ) with r = β₁²/β₂',
    draws: { steps: 12 },
    holds: ({ u, t }) => {
      const r = b1 ** 2 / b2
      const bound =
        (((1 - b1) / Math.sqrt(1 - b2)) * Math.sqrt((1 - r ** t) / (1 - r)) * Math.sqrt(1 - b2 ** t)) /
        (1 - b1 ** t)
      return Number.isNaN(u) || bounded(u, Math.abs(factor) * bound)
    },
  })

export const lionForm =
  (b1: number, b2: number) =>
  ({ g, t, f }: At): number =>
    Math.sign(g) * Math.sign(b1 * averaged(b2, t - 1, f) + (1 - b1) * f(t))

type Table = readonly [signs: readonly number[], updates: readonly number[]]

type Variants<A> = Readonly<Record<'optax' | 'paper', A>>

/** Computed by hand for η⁺ = 1.2, η⁻ = 0.5 and a first step size of 1. */
const rpropTables: Variants<readonly Table[]> = {
  optax: [
    [
      [1, 1, 1, -1, -1, -1, -1],
      [0, 1, 1.2, 0, 0, -0.72, -0.864],
    ],
    [
      [1, 0, 1, 1],
      [0, 1, 0, 1],
    ],
  ],
  paper: [
    [
      [1, 1, 1, -1, -1, -1, -1],
      [1, 1.2, 1.44, 0, -0.72, -0.864, -1.0368],
    ],
    [
      [1, 0, 1, 1],
      [1, 0, 1, 1.2],
    ],
  ],
}

/** The same with a least step size of 0.3. */
export const rpropFloor: Variants<Table> = {
  optax: [
    [1, -1, -1, 1, 1, 1],
    [0, 0, 0, 0, 0, 0.3],
  ],
  paper: [
    [1, -1, -1, 1, 1, 1],
    [1, 0, -0.5, 0, 0.3, 0.36],
  ],
}

/** With a first step size of 1, above the greatest, 0.75: PyTorch does not start from the latter. */
export const rpropCeiling: Table = [
  [1, 1, -1, -1],
  [0.75, 0.75, 0, -0.375],
]

export const rpropTable = (learningRate: number, [signs, updates]: Table): TxLaw =>
  closedForm({
    name: 'rpropWorkedOut',
    statement: `signs ${signs} give ${updates}`,
    signal: (t) => (signs[t - 1] ?? 1) * 2 ** (t % 3),
    formula: ({ g, t }) => learningRate * Math.sign(g) * (updates[t - 1] ?? Number.NaN),
    tolerance: { ulps: 8, floor: 0 },
    steps: signs.length,
  })

export const rpropForms = (learningRate: number, variant: 'optax' | 'paper' = 'optax'): readonly TxLaw[] => [
  ...rpropTables[variant].map((table) => rpropTable(learningRate, table)),
  closedForm({
    name: 'rpropGrows',
    statement: `a constant sign lets the step size grow by η⁺ from the ${variant === 'paper' ? 'first' : 'second'} step on, up to its bound`,
    formula: ({ g, t }) => {
      const grown = t - (variant === 'paper' ? 1 : 2)
      return grown < 0 ? 0 : Math.sign(g * learningRate) * Math.min(Math.abs(learningRate) * 1.2 ** grown, 50)
    },
    tolerance: { ulps: 40, floor: 0 },
    steps: 60,
  }),
  everyUpdate({
    name: 'rpropBounds',
    statement: 'a step is 0 or from 1e-6 to 50',
    draws: { steps: 8 },
    holds: ({ u }) => u === 0 || (Math.abs(u) >= 0.999e-6 && bounded(u, 50)),
  }),
]

export const trustForm =
  (trustCoefficient: number, eps: number) =>
  ({ g, t, f, leafG, leafP }: At): number => {
    const [ofParam, ofGradient] = [norm(leafP), Math.abs(f(t)) * norm(leafG)]
    return ofParam === 0 || ofGradient === 0
      ? g * f(t)
      : (g * f(t) * trustCoefficient * ofParam) / (ofGradient + eps)
  }

/** LARS of positive gradients and parameters; a gradient of zero stays zero. */
export const larsForm =
  (
    learningRate: number,
    weightDecay: number,
    trustCoefficient: number,
    momentum: number,
    nesterov: boolean,
  ) =>
  ({ g, p, t, f, leafG, leafP }: At): number => {
    const step = (s: number): number => {
      const decayed = leafG.map((x, i) => x * f(s) + weightDecay * (leafP[i] ?? 0))
      const ofGradient = norm(decayed)
      return ofGradient === 0
        ? 0
        : (-learningRate * trustCoefficient * norm(leafP) * (g * f(s) + weightDecay * p)) / ofGradient
    }
    const path = momentumOf(momentum, t, step)
    return nesterov ? step(t) + momentum * path : path
  }

/** LAMB of one leaf: Adam's direction, decayed, as long as the parameter. */
export const lambForm =
  (learningRate: number, weightDecay: number) =>
  (at: At): number => {
    const direction = (g: number, p: number): number =>
      adamForm({ eps: 1e-6 })({ ...at, g }) + weightDecay * p
    const all = at.leafG.map((g, i) => direction(g, at.leafP[i] ?? 0))
    return (-learningRate * direction(at.g, at.p) * norm(at.leafP)) / norm(all)
  }

/** An optimizer is the chain of its members; compares states too, where updates do not show all of them. */
export const members = (
  statement: string,
  other: () => Tx,
  given: Pick<Sameness, 'states' | 'draws'> = {},
): TxLaw => sameAs({ name: 'members', statement, other, ...given })
