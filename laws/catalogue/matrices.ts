/** Building blocks and optimizers that need axes or matrices, and the laws that they keep. */
import {
  adafactor,
  adamw,
  adaptiveGradClip,
  type AdaptiveGradClipOptions,
  addDecayedWeights,
  chain,
  clipByBlockRms,
  ema,
  galore,
  identity,
  type LeafSpec,
  muon,
  nadamw,
  scale,
  scaleByAdam,
  scaleByFactoredRms,
  scaleByGalore,
  scaleByLearningRate,
  scaleByMuon,
  type ScaleByMuonOptions,
  scaleByRss,
  scaleBySm3,
  sm3,
  tree,
} from '../../src/index.js'
import type { Block } from '../block.js'
import { sameAs, swinging, varied, zeroGradient } from '../closedForm.js'
import { homogeneity, leafwise, reflection } from '../equivariance.js'
import { follow } from '../follow.js'
import type { Kind } from '../kind.js'
import type { Law, Tx, TxLaw } from '../law.js'
import { type LeafForm, leafForm } from '../leafForm.js'
import { trial, type Trial } from '../arbitrary.js'
import { firstOf, type Tolerance, unless, within } from '../violation.js'
import { type Cover, coverForm, type Factored, factoredForm, unitForm } from './axes.js'
import { adamForm } from './forms.js'
import { agreeing, odd } from './groups.js'
import { type Muon, muonForm } from './orthogonal.js'
import { type CatalogueRow, row } from './row.js'

const flatKinds: readonly Kind[] = ['number', 'float64', 'float32']

/** Signals: the constant one, one without cancellation, one that swings. */
const signals = { constant: () => 1, varied, swinging } as const

/** A formula of whole leaves, of several signals. */
const leafForms = (
  statement: string,
  formula: LeafForm['formula'],
  tolerance: Tolerance,
  { only, ...more }: Partial<LeafForm> & { readonly only?: readonly string[] } = {},
): readonly TxLaw[] =>
  Object.entries(signals)
    .filter(([name]) => only === undefined || only.includes(name))
    .map(([name, signal]) =>
      leafForm({
        name: `${name}Leaves`,
        statement: `${statement}, of a ${name} signal`,
        signal,
        formula,
        tolerance,
        ...more,
      }),
    )

/** Some roundings of each element, or of the leaf's greatest. */
const rounded: Tolerance = { ulps: { float32: 64, float64: 64 }, floor: { float32: 2e-6, float64: 1e-14 } }

// units

const unitRow = (
  call: string,
  clipping: number,
  options: AdaptiveGradClipOptions | undefined,
  unit: (shape: readonly number[]) => readonly number[] | null,
): CatalogueRow =>
  row(call, () => adaptiveGradClip(clipping, options), [
    leafwise,
    ...leafForms(
      'a unit’s norm is at most λ times that of its parameters',
      unitForm(clipping, options?.eps ?? 1e-3, unit),
      rounded,
    ),
  ])

const columns = (shape: readonly number[]): readonly number[] | null =>
  shape.filter((n) => n !== 1).length <= 1 ? null : [0]

const units: readonly CatalogueRow[] = [
  unitRow('adaptiveGradClip(0.1)', 0.1, undefined, columns),
  unitRow('adaptiveGradClip(0.5, { eps: 4 })', 0.5, { eps: 4 }, columns),
  row('adaptiveGradClip(Infinity)', () => adaptiveGradClip(Number.POSITIVE_INFINITY), [
    sameAs({ name: 'unbounded', statement: 'without a bound it is the identity', other: identity }),
  ]),
]

// Adafactor

const factoredRow = (
  call: string,
  make: () => Tx,
  options: Factored,
  laws: readonly TxLaw[] = [],
): CatalogueRow =>
  row(call, make, [
    ...odd,
    leafwise,
    ...leafForms('u = g/√v, v = r·c/mean(r) where it is factored', factoredForm(options), rounded),
    ...laws,
  ])

