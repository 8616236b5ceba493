/** Building blocks and optimizers that need matrices, and their laws. */
import {
  adamw,
  chain,
  galore,
  identity,
  type LeafSpec,
  masked,
  multiDot,
  muon,
  type ScaleByMuonOptions,
  scale,
  scaleByAdam,
  scaleByGalore,
  scaleByLeaf,
  scaleByMuon,
  statelessWithTreeMap,
  tree,
} from '../../src/index.js'
import { type Trial, trial } from '../arbitrary.js'
import type { Block } from '../block.js'
import { sameAs, swinging } from '../closedForm.js'
import { homogeneity, leafwise, reflection } from '../equivariance.js'
import { follow } from '../follow.js'
import type { Law, Tx, TxLaw } from '../law.js'
import { leafForm } from '../leafForm.js'
import { firstOf, type Tolerance, unless } from '../violation.js'
import { besideNadam, byShape, nadamsPartner, type OfMatrices, ofMatrices, partsOf } from './besideNadam.js'
import { flatKinds, leafForms, rounded } from './leafForms.js'
import { type Muon, muonForm, productForm } from './orthogonal.js'
import { axesOfTensors, type CatalogueRow, row } from './row.js'

// Muon

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
      kinds: ['ndarray', 'tensor'],
    }),
  ])

/** Muon for matrices, NAdam for other leaves. */
const muonLeaves = (statement: string, factor: OfMatrices['factor'], form: Muon, weightDecay = 0): TxLaw =>
  besideNadam({
    ...{ name: 'muonLeaves', statement, factor, weightDecay },
    ...{ form: muonForm(form), tolerance: multiplied, kinds: ['ndarray', 'tensor'] },
  })

const halves = [1.5, -0.5, 0] as const
const quarters = [1.25, -0.25, 0.125] as const

const muons: readonly CatalogueRow[] = [
  row(
    'scaleByMuon({ weightDimensionNumbers: () => null })',
    () => scaleByMuon({ weightDimensionNumbers: () => null }),
    [sameAs({ name: 'none', statement: 'leaves that are no matrix stay the same', other: identity })],
  ),
  muonRow('scaleByMuon({ weightDimensionNumbers: ({ shape }) => (shape.length === 2 ? {} : null) })', {}, {}),
  muonRow(
    'scaleByMuon({ nesterov: false, beta: 0.5, eps: 0.25, adaptive: true, weightDimensionNumbers: ({ shape }) => (shape.length === 2 ? {} : null) })',
    { nesterov: false, beta: 0.5, eps: 0.25, adaptive: true },
    { nesterov: false, beta: 0.5, eps: 0.25, adaptive: true },
  ),
  ...(['output', 'reduction', 'both'] as const).map((balancing) =>
    muonRow(
      `scaleByMuon({ balancing: '${balancing}', eps: 1e-4, weightDimensionNumbers: ({ shape }) => (shape.length === 2 ? {} : null) })`,
      { balancing, eps: 1e-4 },
      { balancing, eps: 1e-4 },
    ),
  ),
  muonRow(
    "scaleByMuon({ balancing: 'sign', weightDimensionNumbers: ({ shape }) => (shape.length === 2 ? {} : null) })",
    { balancing: 'sign' },
    { balancing: 'sign' },
  ),
  muonRow(
    "scaleByMuon({ variant: 'paper', weightDimensionNumbers: ({ shape }) => (shape.length === 2 ? {} : null) })",
    { variant: 'paper' },
    { variant: 'paper' },
  ),
  muonRow(
    "scaleByMuon({ variant: 'paper', nesterov: false, eps: 0.25, weightDimensionNumbers: ({ shape }) => (shape.length === 2 ? {} : null) })",
    { variant: 'paper', nesterov: false, eps: 0.25 },
    { variant: 'paper', nesterov: false, eps: 0.25 },
  ),
  ...(['spectral', 'aol', 'schatten'] as const).map((preconditioning) =>
    muonRow(
      `scaleByMuon({ preconditioning: '${preconditioning}', weightDimensionNumbers: ({ shape }) => (shape.length === 2 ? {} : null) })`,
      { preconditioning },
      { preconditioning },
    ),
  ),
  muonRow(
    'scaleByMuon({ nsCoeffs: [halves, quarters, halves], nsSteps: 2, weightDimensionNumbers: ({ shape }) => (shape.length === 2 ? {} : null) })',
    { nsCoeffs: [halves, quarters, halves], nsSteps: 2 },
    { coefficients: [quarters, halves] },
  ),
  row('muon(0.1)', () => muon(0.1), [
    leafwise,
    nadamsPartner,
    muonLeaves('matrices by √max(1, n/m)', byShape, {}),
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
      partsOf(
        'matrices by scaleByMuon, other leaves by AdamW',
        () =>
          chain(
            scaleByMuon({ nesterov: false, eps: 1e-4, weightDimensionNumbers: ofMatrices }),
            scaleByLeaf(({ shape: [m = 1, n = 1] }) => byShape([m, n])),
            scale(-0.1),
          ),
        () => adamw(0.2, { b1: 0.5, b2: 0.75, epsRoot: 0.125, eps: 1e-4, weightDecay: 0.25 }),
      ),
      sameAs({
        name: 'partner',
        statement: 'flat leaves follow AdamW',
        other: () => adamw(0.2, { b1: 0.5, b2: 0.75, epsRoot: 0.125, eps: 1e-4, weightDecay: 0.25 }),
        kinds: flatKinds,
      }),
    ],
  ),
]

// GaLore

const dot = (a: Block, b: Block): number => a.data.reduce((sum, x, i) => sum + x * (b.data[i] ?? 0), 0)

/** The update of a matrix is its projection onto its most important directions. */
const projected = (rank: number): Law<Tx, Trial> => ({
  name: 'projected',
  statement: `u is orthogonal to g − u, and keeps at least the share of ‖g‖² that ${rank} average directions have`,
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
      statement: 'flat leaves follow the base, Adam',
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
        statement: 'with all directions, matrices are only scaled, and other leaves stay the same',
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
      statement: 'flat leaves follow AdamW',
      other: () => adamw(0.1, { weightDecay: 0.25 }),
      kinds: flatKinds,
    }),
  ]),
]

// products

const isMatrix = ({ shape }: LeafSpec): boolean => shape.length === 2

const products: readonly CatalogueRow[] = [
  row(
    'masked(statelessWithTreeMap((u, p) => multiDot(u, p, u.abs())), ({ shape }) => shape.length === 2)',
    () =>
      masked(
        statelessWithTreeMap((u, p) => multiDot(u, p, u.abs())),
        isMatrix,
      ),
    [
      leafwise,
      ...leafForms('u = g pᵀ |g| of matrices, other leaves stay', productForm, rounded, {
        kinds: ['ndarray', 'tensor'],
        ...{ grads: 'positive', params: 'positive' },
      }),
    ],
  ),
]

export const matrices: readonly CatalogueRow[] = [...muons, ...products, ...galores.map(axesOfTensors)]
