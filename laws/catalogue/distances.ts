/** Rules that look back to where they started: betting, dual averages, distances, estimated learning rates. */

import {
  addDecayedWeights,
  chain,
  cocob,
  dadaptAdamw,
  dog,
  dowg,
  madgrad,
  prodigy,
  type Schedule,
  scale,
  scaleByCocob,
  scaleByDistanceOverGradients,
  scaleByMadgrad,
} from '../../src/index.js'
import { averaged, everyUpdate, nondecreasing, zeroGradient } from '../closedForm.js'
import { scaleInvariance, scaleInvarianceOn } from '../equivariance.js'
import { arrayKinds } from '../kind.js'
import type { Tolerance } from '../violation.js'
import { members, summed } from './forms.js'
import { agreeing, beyondFirst, elementwise, leafNorms, odd, scaleFree, treeNorms } from './groups.js'
import { dot, type MovingPoint, onTheWay, type Walk } from './moving.js'
import { type CatalogueRow, row } from './row.js'

const steps = (t: number): readonly number[] => Array.from({ length: t }, (_, i) => i + 1)

const greatest = (first: number, t: number, f: (s: number) => number): number =>
  Math.max(first, ...steps(t).map(f))

// an update that starts from the difference of two places, and sums of the same sign
const gentle: Tolerance = { ulps: { float32: 64, float64: 64 }, floor: { float32: 2e-6, float64: 4e-15 } }

// leaves of one element have norms of their own: there plain numbers are another tree
const arrays: Walk = { kinds: arrayKinds }

// betting

const cocobForm =
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

/** A way on which rewards are lost again. */
const upAndDown = (t: number): number => [1, 0.5, 2, 0.5, 0.25, 1][(t - 1) % 6] ?? 1

// dual averages

const madgradForm =
  (learningRate: number, momentum = 0.9, eps = 1e-6, weightDecay = 0) =>
  ({ g, p, t, f, m }: MovingPoint): number => {
    const slope = (s: number): number => g * f(s) + weightDecay * p * m(s)
    const weight = (s: number): number => (learningRate + eps) * Math.sqrt(s)
    const root = Math.cbrt(summed(t, (s) => weight(s) * slope(s) ** 2)) + eps
    return (1 - momentum) * (p - p * m(t) - summed(t, (s) => weight(s) * slope(s)) / root)
  }

// distances

const heuristic =
  (alpha: number) =>
  (ofParams: number): number =>
    alpha * (1 + ofParams)

/** DoG by the norms of whole leaves, or of the whole tree. */
const dogForm =
  (over: 'leaf' | 'tree', factor: number, first: (ofParams: number) => number, eps = 1e-8) =>
  ({ g, t, f, m, leafG, leafP, treeG, treeP }: MovingPoint): number => {
    const [grads, params] = over === 'leaf' ? [leafG, leafP] : [treeG, treeP]
    const ofParams = Math.hypot(...params)
    const distance = greatest(first(ofParams), t, (s) => Math.abs(1 - m(s)) * ofParams)
    const square = summed(t, (s) => f(s) ** 2) * Math.hypot(...grads) ** 2
    return ((factor * distance) / Math.sqrt(square + eps)) * g * f(t)
  }

const dowgForm =
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

const prodigyForm =
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

/** The step sizes of D-Adaptation, which only depend on the whole tree. */
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

const dadaptForm =
  (given: Estimated) =>
  (at: MovingPoint): number => {
    const { betas: [b1, b2] = [0.9, 0.999], eps = 1e-8, weightDecay = 0 } = given
    const { g, p, t, f, m } = at
    const rates = dadaptRates(given, at)
    const rate = (s: number): number => rates[s - 1] ?? Number.NaN
    const root = Math.abs(g) * Math.sqrt(averaged(b2, t, (s) => f(s) ** 2))
    return -((g * averaged(b1, t, (s) => rate(s) * f(s))) / (root + eps) + rate(t) * weightDecay * p * m(t))
  }

// many steps of sums over a leaf
const estimate: Tolerance = {
  ulps: { float32: 400, float64: 8000 },
  floor: { float32: 2e-5, float64: 1e-12 },
}

const halving: Schedule = (count) => 0.5 ** (count % 2)

