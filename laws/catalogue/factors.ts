/** Building blocks and optimizers that scale, factor or clip by the shape or the axes of a leaf, and their laws. */
import {
  type AdaptiveGradClipOptions,
  adafactor,
  adaptiveGradClip,
  addDecayedWeights,
  chain,
  clipByBlockRms,
  ema,
  identity,
  type LeafSpec,
  scale,
  scaleByFactoredRms,
  scaleByLeaf,
  scaleByLearningRate,
  scaleByRss,
  scaleBySm3,
  setToZero,
  sm3,
} from '../../src/index.js'
import { sameAs, zeroGradient } from '../closedForm.js'
import { homogeneity, leafwise, reflection } from '../equivariance.js'
import type { Tx, TxLaw } from '../law.js'
import { leafForm } from '../leafForm.js'
import { equally, within } from '../violation.js'
import { type Cover, coverForm, type Factored, factoredForm, unitForm } from './axes.js'
import { agreeing, linear, odd, zeroGradientByNorms } from './groups.js'
import { flatKinds, larger, leafForms, rounded } from './leafForms.js'
import { type CatalogueRow, row } from './row.js'

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
  row('adaptiveGradClip(0)', () => adaptiveGradClip(0), [
    zeroGradientByNorms,
    sameAs({
      name: 'stopped',
      statement: 'a bound of 0 leaves nothing',
      other: setToZero,
      tolerance: equally,
    }),
  ]),
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
      statement: 'the chain of its members',
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
        statement: 'without its optional members, only the scaled updates',
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
        clippingThreshold: 0.9,
      }),
    [
      leafwise,
      sameAs({
        name: 'full',
        statement: 'momentum after the learning rate, decay after both',
        other: () =>
          chain(
            scaleByFactoredRms({ minDimSizeToFactor: 2, epsilon: 1e-8, decayRate: 0.5, stepOffset: -2 }),
            clipByBlockRms(0.9),
            scale(0.1),
            ema(0.5, { debias: false }),
            addDecayedWeights(0.25),
            scale(-1),
          ),
        tolerance: rounded,
        draws: larger,
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
      // momentum that oscillates cancels
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
  row('scaleBySm3({ eps: 0 })', () => scaleBySm3({ eps: 0 }), [zeroGradient]),
  row('scaleBySm3({ b1: 0 })', () => scaleBySm3({ b1: 0 }), [
    sameAs({
      name: 'adagrad',
      statement: 'for flat leaves without momentum, Adagrad from zero',
      other: () => scaleByRss({ initialAccumulatorValue: 0, eps: 1e-8 }),
      tolerance: rounded,
      draws: { grads: 'moderate' },
      kinds: flatKinds,
    }),
  ]),
  row('sm3(0.1)', () => sm3(0.1), [
    sameAs({
      name: 'chained',
      statement: 'scaleBySm3, then a learning rate',
      other: () => chain(scaleBySm3(), scale(-0.1)),
      draws: larger,
    }),
  ]),
  row('sm3(0.1, { momentum: 0.5 })', () => sm3(0.1, { momentum: 0.5 }), [
    sameAs({
      name: 'chained',
      statement: 'its momentum is the b1 of scaleBySm3',
      other: () => chain(scaleBySm3({ b1: 0.5 }), scale(-0.1)),
    }),
  ]),
]

// by the leaf

const byRank = ({ shape }: LeafSpec): number => 1 / (3 + shape.length)

const ofLeaves: readonly CatalogueRow[] = [
  row('scaleByLeaf(({ shape }) => 1 / (3 + shape.length))', () => scaleByLeaf(byRank), [
    leafwise,
    ...odd,
    homogeneity,
    zeroGradient,
    ...leafForms(
      'u = k·g, k by the leaf’s shape',
      ({ g, t, f }) => Float64Array.from(g.data, (x) => (x * f(t)) / (3 + g.shape.length)),
      within(2),
    ),
  ]),
  row('scaleByLeaf(0.75)', () => scaleByLeaf(0.75), [
    ...linear,
    agreeing(1, 0),
    zeroGradient,
    sameAs({ name: 'scaled', statement: 'one factor for all leaves is scale', other: () => scale(0.75) }),
  ]),
]

export const factors: readonly CatalogueRow[] = [...ofLeaves, ...units, ...adafactors, ...covers]