const adafactors: readonly CatalogueRow[] = [
  factoredRow('scaleByFactoredRms()', scaleByFactoredRms, {}, [zeroGradient, agreeing(64, 8)]),
  factoredRow(
    'scaleByFactoredRms({ minDimSizeToFactor: 2 })',
    () => scaleByFactoredRms({ minDimSizeToFactor: 2 }),
    { minimum: 2 },
    [zeroGradient],
  ),
  factoredRow(
    'scaleByFactoredRms({ minDimSizeToFactor: 1, epsilon: 0.25, decayRate: 0.5, stepOffset: 2 })',
    () => scaleByFactoredRms({ minDimSizeToFactor: 1, epsilon: 0.25, decayRate: 0.5, stepOffset: 2 }),
    { minimum: 1, epsilon: 0.25, decayRate: 0.5, stepOffset: 2 },
  ),
  row(
    'scaleByFactoredRms({ minDimSizeToFactor: 1, factored: false })',
    () => scaleByFactoredRms({ minDimSizeToFactor: 1, factored: false }),
    [sameAs({ name: 'whole', statement: 'nothing is factored', other: () => scaleByFactoredRms() })],
  ),
  row(
    'scaleByFactoredRms({ decayRateFn: (step, rate) => rate })',
    () => scaleByFactoredRms({ epsilon: 1e-8, decayRate: 0.75, decayRateFn: (_, rate) => rate }),
    [
      leafForm({
        name: 'fixedDecay',
        statement: 'with a constant decay, of a constant signal v = (1 − dᵗ)(g² + ε)',
        formula: ({ g, t }) => g.data.map((x) => x / Math.sqrt((1 - 0.75 ** t) * (x * x + 1e-8))),
        tolerance: within(64),
      }),
    ],
  ),
  row('adafactor(0.1)', () => adafactor(0.1), [
    leafwise,
    sameAs({
      name: 'chained',
      statement: 'its members, one after the other',
      other: () => chain(adafactor(undefined, { multiplyByParameterScale: true }), scale(0.1)),
      tolerance: rounded,
    }),
  ]),
  row(
    'adafactor(0.1, { multiplyByParameterScale: false, clippingThreshold: null })',
    () => adafactor(0.1, { multiplyByParameterScale: false, clippingThreshold: null }),
    [
      sameAs({
        name: 'bare',
        statement: 'without what can be left out, scaled updates alone',
        other: () => chain(scaleByFactoredRms(), scaleByLearningRate(0.1)),
        tolerance: rounded,
      }),
    ],
  ),
  row(
    'adafactor(0.1, { multiplyByParameterScale: false, momentum: 0.5, weightDecayRate: 0.25 })',
    () =>
      adafactor(0.1, {
        multiplyByParameterScale: false,
        momentum: 0.5,
        weightDecayRate: 0.25,
        minDimSizeToFactor: 2,
        eps: 1e-8,
        decayRate: 0.5,
        decayOffset: -2,
        clippingThreshold: 0.5,
      }),
    [
      sameAs({
        name: 'full',
        statement: 'momentum comes after the learning rate, decay after both',
        other: () =>
          chain(
            scaleByFactoredRms({ minDimSizeToFactor: 2, epsilon: 1e-8, decayRate: 0.5, stepOffset: -2 }),
            clipByBlockRms(0.5),
            scale(0.1),
            ema(0.5, { debias: false }),
            addDecayedWeights(0.25),
            scale(-1),
          ),
        tolerance: rounded,
      }),
    ],
  ),
]

// SM3

const coverRow = (call: string, make: () => Tx, options: Cover, laws: readonly TxLaw[] = []): CatalogueRow =>
  row(call, make, [
    reflection,
    leafwise,
    zeroGradient,
    ...leafForms('u = Σ (1 − β)βᵗ⁻ˢ g/√(a + ε), a the least bound and g²', coverForm(options), rounded, {
      // momentum that swings cancels
      only: ['constant', 'varied'],
    }),
    ...laws,
  ])

const covers: readonly CatalogueRow[] = [
  coverRow('scaleBySm3()', scaleBySm3, {}),
  coverRow(
    'scaleBySm3({ b1: 0.5, b2: 0.75, eps: 0.25 })',
    () => scaleBySm3({ b1: 0.5, b2: 0.75, eps: 0.25 }),
    { b1: 0.5, b2: 0.75, eps: 0.25 },
  ),
  row('scaleBySm3({ b1: 0 })', () => scaleBySm3({ b1: 0 }), [
    sameAs({
      name: 'adagrad',
      statement: 'of flat leaves, without momentum, it is Adagrad from zero',
      other: () => scaleByRss({ initialAccumulatorValue: 0, eps: 1e-8 }),
      tolerance: rounded,
      draws: { grads: 'moderate' },
      kinds: flatKinds,
    }),
  ]),
  row('sm3(0.1)', () => sm3(0.1), [
    sameAs({
      name: 'chained',
      statement: 'scaleBySm3 and a learning rate',
      other: () => chain(scaleBySm3(), scale(-0.1)),
    }),
  ]),
  row('sm3(0.1, { momentum: 0.5 })', () => sm3(0.1, { momentum: 0.5 }), [
    sameAs({
      name: 'chained',
      statement: 'its momentum is scaleBySm3’s b1',
      other: () => chain(scaleBySm3({ b1: 0.5 }), scale(-0.1)),
    }),
  ]),
]