export const distances: readonly CatalogueRow[] = [
  row('scaleByCocob()', () => scaleByCocob(), [
    ...elementwise,
    ...odd,
    agreeing(16, 4),
    zeroGradient,
    nondecreasing('scale', beyondFirst('scale')),
    nondecreasing('subgradients', beyondFirst('subgradients')),
    onTheWay('u = p₁ − p + C/(L·max(G + L, αL))·(L + R)', cocobForm(), gentle, { m: upAndDown }),
    onTheWay('the same, of parameters that run away', cocobForm(), gentle, { m: (t) => 2 ** t }),
  ]),
  row('scaleByCocob({ eps: 0 })', () => scaleByCocob({ eps: 0 }), scaleFree),
  row('scaleByCocob({ alpha: 0.5, eps: 4 })', () => scaleByCocob({ alpha: 0.5, eps: 4 }), [
    onTheWay('the same with large ε and small α', cocobForm(0.5, 4), gentle, { m: upAndDown }),
  ]),
  row(
    'cocob()',
    () => cocob(),
    [
      ...elementwise,
      ...odd,
      zeroGradient,
      members('cocob = scaleByCocob', () => scaleByCocob()),
      everyUpdate({
        name: 'firstBet',
        statement: 'the first step is at most ε/α and the greatest gradient’s share of it',
        draws: { steps: 1 },
        holds: ({ u }) => Math.abs(u) <= 0.0100001,
      }),
    ],
    cocob,
  ),
  row(
    'cocob(0.5, { alpha: 0.5, eps: 4, weightDecay: 0.25 })',
    () => cocob(0.5, { alpha: 0.5, eps: 4, weightDecay: 0.25 }),
    [
      onTheWay('COCOB of half the decayed gradients', cocobForm(0.5, 4, 0.25, 0.5), gentle, { m: upAndDown }),
      members('cocob = addDecayedWeights, the learning rate, scaleByCocob', () =>
        chain(addDecayedWeights(0.25), scale(0.5), scaleByCocob({ alpha: 0.5, eps: 4 })),
      ),
    ],
  ),
  row(
    'scaleByMadgrad(0.1)',
    () => scaleByMadgrad(0.1),
    [
      ...elementwise,
      ...odd,
      agreeing(16, 8),
      zeroGradient,
      nondecreasing('gradSumSq', beyondFirst('gradSumSq')),
      onTheWay('u = (1 − μ)(p₁ − Σ λg/∛Σ λg² − p)', madgradForm(0.1), gentle),
    ],
    scaleByMadgrad,
  ),
  row(
    'scaleByMadgrad(0.1, { momentum: 0.5, eps: 0.25 })',
    () => scaleByMadgrad(0.1, { momentum: 0.5, eps: 0.25 }),
    [onTheWay('the same with large ε', madgradForm(0.1, 0.5, 0.25), gentle)],
  ),
  row(
    'madgrad(0.1)',
    () => madgrad(0.1),
    [...elementwise, ...odd, zeroGradient, members('madgrad = scaleByMadgrad', () => scaleByMadgrad(0.1))],
    madgrad,
  ),
  row(
    'madgrad(0.1, { momentum: 0.5, eps: 0.25, weightDecay: 0.25 })',
    () => madgrad(0.1, { momentum: 0.5, eps: 0.25, weightDecay: 0.25 }),
    [onTheWay('MADGRAD of decayed gradients', madgradForm(0.1, 0.5, 0.25, 0.25), gentle)],
  ),
  row('scaleByDistanceOverGradients()', () => scaleByDistanceOverGradients(), [
    ...leafNorms,
    ...odd,
    agreeing(16, 16, false),
    zeroGradient,
    onTheWay('u = max(r, ‖p − p₁‖)/√(Σ‖g‖² + ε)·g', dogForm('leaf', 1, heuristic(1e-6)), gentle, arrays),
  ]),
  row(
    'scaleByDistanceOverGradients({ repsRel: 0.5, eps: 0.25, globalScale: -2 })',
    () => scaleByDistanceOverGradients({ repsRel: 0.5, eps: 0.25, globalScale: -2 }),
    [
      ...leafNorms,
      onTheWay(
        'the same with a large first distance and ε',
        dogForm('leaf', -2, heuristic(0.5), 0.25),
        gentle,
        arrays,
      ),
    ],
  ),
  row('scaleByDistanceOverGradients({ eps: 0 })', () => scaleByDistanceOverGradients({ eps: 0 }), [
    scaleInvarianceOn({ grads: 'nonzero' }),
  ]),
  row(
    'dog()',
    () => dog(),
    [
      ...treeNorms,
      ...odd,
      agreeing(16, 16, false),
      zeroGradient,
      onTheWay('u = −max(r, ‖p − p₁‖)/√(Σ‖g‖² + ε)·g', dogForm('tree', -1, heuristic(1e-6)), gentle),
    ],
    dog,
  ),
  row(
    "dog(1, { initStep: ['distance', 0.5], eps: 0 })",
    () => dog(1, { initStep: ['distance', 0.5], eps: 0 }),
    [scaleInvariance],
  ),
  row(
    "dog(0.5, { initStep: ['distance', 0.5], eps: 0.25, weightDecay: 0.25 })",
    () => dog(0.5, { initStep: ['distance', 0.5], eps: 0.25, weightDecay: 0.25 }),
    [
      ...treeNorms,
      members('dog = addDecayedWeights, the rule, the learning rate', () =>
        chain(addDecayedWeights(0.25), dog(0.5, { initStep: ['distance', 0.5], eps: 0.25 })),
      ),
    ],
  ),
  row(
    "dog(0.5, { initStep: ['distance', 0.5], eps: 0.25 })",
    () => dog(0.5, { initStep: ['distance', 0.5], eps: 0.25 }),
    [
      onTheWay(
        'DoG from a given distance',
        dogForm('tree', -0.5, () => 0.5, 0.25),
        gentle,
      ),
    ],
  ),
  row("dog(0.5, { initStep: ['learning_rate', 2] })", () => dog(0.5, { initStep: ['learning_rate', 2] }), [
    onTheWay(
      'DoG with a given first step size',
      (here) => (here.t === 1 ? -here.g : dogForm('tree', -0.5, () => 0)(here)),
      gentle,
    ),
  ]),
  row(
    'dowg()',
    () => dowg(),
    [
      ...treeNorms,
      ...odd,
      agreeing(16, 16, false),
      zeroGradient,
      onTheWay('u = −r²/(√Σ r²‖g‖² + ε)·g', dowgForm(-1, 1e-4, 1e-4), gentle),
    ],
    dowg,
  ),
  row(
    'dowg(0.5, { initEstimSqDist: 0.25, eps: 0.5 })',
    () => dowg(0.5, { initEstimSqDist: 0.25, eps: 0.5 }),
    [onTheWay('DoWG from a given distance, with large ε', dowgForm(-0.5, 0.25, 0.5), gentle)],
  ),
  row('dowg(1, { initEstimSqDist: 0.25, eps: 0 })', () => dowg(1, { initEstimSqDist: 0.25, eps: 0 }), [
    scaleInvariance,
  ]),
  row('dowg(0.5, { weightDecay: 0.25 })', () => dowg(0.5, { weightDecay: 0.25 }), [
    members('dowg = addDecayedWeights, the rule, the learning rate', () =>
      chain(addDecayedWeights(0.25), dowg(0.5)),
    ),
  ]),
  row(
    'prodigy()',
    () => prodigy(),
    [
      ...treeNorms,
      ...odd,
      agreeing(64, 64, false),
      zeroGradient,
      onTheWay('u = −d·m/(√v + dε), d the estimate', prodigyForm({}), estimate),
    ],
    prodigy,
  ),
  row('prodigy(1, { eps: 0, estimLr0: 0.25 })', () => prodigy(1, { eps: 0, estimLr0: 0.25 }), [
    scaleInvariance,
  ]),
  row(
    'prodigy(halving, { betas: [0.5, 0.75], beta3: 0.5, eps: 0.25, estimLr0: 0.01, estimLrCoef: 2, weightDecay: 0.25 })',
    () =>
      prodigy(halving, {
        betas: [0.5, 0.75],
        beta3: 0.5,
        eps: 0.25,
        estimLr0: 0.01,
        estimLrCoef: 2,
        weightDecay: 0.25,
      }),
    [
      onTheWay(
        'the same with other decays, large ε and weight decay',
        prodigyForm({
          learningRate: halving,
          betas: [0.5, 0.75],
          beta3: 0.5,
          eps: 0.25,
          estimLr0: 0.01,
          estimLrCoef: 2,
          weightDecay: 0.25,
        }),
        estimate,
      ),
    ],
  ),
  row(
    'prodigy(halving, { estimLr0: 0.01, weightDecay: 0.25, safeguardWarmup: true })',
    () => prodigy(halving, { estimLr0: 0.01, weightDecay: 0.25, safeguardWarmup: true }),
    [
      onTheWay(
        'the same without the learning rate in the divisor of the estimate',
        prodigyForm({ learningRate: halving, estimLr0: 0.01, weightDecay: 0.25, safeguardWarmup: true }),
        estimate,
      ),
    ],
  ),
  row('prodigy(1, { safeguardWarmup: true })', () => prodigy(1, { safeguardWarmup: true }), [zeroGradient]),
  row(
    'dadaptAdamw()',
    () => dadaptAdamw(),
    [
      ...treeNorms,
      ...odd,
      agreeing(64, 64, false),
      zeroGradient,
      onTheWay('u = −m/(√v + ε), m of gradients times the estimate', dadaptForm({}), estimate),
    ],
    dadaptAdamw,
  ),
  row(
    'dadaptAdamw(halving, { betas: [0.5, 0.75], eps: 0.25, estimLr0: 0.01, weightDecay: 0.25 })',
    () => dadaptAdamw(halving, { betas: [0.5, 0.75], eps: 0.25, estimLr0: 0.01, weightDecay: 0.25 }),
    [
      onTheWay(
        'the same with other decays, large ε and weight decay',
        dadaptForm({
          learningRate: halving,
          betas: [0.5, 0.75],
          eps: 0.25,
          estimLr0: 0.01,
          weightDecay: 0.25,
        }),
        estimate,
      ),
    ],
  ),
]
