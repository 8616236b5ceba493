/**
 * The catalogue: every building block, optimizer and wrapper, how to make one, and which laws it keeps.
 *
 * Laws of every transformation are not repeated: `lawsOf` adds them. A new transformation gets a row here and is
 * tested on its first day.
 */
import {
  adagrad,
  adam,
  adamw,
  addDecayedWeights,
  amsgrad,
  andThen,
  centralize,
  chain,
  clip,
  clipByBlockRms,
  clipByGlobalNorm,
  ema,
  freeze,
  type GradientTransformation,
  identity,
  injectHyperparams,
  lamb,
  lars,
  lion,
  masked,
  nadam,
  nadamw,
  normalizeByUpdateNorm,
  partition,
  radam,
  rmsprop,
  rprop,
  type Schedule,
  scale,
  scaleByAdam,
  scaleByAmsgrad,
  scaleByLearningRate,
  scaleByLion,
  scaleByRadam,
  scaleByRms,
  scaleByRprop,
  scaleByRss,
  scaleBySchedule,
  scaleByStddev,
  scaleByTrustRatio,
  setToZero,
  sgd,
  trace,
} from '../src/index.js'
import { interpretersAgree } from './agreement.js'
import {
  averaged,
  type ClosedForm,
  closedForm,
  decoupledDecay,
  everyUpdate,
  globalNormAtMost,
  globalNormIs,
  idempotentWithin,
  nondecreasing,
  type Point,
  rowMeansVanish,
  sameAs,
  swinging,
  updateNormIsRatio,
  varied,
  zeroGradient,
} from './closedForm.js'
import { type ByLearningRate, compositionLaws } from './composition.js'
import {
  additivity,
  concatenation,
  concatenationWithin,
  coordinateReflection,
  coordinateScaleInvariance,
  homogeneity,
  leafwise,
  orthogonalEquivariance,
  permutation,
  permutationWithin,
  reflection,
  regrouping,
  reshape,
  scaleInvariance,
  scaleInvarianceOn,
  signInvariance,
} from './equivariance.js'
import { everyLaw } from './every.js'
import { arrayKinds } from './kind.js'
import type { Law } from './law.js'
import { equally, exactly, type Tolerance, within } from './violation.js'

type Tx = GradientTransformation
type TxLaw = Law<Tx>

/**
 * A row of the catalogue.
 *
 * @category Catalogue
 */
export interface CatalogueRow {
  /** The factory's name. */
  readonly name: string
  /** How this one is made, as a caller would write it. */
  readonly call: string
  /** Makes one. */
  readonly make: () => Tx
  /** The laws that it keeps, besides those of every transformation. */
  readonly laws: readonly TxLaw[]
  /** The same optimizer for any learning rate, where it takes one; a schedule may stand for it. */
  readonly byLearningRate?: ByLearningRate & ((learningRate: Schedule) => Tx)
}

// groups of laws

const agreeing = (float32: number, tensor: number, numbers = true): TxLaw =>
  interpretersAgree({ float32: within(float32), tensor: within(tensor), numbers })

/** Element by element: no element sees another. */
const elementwise: readonly TxLaw[] = [permutation, concatenation, leafwise, reshape]

/** By norms of whole leaves. */
const leafNorms: readonly TxLaw[] = [permutationWithin(within(4)), leafwise, reshape]

/** By norms of the whole tree. */
const treeNorms: readonly TxLaw[] = [permutationWithin(within(4)), concatenationWithin(within(4)), reshape]

const odd: readonly TxLaw[] = [reflection, coordinateReflection]

const linear: readonly TxLaw[] = [...elementwise, ...odd, homogeneity, additivity, orthogonalEquivariance]

const scaleFree: readonly TxLaw[] = [scaleInvariance, coordinateScaleInvariance]

const beyondFirst =
  (name: string): ((state: unknown) => unknown) =>
  (state) =>
    // the first member's slot, of a building block or of a chain that begins with it
    new Map(Object.entries(Array.isArray(state) ? state[0] : (state ?? {}))).get(name)

// closed forms: each rule as one formula of the first gradient g, a known signal and t

