/** Rules that use the loss: Polyak's step size and the momentum models. */

import { chain, momo, momoAdam, polyakSgd, type Schedule, scale, scaleByPolyak } from '../../src/index.js'
import { averaged, everyUpdate, zeroGradient } from '../closedForm.js'
import type { Tolerance } from '../violation.js'
import { members } from './forms.js'
import { odd, treeDifferences, treeNorms } from './groups.js'
import { dot, type MovingPoint, onTheWay, type Walk, withLoss } from './moving.js'
import { type CatalogueRow, row } from './row.js'

const summed: Tolerance = { ulps: { float32: 64, float64: 64 } }

// products of gradients and parameters cancel, and leave a loss that may be a millionth of them: 2²¹ roundings, for which
// float32 has no digits (there the golden values hold)
const cancelling: Walk = { kinds: ['float64'] }
/** Where the losses fall below their bound, and nothing else changes. */
const standing: Walk = { ...cancelling, m: () => 1 }
const balanced: Tolerance = { ulps: 400, floor: 1e-8 }

const steps = (t: number): readonly number[] => Array.from({ length: t }, (_, i) => i + 1)

const polyakForm =
  ({ fMin = 0, maxLearningRate = 1, eps = 0, plus = false, scaling = 1 }) =>
  ({ g, treeG, t, f, value }: MovingPoint): number => {
    const slope = scaling * f(t)
    const square = slope ** 2 * dot(treeG, treeG) + eps
    const gap = plus ? Math.max(value(t) - fMin, 0) : value(t) - fMin
    return square <= 2 ** -52 ? 0 : Math.min(gap / square, maxLearningRate) * slope * g
  }

interface Model {
  readonly learningRate?: Schedule
  readonly beta?: number
  readonly b1?: number
  readonly b2?: number
  readonly eps?: number
  readonly lowerBound?: number
  readonly weightDecay?: number
  readonly adaptLowerBound?: boolean
  readonly variant?: 'optax' | 'paper'
}

/** The model that both rules share; the averages of step s are `mean(s, ·)`, with the total weight `filled(s)`. */
const modelForm =
  (
    {
      learningRate = () => 1,
      lowerBound = 0,
      weightDecay = 0,
      adaptLowerBound = false,
      variant = 'optax',
    }: Model,
    mean: (s: number, x: (r: number) => number) => number,
    filled: (s: number) => number,
    /** What an average of gradients is divided by, given the first gradient. */
    divisor: (s: number, g: number, f: (r: number) => number) => number,
  ) =>
  ({ g, p, t, f, m, value, treeG, treeP }: MovingPoint): number => {
    const product = dot(treeG, treeP)
    let bound = lowerBound
    let tau = 0
    for (const s of steps(t)) {
      const alpha = learningRate(s - 1)
      const grown = 1 + alpha * weightDecay
      const along = mean(s, f) * m(s) * product
      const model = mean(s, value) - mean(s, (r) => f(r) * m(r)) * product
      const square = treeG.reduce((a, x) => a + (mean(s, f) * x) ** 2 / divisor(s, x, f), 0)
      const cap = grown * model + along
      if (adaptLowerBound && cap < grown * filled(s) * bound)
        bound = Math.max(cap / (2 * filled(s) * grown), lowerBound)
      const gap = Math.max(grown * (model - filled(s) * bound) + along, 0)
      tau = square <= 2 ** -52 ? 0 : Math.min(alpha / filled(s), gap / square)
      if (adaptLowerBound) bound = Math.max((model + along - tau * square * 0.5) / filled(s), lowerBound)
    }
    const decay = learningRate(t - 1) * weightDecay
    const now = p * m(t)
    const step = (tau * mean(t, f) * g) / divisor(t, g, f)
    // (p − τd)/(1 + ηλ) − p, or p/(1 + ηλ) − τd − p, without the digits that cancel
    const made = variant === 'paper' ? step / (1 + decay) : step
    return -((decay / (1 + decay)) * now + made)
  }

const momoForm = (model: Model): ((at: MovingPoint) => number) => {
  const { beta = 0.9 } = model
  // the first is taken as it is, later ones are averaged in
  const mean = (s: number, x: (r: number) => number): number =>
    beta ** (s - 1) * x(1) + (s > 1 ? averaged(beta, s - 1, (r) => x(r + 1)) : 0)
  return modelForm(
    model,
    mean,
    () => 1,
    () => 1,
  )
}

