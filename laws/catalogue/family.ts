/** Kin of Muon and Adam that keep second moments of outputs or blocks, and their laws. */
import {
  adamMini,
  adamuon,
  adamw,
  addDecayedWeights,
  chain,
  type LeafSpec,
  nadamw,
  normuon,
  type ScaleByMatrixRmsOptions,
  type ScaleByMuonOptions,
  type Schedule,
  scale,
  scaleByAdam,
  scaleByAdamMini,
  scaleByLeaf,
  scaleByMatrixRms,
  scaleByMuon,
} from '../../src/index.js'
import { decoupledDecay, sameAs, zeroGradient } from '../closedForm.js'
import { leafwise, reflection } from '../equivariance.js'
import type { Tx, TxLaw } from '../law.js'
import type { Tolerance } from '../violation.js'
import { besideNadam, byShape, nadamsPartner, type OfMatrices, ofMatrices, partsOf } from './besideNadam.js'
import { cames } from './came.js'
import {
  type AdamMini,
  adamMiniForm,
  type MatrixRms,
  matrixRmsForm,
  orthogonalRmsForm,
} from './familyForms.js'
import { members } from './forms.js'
import { agreeing, odd } from './groups.js'
import { flatKinds, leafForms, rounded } from './leafForms.js'
import type { Muon } from './orthogonal.js'
import { type CatalogueRow, row } from './row.js'

// NorMuon, AdaMuon

/** All that is AdamW's, and what both have. */
const ofAdam = {
  ...{ adamWeightDecay: 0.25, adamLearningRate: 0.2, adamB1: 0.5, adamB2: 0.75, adamEpsRoot: 0.125 },
  ...{ eps: 1e-4, nesterov: false },
}

const ownAdam = (): Tx => adamw(0.2, { b1: 0.5, b2: 0.75, epsRoot: 0.125, eps: 1e-4, weightDecay: 0.25 })

const adamsPartner: TxLaw = sameAs({
  name: 'partner',
  statement: 'flat leaves are AdamW’s',
  other: ownAdam,
  kinds: flatKinds,
})

const nadam = (): Tx => nadamw(0.1, { weightDecay: 0 })

/** Scaled as steps that grow with their outputs. */
const byOutputs = (): Tx => scaleByLeaf(({ shape: [m = 1, n = 1] }) => byShape([m, n]))

/** The momentum, made orthogonal, over its root mean square. */
const orthogonalRms = (muon: ScaleByMuonOptions, options: ScaleByMatrixRmsOptions): Tx =>
  chain(
    scaleByMuon({ ...muon, weightDimensionNumbers: ofMatrices }),
    scaleByMatrixRms({ ...options, weightDimensionNumbers: ofMatrices }),
  )

const parts = (matrices: () => readonly Tx[], rest: () => Tx): TxLaw =>
  partsOf('matrices by scaleByMuon, then scaleByMatrixRms', () => chain(...matrices()), rest)

const rmsRow = (
  call: string,
  options: Omit<ScaleByMatrixRmsOptions, 'weightDimensionNumbers'>,
): CatalogueRow =>
  row(call, () => scaleByMatrixRms({ ...options, weightDimensionNumbers: ofMatrices }), [
    reflection,
    leafwise,
    zeroGradient,
    ...leafForms('x = g/(√ν + ε), u = x‖g‖/(‖x‖ + ε) or x·ρ√(mn)/(‖x‖ + ε)', matrixRmsForm(options), rounded),
  ])

/**
 * What is divided by its own size may be what rounding has left of an element that is zero: in float32 a noise of the size
 * of ε, so that products are held to their formula in float64.
 */
const divided: Tolerance = { ulps: 0, floor: { float32: 2e-4, float64: 1e-7 } }

const matricesBy = (
  statement: string,
  muon: Muon,
  options: MatrixRms,
  factor: OfMatrices['factor'],
  weightDecay = 0,
): TxLaw =>
  besideNadam({
    ...{ name: 'matrices', statement, factor, weightDecay, nesterov: muon.nesterov !== false },
    ...{ form: orthogonalRmsForm(muon, options), tolerance: divided, kinds: ['ndarray'] },
  })