// Muon

const ofMatrices = ({ shape }: LeafSpec): Record<string, never> | null => (shape.length === 2 ? {} : null)

/** Products of matrices in float32, five times: measured, 2e-5 of the greatest element. */
const multiplied: Tolerance = { ulps: 0, floor: { float32: 2e-4, float64: 1e-11 } }

const muonRow = (
  call: string,
  options: Omit<ScaleByMuonOptions, 'weightDimensionNumbers'>,
  form: Muon,
): CatalogueRow =>
  row(call, () => scaleByMuon({ ...options, weightDimensionNumbers: ofMatrices }), [
    reflection,
    leafwise,
    ...leafForms('matrices become orthogonal, other leaves stay', muonForm(form), multiplied, {
      kinds: ['tensor'],
    }),
  ])

/** Matrices are Muon's, other leaves NAdam's. */
const muonLeaves = (
  statement: string,
  factor: (shape: readonly [m: number, n: number]) => number,
  form: Muon,
  weightDecay = 0,
): TxLaw =>
  leafForm({
    name: 'muonLeaves',
    statement,
    signal: swinging,
    formula: (at) => {
      const { g, p, t, f } = at
      const [m = 1, n = 1] = g.shape
      if (g.shape.length === 2 && g.data.length > 0)
        return muonForm(form)(at).map(
          (x, i) => -0.1 * (factor([m, n]) * x + weightDecay * (p.data[i] ?? Number.NaN)),
        )
      const nadam = adamForm({}, true)
      return g.data.map(
        (x, i) => -0.1 * nadam({ g: x, p: p.data[i] ?? Number.NaN, leafG: g.data, leafP: p.data, t, f }),
      )
    },
    tolerance: multiplied,
    grads: 'moderate',
    kinds: ['tensor'],
  })

const halves = [1.5, -0.5, 0] as const
const quarters = [1.25, -0.25, 0.125] as const

const muons: readonly CatalogueRow[] = [
  row(
    'scaleByMuon({ weightDimensionNumbers: () => null })',
    () => scaleByMuon({ weightDimensionNumbers: () => null }),
    [sameAs({ name: 'none', statement: 'leaves without a matrix stay', other: identity })],
  ),
  muonRow('scaleByMuon({ weightDimensionNumbers: ofMatrices })', {}, {}),
  muonRow(
    'scaleByMuon({ nesterov: false, beta: 0.5, eps: 0.25, adaptive: true, weightDimensionNumbers: ofMatrices })',
    { nesterov: false, beta: 0.5, eps: 0.25, adaptive: true },
    { nesterov: false, beta: 0.5, eps: 0.25, adaptive: true },
  ),
  ...(['spectral', 'aol', 'schatten'] as const).map((preconditioning) =>
    muonRow(
      `scaleByMuon({ preconditioning: '${preconditioning}', weightDimensionNumbers: ofMatrices })`,
      { preconditioning },
      { preconditioning },
    ),
  ),
  muonRow(
    'scaleByMuon({ nsCoeffs: [halves, quarters, halves], nsSteps: 2, weightDimensionNumbers: ofMatrices })',
    { nsCoeffs: [halves, quarters, halves], nsSteps: 2 },
    { coefficients: [quarters, halves] },
  ),
  row('muon(0.1)', () => muon(0.1), [
    leafwise,
    sameAs({
      name: 'partner',
      statement: 'flat leaves are NAdamW’s, without decay',
      other: () => nadamw(0.1, { weightDecay: 0 }),
      kinds: flatKinds,
    }),
    muonLeaves('matrices by √max(1, n/m)', ([m, n]) => Math.sqrt(Math.max(1, n / m)), {}),
  ]),
  row(
    'muon(0.1, { consistentRms: 0.25, weightDecay: 0.5, preconditioning: "schatten" })',
    () => muon(0.1, { consistentRms: 0.25, weightDecay: 0.5, preconditioning: 'schatten' }),
    [
      muonLeaves(
        'matrices by ρ√max(m, n), and with their decay',
        ([m, n]) => 0.25 * Math.sqrt(Math.max(m, n)),
        { preconditioning: 'schatten' },
        0.5,
      ),
    ],
  ),
  row(
    'muon(0.1, { nesterov: false, adamWeightDecay: 0.25, adamLearningRate: 0.2 })',
    () =>
      muon(0.1, {
        nesterov: false,
        adamWeightDecay: 0.25,
        adamLearningRate: 0.2,
        adamB1: 0.5,
        adamB2: 0.75,
        adamEpsRoot: 0.125,
        eps: 1e-4,
      }),
    [
      sameAs({
        name: 'partner',
        statement: 'flat leaves are AdamW’s',
        other: () => adamw(0.2, { b1: 0.5, b2: 0.75, epsRoot: 0.125, eps: 1e-4, weightDecay: 0.25 }),
        kinds: flatKinds,
      }),
    ],
  ),
]