const momoAdamForm = (model: Model): ((at: MovingPoint) => number) => {
  const { b1 = 0.9, b2 = 0.999, eps = 1e-8 } = model
  return modelForm(
    { learningRate: () => 1e-2, ...model },
    (s, x) => averaged(b1, s, x),
    (s) => 1 - b1 ** s,
    (s, g, f) => eps + Math.abs(g) * Math.sqrt(averaged(b2, s, (r) => f(r) ** 2) / (1 - b2 ** s)),
  )
}

const halving: Schedule = (count) => 0.5 ** (count % 2)
const decayed = { b1: 0.5, b2: 0.75, eps: 0.25, lowerBound: 0.25, weightDecay: 0.25 } as const

export const losses: readonly CatalogueRow[] = [
  row('scaleByPolyak()', () => withLoss(scaleByPolyak(), 4), [
    ...treeNorms,
    ...odd,
    zeroGradient,
    onTheWay('u = min(f/‖g‖², 1)·g', polyakForm({}), summed),
    everyUpdate({
      name: 'noLonger',
      statement: 'no update is longer than its gradient',
      holds: ({ u, now }) => Math.abs(u) <= Math.abs(now),
    }),
  ]),
  row(
    "scaleByPolyak({ fMin: 2.5, maxLearningRate: 0.5, eps: 0.25, variant: 'sps+' })",
    () => withLoss(scaleByPolyak({ fMin: 2.5, maxLearningRate: 0.5, eps: 0.25, variant: 'sps+' }), 4),
    [
      onTheWay(
        'the same above a bound, with ε',
        polyakForm({ fMin: 2.5, maxLearningRate: 0.5, eps: 0.25, plus: true }),
        summed,
      ),
    ],
  ),
  row('scaleByPolyak({ fMin: 2.5 })', () => withLoss(scaleByPolyak({ fMin: 2.5 }), 4), [
    onTheWay('below the bound it goes back', polyakForm({ fMin: 2.5 }), summed),
  ]),
  row(
    "scaleByPolyak({ fMin: 5, variant: 'sps+' })",
    () => withLoss(scaleByPolyak({ fMin: 5, variant: 'sps+' }), 4),
    [zeroGradient],
  ),
  row("polyakSgd({ fMin: 5, variant: 'sps+' })", () => withLoss(polyakSgd({ fMin: 5, variant: 'sps+' }), 4), [
    zeroGradient,
  ]),
  row('polyakSgd()', () => withLoss(polyakSgd(), 4), [
    ...treeNorms,
    ...odd,
    zeroGradient,
    members('polyakSgd = the gradient turned round, then Polyak’s step size', () =>
      chain(scale(-1), withLoss(scaleByPolyak(), 4)),
    ),
  ]),
  row(
    "polyakSgd({ scaling: 0.5, fMin: 2.5, maxLearningRate: 0.5, eps: 0.25, variant: 'sps+' })",
    () =>
      withLoss(polyakSgd({ scaling: 0.5, fMin: 2.5, maxLearningRate: 0.5, eps: 0.25, variant: 'sps+' }), 4),
    [
      onTheWay(
        'Polyak’s step size for half the gradient',
        polyakForm({ scaling: -0.5, fMin: 2.5, maxLearningRate: 0.5, eps: 0.25, plus: true }),
        summed,
      ),
    ],
  ),
  row('momo()', () => withLoss(momo(), 4), [
    ...treeDifferences,
    zeroGradient,
    onTheWay('u = −τm, τ = min(η, (f̄ − γ̄ + ⟨m, p⟩)₊/‖m‖²)', momoForm({}), balanced, cancelling),
  ]),
  row(
    'momo(halving, { beta: 0.5, lowerBound: 0.25, weightDecay: 0.25 })',
    () => withLoss(momo(halving, { beta: 0.5, lowerBound: 0.25, weightDecay: 0.25 }), 4),
    [
      onTheWay(
        'the same above a bound, with weight decay',
        momoForm({ learningRate: halving, beta: 0.5, lowerBound: 0.25, weightDecay: 0.25 }),
        balanced,
        cancelling,
      ),
    ],
  ),
  row(
    'momo(halving, { lowerBound: -1, weightDecay: 0.25, adaptLowerBound: true })',
    () => withLoss(momo(halving, { lowerBound: -1, weightDecay: 0.25, adaptLowerBound: true }), 4),
    [
      onTheWay(
        'the same above a bound that the losses tell',
        momoForm({ learningRate: halving, lowerBound: -1, weightDecay: 0.25, adaptLowerBound: true }),
        balanced,
        cancelling,
      ),
    ],
  ),
  row(
    'momo(halving, { beta: 0.5, lowerBound: 3.7, adaptLowerBound: true })',
    () => withLoss(momo(halving, { beta: 0.5, lowerBound: 3.7, adaptLowerBound: true }), 4),
    [
      zeroGradient,
      onTheWay(
        'the same above a bound that does not fall',
        momoForm({ learningRate: halving, beta: 0.5, lowerBound: 3.7, adaptLowerBound: true }),
        balanced,
        standing,
      ),
    ],
  ),
  row(
    "momo(halving, { beta: 0.5, lowerBound: 0.25, weightDecay: 0.25, variant: 'paper' })",
    () => withLoss(momo(halving, { beta: 0.5, lowerBound: 0.25, weightDecay: 0.25, variant: 'paper' }), 4),
    [
      onTheWay(
        'u = (p − τm)/(1 + ηλ) − p',
        momoForm({ learningRate: halving, beta: 0.5, lowerBound: 0.25, weightDecay: 0.25, variant: 'paper' }),
        balanced,
        cancelling,
      ),
    ],
  ),
  row("momo(1, { variant: 'paper' })", () => withLoss(momo(1, { variant: 'paper' }), 4), [
    members('without weight decay both variants are the same', () => withLoss(momo(1), 4)),
  ]),
  row('momo(1, { lowerBound: 4 })', () => withLoss(momo(1, { lowerBound: 4 }), 4), [zeroGradient]),
  row('momoAdam(1, { b1: 0, lowerBound: 4 })', () => withLoss(momoAdam(1, { b1: 0, lowerBound: 4 }), 4), [
    zeroGradient,
  ]),
  row('momoAdam()', () => withLoss(momoAdam(), 4), [
    ...treeDifferences,
    zeroGradient,
    onTheWay('MoMo along Adam’s direction', momoAdamForm({}), balanced, cancelling),
  ]),
  row(
    'momoAdam(halving, { b1: 0.5, b2: 0.75, eps: 0.25, lowerBound: 0.25, weightDecay: 0.25 })',
    () => withLoss(momoAdam(halving, decayed), 4),
    [
      onTheWay(
        'the same above a bound, with large ε and weight decay',
        momoAdamForm({ learningRate: halving, ...decayed }),
        balanced,
        cancelling,
      ),
    ],
  ),
  row(
    "momoAdam(halving, { b1: 0.5, b2: 0.75, eps: 0.25, lowerBound: 0.25, weightDecay: 0.25, variant: 'paper' })",
    () => withLoss(momoAdam(halving, { ...decayed, variant: 'paper' }), 4),
    [
      onTheWay(
        'u = (p − τd)/(1 + ηλ) − p along Adam’s direction d',
        momoAdamForm({ learningRate: halving, ...decayed, variant: 'paper' }),
        balanced,
        cancelling,
      ),
    ],
  ),
  row(
    'momoAdam(halving, { lowerBound: -1, weightDecay: 0.25, adaptLowerBound: true })',
    () => withLoss(momoAdam(halving, { lowerBound: -1, weightDecay: 0.25, adaptLowerBound: true }), 4),
    [
      onTheWay(
        'the same above a bound that the losses tell',
        momoAdamForm({ learningRate: halving, lowerBound: -1, weightDecay: 0.25, adaptLowerBound: true }),
        balanced,
        cancelling,
      ),
    ],
  ),
  row(
    'momoAdam(halving, { b1: 0.5, lowerBound: 3.7, adaptLowerBound: true })',
    () => withLoss(momoAdam(halving, { b1: 0.5, lowerBound: 3.7, adaptLowerBound: true }), 4),
    [
      zeroGradient,
      onTheWay(
        'the same above a bound that does not fall',
        momoAdamForm({ learningRate: halving, b1: 0.5, lowerBound: 3.7, adaptLowerBound: true }),
        balanced,
        standing,
      ),
    ],
  ),
]