const orthogonals: readonly CatalogueRow[] = [
  rmsRow('scaleByMatrixRms({ weightDimensionNumbers: ({ shape }) => (shape.length === 2 ? {} : null) })', {}),
  rmsRow(
    "scaleByMatrixRms({ per: 'element', b2: 0.5, eps: 0.25, weightDimensionNumbers: ({ shape }) => (shape.length === 2 ? {} : null) })",
    { per: 'element', b2: 0.5, eps: 0.25 },
  ),
  rmsRow(
    'scaleByMatrixRms({ consistentRms: 0.5, b2: 0.5, weightDimensionNumbers: ({ shape }) => (shape.length === 2 ? {} : null) })',
    { consistentRms: 0.5, b2: 0.5 },
  ),
  row('normuon(0.1)', () => normuon(0.1), [
    leafwise,
    nadamsPartner,
    matricesBy('matrices by √max(1, n/m), as long as Muon’s', {}, {}, byShape),
    parts(() => [orthogonalRms({}, {}), byOutputs(), scale(-0.1)], nadam),
  ]),
  row(
    "normuon(0.1, { consistentRms: 0.2, b2: 0.5, nesterov: false, variant: 'paper', weightDecay: 0.25 })",
    () => normuon(0.1, { consistentRms: 0.2, b2: 0.5, nesterov: false, variant: 'paper', weightDecay: 0.25 }),
    [
      matricesBy(
        'matrices of the root mean square 0.2, and with their decay',
        { nesterov: false, variant: 'paper' },
        { consistentRms: 0.2, b2: 0.5 },
        () => 1,
        0.25,
      ),
      parts(
        () => [
          orthogonalRms({ nesterov: false, variant: 'paper' }, { consistentRms: 0.2, b2: 0.5 }),
          addDecayedWeights(0.25),
          scale(-0.1),
        ],
        () => adamw(0.1, { weightDecay: 0 }),
      ),
    ],
  ),
  row('adamuon(0.1)', () => adamuon(0.1), [
    leafwise,
    matricesBy(
      'matrices by the signs of the momentum, element by element',
      { balancing: 'sign' },
      { per: 'element', consistentRms: 0.2 },
      () => 1,
    ),
    parts(
      () => [orthogonalRms({ balancing: 'sign' }, { per: 'element', consistentRms: 0.2 }), scale(-0.1)],
      nadam,
    ),
  ]),
  row(
    'normuon(0.1, { adamWeightDecay: 0.25, adamLearningRate: 0.2, eps: 1e-4, nesterov: false })',
    () => normuon(0.1, ofAdam),
    [
      adamsPartner,
      parts(
        () => [orthogonalRms({ eps: 1e-4, nesterov: false }, { eps: 1e-4 }), byOutputs(), scale(-0.1)],
        ownAdam,
      ),
    ],
  ),
  row(
    'adamuon(0.1, { adamWeightDecay: 0.25, adamLearningRate: 0.2, eps: 1e-4, nesterov: false })',
    () => adamuon(0.1, ofAdam),
    [
      adamsPartner,
      parts(
        () => [
          orthogonalRms(
            { eps: 1e-4, nesterov: false, balancing: 'sign' },
            { eps: 1e-4, per: 'element', consistentRms: 0.2 },
          ),
          scale(-0.1),
        ],
        ownAdam,
      ),
    ],
  ),
  row(
    'adamuon(0.1, { signMomentum: false, consistentRms: 0.5, b2: 0.5 })',
    () => adamuon(0.1, { signMomentum: false, consistentRms: 0.5, b2: 0.5 }),
    [
      matricesBy(
        'matrices by the momentum, element by element',
        {},
        { per: 'element', consistentRms: 0.5, b2: 0.5 },
        () => 1,
      ),
      parts(() => [orthogonalRms({}, { per: 'element', consistentRms: 0.5, b2: 0.5 }), scale(-0.1)], nadam),
    ],
  ),
]

// Adam-mini

const all = ({ shape }: Pick<LeafSpec, 'shape'>): readonly number[] => shape.map((_, axis) => axis)
const last = ({ shape }: Pick<LeafSpec, 'shape'>): readonly number[] =>
  shape.length < 2 ? [] : [shape.length - 1]

const miniRow = (
  call: string,
  make: () => ReturnType<typeof scaleByAdamMini>,
  options: AdamMini,
  blocks: (shape: readonly number[]) => readonly number[],
  laws: readonly TxLaw[] = [],
): CatalogueRow =>
  row(call, make, [
    ...odd.slice(0, 1),
    leafwise,
    zeroGradient,
    ...leafForms('u = m̂/(√ν̂ + ε), ν the mean of a block’s g²', adamMiniForm(options, blocks), rounded),
    ...laws,
  ])

const minis: readonly CatalogueRow[] = [
  miniRow(
    'scaleByAdamMini()',
    () => scaleByAdamMini(),
    {},
    () => [],
  ),
  miniRow(
    'scaleByAdamMini({ b1: 0.5, b2: 0.75, eps: 0.25, blockAxes: ({ shape }) => (shape.length < 2 ? [] : [-1]) })',
    () =>
      scaleByAdamMini({
        b1: 0.5,
        b2: 0.75,
        eps: 0.25,
        blockAxes: ({ shape }) => (shape.length < 2 ? [] : [-1]),
      }),
    { b1: 0.5, b2: 0.75, eps: 0.25 },
    (shape) => last({ shape }),
  ),
  row(
    'scaleByAdamMini({ blockAxes: ({ shape }) => shape.map((_, axis) => axis) })',
    () => scaleByAdamMini({ blockAxes: all }),
    [
      agreeing(32, 2),
      sameAs({
        name: 'elements',
        statement: 'with a block for every element it is Adam',
        other: () => scaleByAdam(),
      }),
    ],
  ),
  row(
    'adamMini(0.1, { weightDecay: 0.25, b1: 0.75 })',
    () => adamMini(0.1, { weightDecay: 0.25, b1: 0.75 }),
    [
      leafwise,
      decoupledDecay(0.1, 0.25),
      members('adamMini = scaleByAdamMini, addDecayedWeights, the learning rate', () =>
        chain(scaleByAdamMini({ b1: 0.75 }), addDecayedWeights(0.25), scale(-0.1)),
      ),
      sameAs({
        name: 'numbers',
        statement: 'of plain numbers it is AdamW',
        other: () => adamw(0.1, { weightDecay: 0.25, b1: 0.75 }),
        kinds: ['number'],
        states: false,
      }),
    ],
    (learningRate: number | Schedule) => adamMini(learningRate, { weightDecay: 0.25 }),
  ),
]

export const family: readonly CatalogueRow[] = [...orthogonals, ...cames, ...minis]