// GaLore

const dot = (a: Block, b: Block): number => a.data.reduce((sum, x, i) => sum + x * (b.data[i] ?? 0), 0)

/** The update of a matrix is its projection onto so many directions, which no others surpass. */
const projected = (rank: number): Law<Tx, Trial> => ({
  name: 'projected',
  statement: `u is orthogonal to g − u, and has the share of g that ${rank} of its directions have on the average`,
  conditions: 'within 1e-5 of ‖g‖²; matrices',
  kinds: ['tensor'],
  arbitrary: (kind) => trial(kind, { grads: 'moderate' }),
  predicate: (tx, on, kind) =>
    firstOf(
      follow(tx, on, kind).updates.flatMap((update, step) => {
        const gradients = new Map(
          tree.leaves(on.grads[step] ?? null).map(([path, g]) => [tree.showPath(path), g]),
        )
        return tree.leaves(update).flatMap(([path, u]) => {
          const g = gradients.get(tree.showPath(path))
          const [m = 1, n = 1] = u.shape
          if (g === undefined || u.shape.length !== 2 || u.data.length === 0) return []
          const [whole, along, own] = [dot(g, g), dot(g, u), dot(u, u)]
          const share = Math.min(1, rank / Math.min(m, n))
          const where = tree.showPath([`update ${step + 1}`, ...path])
          return [
            unless(Math.abs(along - own) <= 1e-5 * whole, where, `⟨g, u⟩ = ‖u‖² = ${own}`, `${along}`),
            unless(own >= (share - 1e-5) * whole, where, `at least ${share * whole}`, `${own}`),
          ]
        })
      }),
    ),
})

const galores: readonly CatalogueRow[] = [
  row('scaleByGalore()', () => scaleByGalore(), [
    leafwise,
    sameAs({
      name: 'base',
      statement: 'flat leaves are the base’s, Adam’s',
      other: () => scaleByAdam(),
      kinds: flatKinds,
      states: false,
    }),
  ]),
  row(
    'scaleByGalore({ rank: 1, updateProjGap: 1, baseOptimizer: identity() })',
    () => scaleByGalore({ rank: 1, updateProjGap: 1, baseOptimizer: identity() }),
    [projected(1), homogeneity],
  ),
  row(
    'scaleByGalore({ updateProjGap: 2, scale: 0.5, baseOptimizer: identity() })',
    () => scaleByGalore({ updateProjGap: 2, scale: 0.5, baseOptimizer: identity() }),
    [
      leafForm({
        name: 'allDirections',
        statement: 'with all directions, matrices are scaled alone, other leaves stay',
        signal: swinging,
        formula: ({ g, t, f }) => g.data.map((x) => (g.shape.length === 2 ? 0.5 : 1) * x * f(t)),
        tolerance: { ulps: 0, floor: 4e-6 },
        kinds: ['tensor'],
      }),
    ],
  ),
  row('galore(0.1, { weightDecay: 0.25 })', () => galore(0.1, { weightDecay: 0.25 }), [
    leafwise,
    sameAs({
      name: 'partner',
      statement: 'flat leaves are AdamW’s',
      other: () => adamw(0.1, { weightDecay: 0.25 }),
      kinds: flatKinds,
    }),
  ]),
]

export const matrices: readonly CatalogueRow[] = [...units, ...adafactors, ...covers, ...muons, ...galores]