/** A signal without cancellation, and the constant one. */
const forms = (
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

const square = (f: (t: number) => number) => (t: number) => f(t) ** 2

/** The bias-corrected average of a signal that was averaged from zero. */
const corrected = (decay: number, t: number, f: (t: number) => number): number =>
  averaged(decay, t, f) / (1 - decay ** t)

interface Moments {
  readonly b1?: number
  readonly b2?: number
  readonly eps?: number
  readonly epsRoot?: number
}

type At = Point & { readonly f: (t: number) => number }

const firstMoment = ({ b1 = 0.9 }: Moments, nesterov: boolean, { t, f }: At): number =>
  nesterov
    ? (b1 * averaged(b1, t, f)) / (1 - b1 ** (t + 1)) + ((1 - b1) * f(t)) / (1 - b1 ** t)
    : corrected(b1, t, f)

const adamForm =
  (moments: Moments, nesterov = false) =>
  (at: At): number => {
    const { b2 = 0.999, eps = 1e-8, epsRoot = 0 } = moments
    const root = Math.sqrt(at.g ** 2 * corrected(b2, at.t, square(at.f)) + epsRoot) + eps
    return at.g === 0 && root === 0 ? Number.NaN : (at.g * firstMoment(moments, nesterov, at)) / root
  }

const amsgradForm =
  (moments: Moments) =>
  (at: At): number => {
    const { b2 = 0.999, eps = 1e-8, epsRoot = 0 } = moments
    const peak = Math.max(...Array.from({ length: at.t }, (_, i) => corrected(b2, i + 1, square(at.f))))
    return (at.g * firstMoment(moments, false, at)) / (Math.sqrt(at.g ** 2 * peak + epsRoot) + eps)
  }

const radamForm =
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

const summed = (t: number, f: (t: number) => number): number =>
  Array.from({ length: t }, (_, i) => f(i + 1)).reduce((a, b) => a + b, 0)

const momentumOf = (decay: number, t: number, f: (t: number) => number): number =>
  summed(t, (s) => decay ** (t - s) * f(s))

const traceForm =
  (decay: number, nesterov: boolean) =>
  ({ g, t, f }: At): number =>
    g * (nesterov ? f(t) + decay * momentumOf(decay, t, f) : momentumOf(decay, t, f))

const times =
  (factor: number, formula: (at: At) => number) =>
  (at: At): number =>
    factor * formula(at)

// where the roundings of a few operations per step add up over 20 steps; in float64 the host's 1 − β₂ᵗ cancels and
// costs up to 1/(1 − β₂) ulps, in float32 it is computed in float64 and costs nothing
const moments = within(40, 3000)

const norm = (xs: Float64Array): number => Math.hypot(...xs)

const aligned: Partial<ClosedForm> = { grads: 'positive', params: 'positive' }

/** Whether |x| ≤ bound, up to two roundings. */
const bounded = (x: number, bound: number): boolean => Math.abs(x) <= bound * (1 + 2 ** -22)

/** field.md, law 12: how far |m̂|/√v̂ can go. */
const cauchySchwarz = (factor: number, b1 = 0.9, b2 = 0.999): TxLaw =>
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

const lionForm =
  (b1: number, b2: number) =>
  ({ g, t, f }: At): number =>
    Math.sign(g) * Math.sign(b1 * averaged(b2, t - 1, f) + (1 - b1) * f(t))

/** Law 24, worked out by hand for η⁺ = 1.2, η⁻ = 0.5 and first step size 1. */
const rpropTables: readonly (readonly [signs: readonly number[], updates: readonly number[]])[] = [
  [
    [1, 1, 1, -1, -1, -1, -1],
    [0, 1, 1.2, 0, 0, -0.72, -0.864],
  ],
  [
    [1, 0, 1, 1],
    [0, 1, 0, 1],
  ],
]

/** The same where a step size may not fall below 0.3. */
const rpropFloor = [
  [1, -1, -1, 1, 1, 1],
  [0, 0, 0, 0, 0, 0.3],
] as const

const rpropTable = (
  learningRate: number,
  [signs, updates]: readonly [readonly number[], readonly number[]],
): TxLaw =>
  closedForm({
    name: 'rpropWorkedOut',
    statement: `signs ${signs} give ${updates}`,
    signal: (t) => (signs[t - 1] ?? 1) * 2 ** (t % 3),
    formula: ({ g, t }) => learningRate * Math.sign(g) * (updates[t - 1] ?? Number.NaN),
    tolerance: { ulps: 8, floor: 0 },
    steps: signs.length,
  })

const rpropForms = (learningRate: number): readonly TxLaw[] => [
  ...rpropTables.map((table) => rpropTable(learningRate, table)),
  closedForm({
    name: 'rpropGrows',
    statement: 'a constant sign lets the step size grow by η⁺ from the second step on, up to its bound',
    formula: ({ g, t }) =>
      t === 1
        ? 0
        : Math.sign(g) * (Math.sign(learningRate) * Math.min(Math.abs(learningRate) * 1.2 ** (t - 2), 50)),
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

const trustForm =
  (trustCoefficient: number, eps: number) =>
  ({ g, t, f, leafG, leafP }: At): number => {
    const [ofParam, ofGradient] = [norm(leafP), Math.abs(f(t)) * norm(leafG)]
    return ofParam === 0 || ofGradient === 0
      ? g * f(t)
      : (g * f(t) * trustCoefficient * ofParam) / (ofGradient + eps)
  }

/** LARS of positive gradients and parameters; a gradient of zero stays zero. */
const larsForm =
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
const lambForm =
  (learningRate: number, weightDecay: number) =>
  (at: At): number => {
    const direction = (g: number, p: number): number =>
      adamForm({ eps: 1e-6 })({ ...at, g }) + weightDecay * p
    const all = at.leafG.map((g, i) => direction(g, at.leafP[i] ?? 0))
    return (-learningRate * direction(at.g, at.p) * norm(at.leafP)) / norm(all)
  }

/** An optimizer is the chain of its members. */
const members = (statement: string, other: () => Tx): TxLaw => sameAs({ name: 'members', statement, other })

// rows

const row = (
  call: string,
  make: () => Tx,
  laws: readonly TxLaw[],
  byLearningRate?: CatalogueRow['byLearningRate'],
): CatalogueRow => ({
  name: call.slice(0, call.indexOf('(')),
  call,
  make,
  laws,
  ...(byLearningRate === undefined ? {} : { byLearningRate }),
})

const halving: Schedule = (count) => 0.5 ** count

const blocks: readonly CatalogueRow[] = [
  row('identity()', identity, [
    ...linear,
    agreeing(0, 0),
    ...forms('u = g', ({ g, t, f }) => g * f(t), exactly),
  ]),
  row('setToZero()', setToZero, [
    ...linear,
    agreeing(0, 0),
    zeroGradient,
    ...forms('u = 0', () => 0, exactly),
    sameAs({
      name: 'nothing',
      statement: 'setToZero = scale(0)',
      other: () => scale(0),
      tolerance: equally,
    }),
  ]),
  row('scale(-0.3)', () => scale(-0.3), [
    ...linear,
    agreeing(1, 0),
    zeroGradient,
    ...forms('u = −0.3·g', ({ g, t, f }) => -0.3 * g * f(t), within(1)),
  ]),
  row('scale(1)', () => scale(1), [
    sameAs({ name: 'unit', statement: 'scale(1) = identity', other: identity, draws: { grads: 'special' } }),
  ]),
  row('scaleByLearningRate(0.1)', () => scaleByLearningRate(0.1), [
    ...linear,
    agreeing(1, 0),
    sameAs({ name: 'descent', statement: 'scaleByLearningRate(η) = scale(−η)', other: () => scale(-0.1) }),
  ]),
  row('scaleByLearningRate(0.1, { flipSign: false })', () => scaleByLearningRate(0.1, { flipSign: false }), [
    sameAs({ name: 'ascent', statement: 'without the flip it is scale(η)', other: () => scale(0.1) }),
  ]),
  row('scaleBySchedule(n => 0.5 ** n)', () => scaleBySchedule(halving), [
    ...linear,
    agreeing(0, 0),
    ...forms('uₜ = s(t − 1)·gₜ', ({ g, t, f }) => 0.5 ** (t - 1) * g * f(t), exactly, { grads: 'moderate' }),
  ]),
  row('trace(0.9)', () => trace(0.9), [
    ...linear,
    agreeing(8, 0),
    zeroGradient,
    ...forms('uₜ = Σ μᵗ⁻ˢ gₛ; of a constant g, g(1 − μᵗ)/(1 − μ)', traceForm(0.9, false), within(16)),
  ]),
  row('trace(0.9, { nesterov: true })', () => trace(0.9, { nesterov: true }), [
    ...linear,
    agreeing(8, 0),
    ...forms('uₜ = gₜ + μ Σ μᵗ⁻ˢ gₛ', traceForm(0.9, true), within(16)),
  ]),
  ...[false, true].map((nesterov) =>
    row(`trace(0, { nesterov: ${nesterov} })`, () => trace(0, { nesterov }), [
      sameAs({
        name: 'forgetful',
        statement: 'trace(0) = identity',
        other: identity,
        tolerance: equally,
        draws: { grads: 'finite' },
      }),
    ]),
  ),
  row('ema(0.9)', () => ema(0.9), [
    ...linear,
    agreeing(8, 0),
    // field.md: 1/(1 − d) ulps
    ...forms(
      'uₜ is the weighted mean; of a constant x, x',
      ({ g, t, f }) => g * corrected(0.9, t, f),
      within(24),
    ),
  ]),
  row('ema(0.9, { debias: false })', () => ema(0.9, { debias: false }), [
    ...linear,
    agreeing(8, 0),
    ...forms('of a constant x, x(1 − dᵗ)', ({ g, t, f }) => g * averaged(0.9, t, f), within(24)),
  ]),
  row('scaleByAdam()', () => scaleByAdam(), [
    ...elementwise,
    ...odd,
    agreeing(32, 2),
    zeroGradient,
    ...forms('u = m̂/(√v̂ + ε)', adamForm({}), moments),
    cauchySchwarz(1),
  ]),
  row('scaleByAdam({ b1: 0.5, b2: 0.75, eps: 0.5 })', () => scaleByAdam({ b1: 0.5, b2: 0.75, eps: 0.5 }), [
    ...forms('u = m̂/(√v̂ + ε), ε = ½', adamForm({ b1: 0.5, b2: 0.75, eps: 0.5 }), within(40)),
  ]),
  row('scaleByAdam({ eps: 0.25, epsRoot: 0.5 })', () => scaleByAdam({ eps: 0.25, epsRoot: 0.5 }), [
    ...forms("u = m̂/(√(v̂ + ε') + ε)", adamForm({ eps: 0.25, epsRoot: 0.5 }), moments),
  ]),
  row('scaleByAdam({ eps: 0 })', () => scaleByAdam({ eps: 0 }), [
    ...scaleFree,
    closedForm({
      name: 'firstStepIsSign',
      statement: '|u₁| = 1 with the sign of g',
      formula: ({ g }) => Math.sign(g),
      tolerance: within(2), // field.md: 1
      steps: 1,
      grads: 'nonzero',
    }),
  ]),
  row('scaleByAdam({ b1: 0, b2: 0, eps: 0 })', () => scaleByAdam({ b1: 0, b2: 0, eps: 0 }), [
    signInvariance,
    closedForm({
      name: 'sign',
      statement: 'Adam(0, 0, ε = 0) = sign',
      signal: swinging,
      formula: ({ g, t }) => Math.sign(swinging(t) * g),
      tolerance: exactly,
      grads: 'nonzero',
    }),
  ]),
  row('scaleByAdam({ b1: 0 })', () => scaleByAdam({ b1: 0 }), [
    sameAs({
      name: 'withoutFirstMoment',
      statement: 'Adam(β₁ = 0) = bias-corrected RMSprop with ε outside of the root',
      other: () => scaleByRms({ decay: 0.999, epsInSqrt: false, biasCorrection: true }),
      tolerance: equally,
    }),
    sameAs({
      name: 'nesterovWithoutFirstMoment',
      statement: 'NAdam(β₁ = 0) = Adam(β₁ = 0)',
      other: () => scaleByAdam({ b1: 0, nesterov: true }),
      tolerance: equally,
    }),
  ]),
  row('scaleByAdam({ nesterov: true })', () => scaleByAdam({ nesterov: true }), [
    ...elementwise,
    ...odd,
    agreeing(32, 2),
    ...forms('NAdam: μ̂ = β₁mₜ/(1−β₁ᵗ⁺¹) + (1−β₁)gₜ/(1−β₁ᵗ)', adamForm({}, true), moments),
  ]),
  row('scaleByAmsgrad()', () => scaleByAmsgrad(), [
    ...elementwise,
    ...odd,
    agreeing(32, 2),
    zeroGradient,
    nondecreasing('nuMax', beyondFirst('nuMax')),
    ...forms('u = m̂/(√max v̂ + ε)', amsgradForm({}), moments),
  ]),
  row('scaleByAmsgrad({ eps: 0 })', () => scaleByAmsgrad({ eps: 0 }), scaleFree),
  row('scaleByAmsgrad({ eps: 0.25, epsRoot: 0.5 })', () => scaleByAmsgrad({ eps: 0.25, epsRoot: 0.5 }), [
    ...forms("u = m̂/(√(max v̂ + ε') + ε)", amsgradForm({ eps: 0.25, epsRoot: 0.5 }), moments),
  ]),
  row('scaleByRadam()', () => scaleByRadam(), [
    ...elementwise,
    ...odd,
    agreeing(64, 4),
    sameAs({
      name: 'unrectified',
      statement: 'for t ≤ 5, u = m̂: the debiased average',
      other: () => ema(0.9),
      draws: { steps: 5 },
    }),
    // ρₜ cancels: 2t β₂ᵗ/(1 − β₂ᵗ) from 2/(1 − β₂) − 1
    ...forms('u = m̂ until t = 5, r·m̂/(√v̂ + ε) from then on', radamForm({}), within(60, 1e6)),
  ]),
  row('scaleByRadam({ b2: 0.9, nesterov: true })', () => scaleByRadam({ b2: 0.9, nesterov: true }), [
    ...forms('the same with NAdam’s μ̂', radamForm({ b2: 0.9 }, true), within(60, 4000)),
  ]),
  row(
    'scaleByRadam({ b2: 0.9, eps: 0.25, epsRoot: 0.5 })',
    () => scaleByRadam({ b2: 0.9, eps: 0.25, epsRoot: 0.5 }),
    [...forms('the same with large ε', radamForm({ b2: 0.9, eps: 0.25, epsRoot: 0.5 }), within(60, 4000))],
  ),
  row('scaleByRms()', () => scaleByRms(), [
    ...elementwise,
    ...odd,
    agreeing(16, 2),
    zeroGradient,
    ...forms(
      'u = g/√(v + ε)',
      ({ g, t, f }) => (g * f(t)) / Math.sqrt(g ** 2 * averaged(0.9, t, square(f)) + 1e-8),
      within(24),
    ),
  ]),
  row('scaleByRms({ eps: 0.5, initialScale: 2 })', () => scaleByRms({ eps: 0.5, initialScale: 2 }), [
    ...forms(
      'u = g/√(v + ε), v₀ = 2',
      ({ g, t, f }) => (g * f(t)) / Math.sqrt(2 * 0.9 ** t + g ** 2 * averaged(0.9, t, square(f)) + 0.5),
      within(24),
    ),
  ]),
  row('scaleByRms({ epsInSqrt: false })', () => scaleByRms({ epsInSqrt: false }), [
    ...forms(
      'u = g/(√v + ε)',
      ({ g, t, f }) => (g * f(t)) / (Math.abs(g) * Math.sqrt(averaged(0.9, t, square(f))) + 1e-8),
      within(24),
    ),
  ]),
  row('scaleByRms({ biasCorrection: true })', () => scaleByRms({ biasCorrection: true }), [
    ...forms(
      'u = g/√(v̂ + ε)',
      ({ g, t, f }) => (g * f(t)) / Math.sqrt(g ** 2 * corrected(0.9, t, square(f)) + 1e-8),
      within(24),
    ),
  ]),
  row('scaleByStddev()', () => scaleByStddev(), [
    ...elementwise,
    ...odd,
    agreeing(256, 2),
    zeroGradient,
    // the variance is a difference
    ...forms(
      'u = g/√(v − m² + ε)',
      ({ g, t, f }) =>
        (g * f(t)) / Math.sqrt(g ** 2 * (averaged(0.9, t, square(f)) - averaged(0.9, t, f) ** 2) + 1e-8),
      within(400),
    ),
  ]),
  row('scaleByRss()', () => scaleByRss(), [
    ...elementwise,
    ...odd,
    agreeing(16, 2),
    zeroGradient,
    nondecreasing('sumOfSquares', beyondFirst('sumOfSquares')),
    ...forms(
      'u = g/√(a₀ + Σ g² + ε)',
      ({ g, t, f }) => (g * f(t)) / Math.sqrt(0.1 + g ** 2 * summed(t, square(f)) + 1e-7),
      within(24),
    ),
  ]),
  row(
    'scaleByRss({ initialAccumulatorValue: 0, eps: 0 })',
    () => scaleByRss({ initialAccumulatorValue: 0, eps: 0 }),
    [
      ...scaleFree,
      zeroGradient,
      closedForm({
        name: 'rootOfTime',
        statement: 'a₀ = ε = 0, constant g: uₜ = sign(g)/√t',
        formula: ({ g, t }) => Math.sign(g) / Math.sqrt(t),
        tolerance: { ulps: 24, floor: 0 },
      }),
    ],
  ),
  row('scaleByLion()', () => scaleByLion(), [
    ...elementwise,
    ...odd,
    ...scaleFree,
    agreeing(0, 0),
    zeroGradient,
    closedForm({
      name: 'interpolatedSign',
      statement: 'u = sign(β₁m + (1 − β₁)g), m the average by β₂',
      signal: swinging,
      formula: (at) => lionForm(0.9, 0.99)({ ...at, f: swinging }),
      tolerance: equally,
    }),
    everyUpdate({
      name: 'signs',
      statement: 'every update is −1, 0 or 1',
      holds: ({ u }) => Math.abs(u) === 1 || u === 0,
    }),
  ]),
  row('scaleByLion({ b1: 0.5, b2: 0.75 })', () => scaleByLion({ b1: 0.5, b2: 0.75 }), [
    closedForm({
      name: 'interpolatedSign',
      statement: 'u = sign(β₁m + (1 − β₁)g), β₁ = ½, β₂ = ¾',
      signal: swinging,
      formula: (at) => lionForm(0.5, 0.75)({ ...at, f: swinging }),
      tolerance: equally,
    }),
  ]),
  row(
    "scaleByLion({ mode: 'smooth', smoothBeta: 2 })",
    () => scaleByLion({ mode: 'smooth', smoothBeta: 2 }),
    [
      ...elementwise,
      ...odd,
      ...forms(
        'u = tanh(2(β₁m + (1 − β₁)g))',
        ({ g, t, f }) => Math.tanh(2 * g * (0.9 * averaged(0.99, t - 1, f) + 0.1 * f(t))),
        within(64, 512),
        { grads: 'moderate' },
      ),
    ],
  ),
  row("scaleByLion({ mode: 'refined' })", () => scaleByLion({ mode: 'refined' }), [
    ...elementwise,
    ...odd,
    ...forms(
      'u = x where |x| < 1, its sign elsewhere; x = β₁m + (1 − β₁)g',
      ({ g, t, f }) => {
        const x = g * (0.9 * averaged(0.99, t - 1, f) + 0.1 * f(t))
        return Math.abs(x) < 1 ? x : Math.sign(x)
      },
      within(64, 512),
      { grads: 'moderate' },
    ),
  ]),
  row('scaleByRprop(1)', () => scaleByRprop(1), [
    ...elementwise,
    ...odd,
    agreeing(8, 0),
    signInvariance,
    zeroGradient,
    ...rpropForms(1),
  ]),
  row('scaleByRprop(1, { minStepSize: 0.3 })', () => scaleByRprop(1, { minStepSize: 0.3 }), [
    rpropTable(1, rpropFloor),
  ]),
  row('scaleByTrustRatio()', () => scaleByTrustRatio(), [
    ...leafNorms,
    ...odd,
    scaleInvarianceOn({ params: 'nonzero' }),
    agreeing(4, 8, false),
    updateNormIsRatio(1, 3),
    ...forms('u = g‖p‖/‖g‖; u = g where a norm is zero', trustForm(1, 0), within(8), {
      kinds: arrayKinds,
      params: 'normal',
    }),
  ]),
  row(
    'scaleByTrustRatio({ trustCoefficient: 0.5, eps: 0.25 })',
    () => scaleByTrustRatio({ trustCoefficient: 0.5, eps: 0.25 }),
    [...leafNorms, ...forms('u = g·½‖p‖/(‖g‖ + ¼)', trustForm(0.5, 0.25), within(8), { kinds: arrayKinds })],
  ),
  row('scaleByTrustRatio({ minNorm: 2 })', () => scaleByTrustRatio({ minNorm: 2 }), [
    ...forms(
      'u = g·max(‖p‖, 2)/max(‖g‖, 2)',
      ({ g, t, f, leafG, leafP }) =>
        (g * f(t) * Math.max(norm(leafP), 2)) / Math.max(Math.abs(f(t)) * norm(leafG), 2),
      within(8),
      { kinds: arrayKinds, grads: 'moderate', params: 'moderate' },
    ),
  ]),
  row('addDecayedWeights(0.1)', () => addDecayedWeights(0.1), [
    ...elementwise,
    agreeing(2, 0),
    ...forms('u = g + λp', ({ g, p, t, f }) => g * f(t) + 0.1 * p, within(2), aligned),
  ]),
  row('addDecayedWeights(n => 0.5 ** n)', () => addDecayedWeights(halving), [
    ...forms('u = g + λ(t − 1)p', ({ g, p, t, f }) => g * f(t) + 0.5 ** (t - 1) * p, within(2), aligned),
  ]),
  row('addDecayedWeights(0)', () => addDecayedWeights(0), [
    sameAs({ name: 'withoutDecay', statement: 'addDecayedWeights(0) = identity', other: identity }),
  ]),
  row('clip(1.5)', () => clip(1.5), [
    ...elementwise,
    ...odd,
    agreeing(0, 0),
    zeroGradient,
    idempotentWithin(exactly),
    ...forms('u = max(−δ, min(δ, g))', ({ g, t, f }) => Math.max(-1.5, Math.min(1.5, g * f(t))), exactly),
    everyUpdate({ name: 'clipped', statement: '|u| ≤ δ', holds: ({ u }) => Math.abs(u) <= 1.5 }),
  ]),
  row('clipByGlobalNorm(1)', () => clipByGlobalNorm(1), [
    ...treeNorms,
    ...odd,
    orthogonalEquivariance,
    agreeing(4, 8, false),
    zeroGradient,
    globalNormAtMost(1),
    idempotentWithin(within(2)),
    ...forms(
      'u = g/max(1, ‖g‖)',
      ({ g, t, f, leafG }) => (g * f(t)) / Math.max(1, Math.abs(f(t)) * norm(leafG)),
      within(4),
      { single: true, kinds: arrayKinds },
    ),
  ]),
  row('clipByGlobalNorm(0)', () => clipByGlobalNorm(0), [
    zeroGradient,
    sameAs({
      name: 'nothing',
      statement: 'clipByGlobalNorm(0) = setToZero',
      other: setToZero,
      tolerance: equally,
    }),
  ]),
  row('clipByBlockRms(1.5)', () => clipByBlockRms(1.5), [
    ...leafNorms,
    ...odd,
    agreeing(4, 8, false),
    zeroGradient,
    ...forms(
      'u = g/max(1, rms(g)/τ)',
      ({ g, t, f, leafG }) =>
        (g * f(t)) / Math.max(1, (Math.abs(f(t)) * norm(leafG)) / Math.sqrt(leafG.length) / 1.5),
      within(6),
      { kinds: arrayKinds },
    ),
  ]),
  row('normalizeByUpdateNorm()', () => normalizeByUpdateNorm(), [
    ...treeNorms,
    ...odd,
    orthogonalEquivariance,
    agreeing(4, 8, false),
    zeroGradient,
    ...forms('u = g/(‖g‖ + ε)', ({ g, t, f, leafG }) => (g * f(t)) / (f(t) * norm(leafG) + 1e-6), within(6), {
      single: true,
      kinds: arrayKinds,
    }),
  ]),
  row(
    'normalizeByUpdateNorm({ scaleFactor: 2, eps: 0 })',
    () => normalizeByUpdateNorm({ scaleFactor: 2, eps: 0 }),
    [globalNormIs(2), scaleInvariance],
  ),
  row('centralize()', centralize, [
    leafwise,
    ...[reflection, homogeneity],
    rowMeansVanish,
    sameAs({
      name: 'flatLeavesStay',
      statement: 'flat leaves stay as they are',
      other: identity,
      kinds: ['number', 'float64', 'float32'],
    }),
  ]),
]

const byRank = ({ shape }: { readonly shape: readonly number[] }): boolean => shape.length > 0

const wrappers: readonly CatalogueRow[] = [
  row('chain(clip(1.5), scaleByAdam(), scale(-0.1))', () => chain(clip(1.5), scaleByAdam(), scale(-0.1)), [
    ...elementwise,
    ...odd,
  ]),
  row('chain(trace(0.9), centralize(), scale(-0.1))', () => chain(trace(0.9), centralize(), scale(-0.1)), [
    leafwise,
  ]),
  row('andThen(scale(-0.1))(trace(0.9))', () => andThen(scale(-0.1))(trace(0.9)), [
    sameAs({
      name: 'dataLast',
      statement: 'andThen(b)(a) = chain(a, b)',
      other: () => chain(trace(0.9), scale(-0.1)),
      states: true,
    }),
  ]),
  row('masked(scaleByAdam(), byRank)', () => masked(scaleByAdam(), byRank), [...odd, leafwise]),
  row('freeze(byRank)', () => freeze(byRank), [...odd, leafwise]),
  row(
    'partition({ adam, sgd }, byRank)',
    () => partition({ adam: adam(0.1), sgd: sgd(0.1) }, (leaf) => (byRank(leaf) ? 'adam' : 'sgd')),
    [...odd, leafwise],
  ),
  row(
    'injectHyperparams(adam)({ learningRate: 0.1 })',
    () =>
      injectHyperparams((h: { readonly learningRate: number }) => adam(h.learningRate))({
        learningRate: 0.1,
      }),
    [
      ...elementwise,
      ...odd,
      sameAs({ name: 'injected', statement: 'injectHyperparams(f)(h) = f(h)', other: () => adam(0.1) }),
    ],
  ),
]

const optimizers: readonly CatalogueRow[] = [
  row(
    'sgd(0.1)',
    () => sgd(0.1),
    [
      ...linear,
      agreeing(1, 0),
      zeroGradient,
      ...forms('u = −ηg', ({ g, t, f }) => -0.1 * g * f(t), within(1)),
      sameAs({
        name: 'momentumZero',
        statement: 'momentum 0 is no momentum',
        other: () => sgd(0.1, { momentum: 0 }),
        tolerance: equally,
      }),
      sameAs({
        name: 'nesterovZero',
        statement: 'Nesterov momentum 0 is no momentum',
        other: () => sgd(0.1, { momentum: 0, nesterov: true }),
        tolerance: equally,
      }),
    ],
    sgd,
  ),
  row('sgd(0.1, { momentum: 0.9 })', () => sgd(0.1, { momentum: 0.9 }), [
    ...linear,
    agreeing(8, 0),
    zeroGradient,
    ...forms('uₜ = −η Σ μᵗ⁻ˢ gₛ', times(-0.1, traceForm(0.9, false)), within(16)),
  ]),
  row('sgd(0.1, { momentum: 0.9, nesterov: true })', () => sgd(0.1, { momentum: 0.9, nesterov: true }), [
    ...linear,
    agreeing(8, 0),
    ...forms('uₜ = −η(gₜ + μ Σ μᵗ⁻ˢ gₛ)', times(-0.1, traceForm(0.9, true)), within(16)),
  ]),
  row(
    'adam(0.1)',
    () => adam(0.1),
    [
      ...elementwise,
      ...odd,
      agreeing(32, 2),
      zeroGradient,
      ...forms('u = −η·m̂/(√v̂ + ε)', times(-0.1, adamForm({})), moments),
      cauchySchwarz(0.1),
    ],
    adam,
  ),
  row('adam(0.1, { eps: 0 })', () => adam(0.1, { eps: 0 }), scaleFree),
  row('adam(0.1, { eps: 0.25, epsRoot: 0.5 })', () => adam(0.1, { eps: 0.25, epsRoot: 0.5 }), [
    ...forms("u = −η·m̂/(√(v̂ + ε') + ε)", times(-0.1, adamForm({ eps: 0.25, epsRoot: 0.5 })), moments),
  ]),
  row(
    'adamw(0.1, { weightDecay: 0.25 })',
    () => adamw(0.1, { weightDecay: 0.25 }),
    [
      ...elementwise,
      agreeing(32, 2),
      decoupledDecay(0.1, 0.25),
      ...forms('u = −η(m̂/(√v̂ + ε) + λp)', (at) => -0.1 * (adamForm({})(at) + 0.25 * at.p), moments, aligned),
    ],
    (learningRate: number | Schedule) => adamw(learningRate, { weightDecay: 0.25 }),
  ),
  row(
    'adamw(0.1, { weightDecay: 0.25, eps: 0.25, epsRoot: 0.5 })',
    () => adamw(0.1, { weightDecay: 0.25, eps: 0.25, epsRoot: 0.5 }),
    [
      ...forms(
        "u = −η(m̂/(√(v̂ + ε') + ε) + λp)",
        (at) => -0.1 * (adamForm({ eps: 0.25, epsRoot: 0.5 })(at) + 0.25 * at.p),
        moments,
        aligned,
      ),
    ],
  ),
  row('adamw(0.1, { weightDecay: 0 })', () => adamw(0.1, { weightDecay: 0 }), [
    sameAs({ name: 'withoutDecay', statement: 'AdamW(λ = 0) = Adam', other: () => adam(0.1) }),
  ]),
  row(
    'nadam(0.1)',
    () => nadam(0.1),
    [
      ...elementwise,
      ...odd,
      agreeing(32, 2),
      ...forms('NAdam', times(-0.1, adamForm({}, true)), moments),
      sameAs({
        name: 'nesterovOfAdam',
        statement: 'nadam = adam with nesterov',
        other: () => adam(0.1, { nesterov: true }),
        states: true,
      }),
    ],
    nadam,
  ),
  row('nadam(0.1, { eps: 0.25, epsRoot: 0.5 })', () => nadam(0.1, { eps: 0.25, epsRoot: 0.5 }), [
    ...forms('NAdam, with large ε', times(-0.1, adamForm({ eps: 0.25, epsRoot: 0.5 }, true)), moments),
  ]),
  row(
    'nadamw(0.1, { weightDecay: 0.25 })',
    () => nadamw(0.1, { weightDecay: 0.25 }),
    [
      ...elementwise,
      agreeing(32, 2),
      decoupledDecay(0.1, 0.25),
      members('nadamw = scaleByAdam with nesterov, addDecayedWeights, the learning rate', () =>
        chain(scaleByAdam({ nesterov: true }), addDecayedWeights(0.25), scale(-0.1)),
      ),
      ...forms(
        'NAdam and decoupled decay',
        (at) => -0.1 * (adamForm({}, true)(at) + 0.25 * at.p),
        moments,
        aligned,
      ),
    ],
    (learningRate: number | Schedule) => nadamw(learningRate, { weightDecay: 0.25 }),
  ),
  row(
    'nadamw(0.1, { weightDecay: 0.25, eps: 0.25, epsRoot: 0.5 })',
    () => nadamw(0.1, { weightDecay: 0.25, eps: 0.25, epsRoot: 0.5 }),
    [
      ...forms(
        'NAdam and decoupled decay, with large ε',
        (at) => -0.1 * (adamForm({ eps: 0.25, epsRoot: 0.5 }, true)(at) + 0.25 * at.p),
        moments,
        aligned,
      ),
    ],
  ),
  row(
    'amsgrad(0.1)',
    () => amsgrad(0.1),
    [
      ...elementwise,
      ...odd,
      agreeing(32, 2),
      zeroGradient,
      nondecreasing('nuMax', beyondFirst('nuMax')),
      ...forms('u = −η·m̂/(√max v̂ + ε)', times(-0.1, amsgradForm({})), moments),
    ],
    amsgrad,
  ),
  row('amsgrad(0.1, { eps: 0.25, epsRoot: 0.5 })', () => amsgrad(0.1, { eps: 0.25, epsRoot: 0.5 }), [
    ...forms("u = −η·m̂/(√(max v̂ + ε') + ε)", times(-0.1, amsgradForm({ eps: 0.25, epsRoot: 0.5 })), moments),
  ]),
  row(
    'radam(0.1)',
    () => radam(0.1),
    [
      ...elementwise,
      ...odd,
      agreeing(64, 4),
      ...forms('rectified from t = 6 on', times(-0.1, radamForm({})), within(60, 1e6)),
    ],
    radam,
  ),
  row(
    'radam(0.1, { b2: 0.9, eps: 0.25, epsRoot: 0.5 })',
    () => radam(0.1, { b2: 0.9, eps: 0.25, epsRoot: 0.5 }),
    [
      ...forms(
        'the same with large ε',
        times(-0.1, radamForm({ b2: 0.9, eps: 0.25, epsRoot: 0.5 })),
        within(60, 4000),
      ),
    ],
  ),
  row(
    'rmsprop(0.1)',
    () => rmsprop(0.1),
    [
      ...elementwise,
      ...odd,
      agreeing(16, 2),
      zeroGradient,
      members('rmsprop = scaleByRms, then the learning rate', () => chain(scaleByRms(), scale(-0.1))),
    ],
    rmsprop,
  ),
  row(
    'rmsprop(0.1, { centered: true, momentum: 0.9 })',
    () => rmsprop(0.1, { centered: true, momentum: 0.9 }),
    [
      ...elementwise,
      ...odd,
      members('centered: scaleByStddev, the learning rate, then momentum', () =>
        chain(scaleByStddev(), scale(-0.1), trace(0.9)),
      ),
    ],
  ),
  row(
    'adagrad(0.1)',
    () => adagrad(0.1),
    [
      ...elementwise,
      ...odd,
      agreeing(16, 2),
      zeroGradient,
      nondecreasing('sumOfSquares', beyondFirst('sumOfSquares')),
      ...forms(
        'u = −ηg/√(a₀ + Σ g² + ε)',
        ({ g, t, f }) => (-0.1 * g * f(t)) / Math.sqrt(0.1 + g ** 2 * summed(t, square(f)) + 1e-7),
        within(24),
      ),
    ],
    adagrad,
  ),
  row(
    'adagrad(0.1, { initialAccumulatorValue: 0, eps: 0 })',
    () => adagrad(0.1, { initialAccumulatorValue: 0, eps: 0 }),
    [...scaleFree, zeroGradient],
  ),
  row(
    'lamb(0.1)',
    () => lamb(0.1),
    [
      ...leafNorms,
      ...odd,
      agreeing(40, 16, false),
      updateNormIsRatio(0.1),
      ...forms('‖u‖ = η‖p‖ along Adam’s direction', lambForm(0.1, 0), moments, {
        ...aligned,
        kinds: arrayKinds,
      }),
    ],
    lamb,
  ),
  row(
    'lamb(0.1, { weightDecay: 0.25, eps: 0.25, epsRoot: 0.5 })',
    () => lamb(0.1, { weightDecay: 0.25, eps: 0.25, epsRoot: 0.5 }),
    [
      members('lamb = scaleByAdam, addDecayedWeights, scaleByTrustRatio, the learning rate', () =>
        chain(
          scaleByAdam({ eps: 0.25, epsRoot: 0.5 }),
          addDecayedWeights(0.25),
          scaleByTrustRatio(),
          scale(-0.1),
        ),
      ),
    ],
  ),
  row('lamb(0.1, { weightDecay: 0.25 })', () => lamb(0.1, { weightDecay: 0.25 }), [
    ...leafNorms,
    ...forms('‖u‖ = η‖p‖ along Adam’s decayed direction', lambForm(0.1, 0.25), moments, {
      ...aligned,
      kinds: arrayKinds,
    }),
  ]),
  row(
    'lars(0.1)',
    () => lars(0.1),
    [
      ...leafNorms,
      ...odd,
      scaleInvarianceOn({ params: 'nonzero' }),
      agreeing(16, 16, false),
      updateNormIsRatio(0.1 * 0.001),
      ...forms('momentum of steps as long as η·tc·‖p‖', larsForm(0.1, 0, 0.001, 0.9, false), within(24), {
        ...aligned,
        kinds: arrayKinds,
      }),
    ],
    lars,
  ),
  row(
    'lars(0.1, { weightDecay: 0.25, nesterov: true })',
    () => lars(0.1, { weightDecay: 0.25, nesterov: true }),
    [
      ...leafNorms,
      ...forms(
        'the same of decayed gradients, with Nesterov',
        larsForm(0.1, 0.25, 0.001, 0.9, true),
        within(24),
        {
          ...aligned,
          kinds: arrayKinds,
        },
      ),
    ],
  ),
  row(
    'lars(0.1, { weightDecay: 0.25, trustCoefficient: 0.5, eps: 0.25 })',
    () => lars(0.1, { weightDecay: 0.25, trustCoefficient: 0.5, eps: 0.25 }),
    [
      members('lars = addDecayedWeights, scaleByTrustRatio, the learning rate, trace', () =>
        chain(
          addDecayedWeights(0.25),
          scaleByTrustRatio({ trustCoefficient: 0.5, eps: 0.25 }),
          scale(-0.1),
          trace(0.9),
        ),
      ),
    ],
  ),
  row(
    'lion(0.1, { weightDecay: 0.25 })',
    () => lion(0.1, { weightDecay: 0.25 }),
    [
      ...elementwise,
      ...scaleFree,
      agreeing(4, 0),
      decoupledDecay(0.1, 0.25),
      everyUpdate({
        name: 'boundedStep',
        statement: '|Δp| ≤ η(1 + λ|p|)',
        draws: { steps: 6 },
        holds: ({ u, p }) => bounded(u, 0.1 * (1 + 0.25 * Math.abs(p))),
      }),
      members('lion = scaleByLion, addDecayedWeights, the learning rate', () =>
        chain(scaleByLion(), addDecayedWeights(0.25), scale(-0.1)),
      ),
    ],
    (learningRate: number | Schedule) => lion(learningRate, { weightDecay: 0.25 }),
  ),
  row('lion(0.1, { weightDecay: 0 })', () => lion(0.1, { weightDecay: 0 }), [
    ...odd,
    closedForm({
      name: 'interpolatedSign',
      statement: 'u = −η sign(β₁m + (1 − β₁)g)',
      signal: swinging,
      formula: (at) => -0.1 * lionForm(0.9, 0.99)({ ...at, f: swinging }),
      tolerance: { ulps: 1, floor: 0 },
    }),
  ]),
  row('rprop(1)', () => rprop(1), [
    ...elementwise,
    ...odd,
    agreeing(8, 0),
    signInvariance,
    zeroGradient,
    ...rpropForms(-1),
  ]),
  row('rprop(1, { minStepSize: 0.3 })', () => rprop(1, { minStepSize: 0.3 }), [rpropTable(-1, rpropFloor)]),
]

/**
 * Every transformation that the library makes, in several configurations, with the laws that it keeps.
 *
 * @category Catalogue
 * @example
 * ```ts
 * import { catalogue, checkLaws, lawsOf } from 'gradpipe/laws'
 *
 * const [adam] = catalogue.filter(({ call }) => call === 'adam(0.1)')
 * checkLaws(adam.make(), lawsOf(adam), { kinds: ['float32'], runs: 5 })
 * ```
 */
export const catalogue: readonly CatalogueRow[] = [...blocks, ...wrappers, ...optimizers]

/**
 * Laws of every transformation whose rule does not depend on where a leaf stands.
 *
 * @category Catalogue
 */
export const universalLaws: readonly Law<Tx>[] = [...everyLaw, ...compositionLaws, regrouping]

/**
 * All laws that a row of the catalogue keeps: those of every transformation, and its own.
 *
 * @category Catalogue
 */
export const lawsOf = ({ laws }: CatalogueRow): readonly TxLaw[] => [...universalLaws, ...laws]
