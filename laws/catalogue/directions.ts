/** Blocks and optimizers of signs, norms and differences, and their laws. */
import {
  addDecayedWeights,
  chain,
  ema,
  fromage,
  normalize,
  normalizeByUpdateNorm,
  optimisticAdam,
  optimisticAdamV2,
  optimisticGradientDescent,
  type ScaleByAdamOptions,
  type Schedule,
  scale,
  scaleByAdam,
  scaleByOptimisticGradient,
  scaleByParamBlockNorm,
  scaleByParamBlockRms,
  scaleBySign,
  scaleByTrustRatio,
  sgd,
  signSgd,
  signum,
} from '../../src/index.js'
import { averaged, closedForm, globalNormIs, sameAs, swinging, zeroGradient } from '../closedForm.js'
import { homogeneity, scaleInvariance, signInvariance } from '../equivariance.js'
import { arrayKinds } from '../kind.js'
import { equally, within } from '../violation.js'
import { type At, aligned, forms, members, norm, times } from './forms.js'
import {
  agreeing,
  elementwise,
  leafNorms,
  linearDifferences,
  odd,
  scaleFree,
  treeNorms,
  zeroGradientByNorms,
} from './groups.js'
import { type CatalogueRow, row } from './row.js'

const halving: Schedule = (count) => 0.5 ** count
const thirds: Schedule = (count) => 3 ** -count

const optimisticForm =
  (alpha: (t: number) => number, beta: (t: number) => number) =>
  ({ g, t, f }: At): number =>
    g * (alpha(t) * f(t) + beta(t) * (f(t) - f(Math.max(t - 1, 1))))

const unit = ({ g, t, f, leafG }: At): number => {
  const length = Math.abs(f(t)) * norm(leafG)
  return length === 0 ? 0 : (g * f(t)) / length
}

/** The factor that shrinks the parameter, so that an orthogonal step keeps its norm. */
const shrunk = (learningRate: number): number => 1 / Math.sqrt(1 + learningRate ** 2)

const fromageForm =
  (learningRate: number) =>
  (at: At): number =>
    (shrunk(learningRate) - 1) * at.p - learningRate * shrunk(learningRate) * unit(at) * norm(at.leafP)

const fromageMembers = (learningRate: number, minNorm: number) =>
  members('fromage = scaleByTrustRatio, the learning rate, addDecayedWeights', () =>
    chain(
      scaleByTrustRatio({ minNorm }),
      scale(-learningRate * shrunk(learningRate)),
      addDecayedWeights(shrunk(learningRate) - 1),
    ),
  )

const optimisticMembers = (moments: ScaleByAdamOptions, alpha: number, beta: number, rate: number) =>
  members('scaleByAdam, scaleByOptimisticGradient, the learning rate', () =>
    chain(scaleByAdam(moments), scaleByOptimisticGradient({ alpha, beta }), scale(-rate)),
  )

const large = { eps: 0.25, epsRoot: 0.5 } as const

export const directions: readonly CatalogueRow[] = [
  row('scaleBySign()', scaleBySign, [
    ...elementwise,
    ...odd,
    signInvariance,
    zeroGradient,
    agreeing(0, 0),
    closedForm({
      name: 'sign',
      statement: 'u = sign(g)',
      signal: swinging,
      formula: ({ g, t }) => Math.sign(swinging(t) * g),
      tolerance: equally,
    }),
  ]),
  row('scaleByOptimisticGradient()', () => scaleByOptimisticGradient(), [
    ...linearDifferences,
    zeroGradient,
    agreeing(8, 0),
    ...forms(
      'uₜ = gₜ + (gₜ − gₜ₋₁)',
      optimisticForm(
        () => 1,
        () => 1,
      ),
      within(4),
    ),
  ]),
  row(
    'scaleByOptimisticGradient({ alpha: 0.5, beta: 0.25 })',
    () => scaleByOptimisticGradient({ alpha: 0.5, beta: 0.25 }),
    [
      ...forms(
        'uₜ = αgₜ + β(gₜ − gₜ₋₁)',
        optimisticForm(
          () => 0.5,
          () => 0.25,
        ),
        within(4),
      ),
    ],
  ),
  row(
    'scaleByOptimisticGradient({ alpha: n => 0.5 ** n, beta: n => 3 ** -n })',
    () => scaleByOptimisticGradient({ alpha: halving, beta: thirds }),
    [
      ...forms(
        'α and β of the count',
        optimisticForm(
          (t) => halving(t - 1),
          (t) => thirds(t - 1),
        ),
        within(400),
        { grads: 'moderate' },
      ),
    ],
  ),
  row('scaleByParamBlockNorm()', () => scaleByParamBlockNorm(), [
    ...leafNorms,
    ...odd,
    homogeneity,
    zeroGradientByNorms,
    agreeing(8, 4, false),
    ...forms(
      'u = g·max(‖p‖, 1e-3)',
      ({ g, t, f, leafP }) => g * f(t) * Math.max(norm(leafP), 1e-3),
      within(8),
      { kinds: arrayKinds },
    ),
  ]),
  row('scaleByParamBlockNorm({ minScale: 2 })', () => scaleByParamBlockNorm({ minScale: 2 }), [
    ...forms('u = g·max(‖p‖, 2)', ({ g, t, f, leafP }) => g * f(t) * Math.max(norm(leafP), 2), within(8), {
      kinds: arrayKinds,
      params: 'moderate',
    }),
  ]),
  row('scaleByParamBlockRms()', () => scaleByParamBlockRms(), [
    ...leafNorms,
    ...odd,
    homogeneity,
    zeroGradientByNorms,
    agreeing(8, 4, false),
    ...forms(
      'u = g·max(‖p‖/√n, 1e-3)',
      ({ g, t, f, leafP }) => g * f(t) * Math.max(norm(leafP) / Math.sqrt(leafP.length), 1e-3),
      within(8),
      { kinds: arrayKinds },
    ),
  ]),
  row('scaleByParamBlockRms({ minScale: 2 })', () => scaleByParamBlockRms({ minScale: 2 }), [
    ...forms(
      'u = g·max(‖p‖/√n, 2)',
      ({ g, t, f, leafP }) => g * f(t) * Math.max(norm(leafP) / Math.sqrt(leafP.length), 2),
      within(8),
      { kinds: arrayKinds, params: 'moderate' },
    ),
  ]),
  row('normalize()', normalize, [
    ...treeNorms,
    ...odd,
    scaleInvariance,
    zeroGradient,
    agreeing(8, 4),
    globalNormIs(1),
    ...forms('u = g/‖g‖, and 0 of 0', unit, within(8), { single: true }),
    sameAs({
      name: 'withoutEpsilon',
      statement: 'normalize = normalizeByUpdateNorm(ε = 0), where g ≠ 0',
      other: () => normalizeByUpdateNorm({ eps: 0 }),
      draws: { grads: 'nonzero' },
    }),
  ]),
  row(
    'fromage(0.75)',
    () => fromage(0.75),
    [
      ...leafNorms,
      fromageMembers(0.75, 1e-6),
      ...forms('u = (s − 1)p − ηs‖p‖·g/‖g‖, s = 1/√(1 + η²)', fromageForm(0.75), within(16), {
        ...aligned,
        kinds: arrayKinds,
      }),
    ],
    fromage,
  ),
  ...[0.5, 0].map((minNorm) =>
    row(`fromage(0.1, { minNorm: ${minNorm} })`, () => fromage(0.1, { minNorm }), [
      fromageMembers(0.1, minNorm),
    ]),
  ),
  row(
    'optimisticGradientDescent(0.1)',
    () => optimisticGradientDescent(0.1),
    [
      ...linearDifferences,
      zeroGradient,
      members('scaleByOptimisticGradient, the learning rate', () =>
        chain(scaleByOptimisticGradient(), scale(-0.1)),
      ),
    ],
    optimisticGradientDescent,
  ),
  row(
    'optimisticGradientDescent(0.1, { alpha: 0.5, beta: 0.25 })',
    () => optimisticGradientDescent(0.1, { alpha: 0.5, beta: 0.25 }),
    [
      members('scaleByOptimisticGradient, the learning rate', () =>
        chain(scaleByOptimisticGradient({ alpha: 0.5, beta: 0.25 }), scale(-0.1)),
      ),
    ],
  ),
  row('optimisticGradientDescent(0.1, { beta: 0 })', () => optimisticGradientDescent(0.1, { beta: 0 }), [
    sameAs({
      name: 'withoutOptimism',
      statement: 'without optimism it is sgd',
      other: () => sgd(0.1),
      tolerance: equally,
    }),
  ]),
  row('optimisticAdam(0.125)', () => optimisticAdam(0.125), [
    ...elementwise,
    ...odd,
    zeroGradient,
    optimisticMembers({ nesterov: true }, 0.125, 0.125, 1),
    sameAs({
      name: 'secondVersion',
      statement: 'optimism η is β = 1 of the second version',
      other: () => optimisticAdamV2(0.125),
    }),
  ]),
  row(
    'optimisticAdam(0.1, { optimism: 0.05, b1: 0.8, nesterov: false })',
    () => optimisticAdam(0.1, { optimism: 0.05, b1: 0.8, nesterov: false }),
    [optimisticMembers({ b1: 0.8 }, 0.1, 0.05, 1)],
  ),
  row(
    'optimisticAdam(0.1, { optimism: 0.05, eps: 0.25, epsRoot: 0.5 })',
    () => optimisticAdam(0.1, { optimism: 0.05, ...large }),
    [optimisticMembers({ nesterov: true, ...large }, 0.1, 0.05, 1)],
  ),
  row(
    'optimisticAdamV2(0.1)',
    () => optimisticAdamV2(0.1),
    [...elementwise, ...odd, zeroGradient, optimisticMembers({ nesterov: true }, 1, 1, 0.1)],
    optimisticAdamV2,
  ),
  row(
    'optimisticAdamV2(0.1, { alpha: 0.5, beta: 0.25, b1: 0.8, nesterov: false })',
    () => optimisticAdamV2(0.1, { alpha: 0.5, beta: 0.25, b1: 0.8, nesterov: false }),
    [optimisticMembers({ b1: 0.8 }, 0.5, 0.25, 0.1)],
  ),
  row(
    'optimisticAdamV2(0.1, { beta: 0.25, eps: 0.25, epsRoot: 0.5 })',
    () => optimisticAdamV2(0.1, { beta: 0.25, ...large }),
    [optimisticMembers({ nesterov: true, ...large }, 1, 0.25, 0.1)],
  ),
  row(
    'signSgd(0.1)',
    () => signSgd(0.1),
    [
      ...elementwise,
      ...odd,
      signInvariance,
      zeroGradient,
      ...forms('u = −η sign(g)', ({ g, t, f }) => -0.1 * Math.sign(g * f(t)), equally),
    ],
    signSgd,
  ),
  row(
    'signum(0.1)',
    () => signum(0.1),
    [
      ...elementwise,
      ...odd,
      ...scaleFree,
      zeroGradient,
      members(
        'signum = ema without bias correction, scaleBySign, the learning rate',
        () => chain(ema(0.9, { debias: false }), scaleBySign(), scale(-0.1)),
        { states: true },
      ),
      closedForm({
        name: 'signOfMean',
        statement: 'u = −η sign(m)',
        signal: swinging,
        formula: ({ g, t }) => -0.1 * Math.sign(g) * Math.sign(averaged(0.9, t, swinging)),
        tolerance: within(1),
      }),
    ],
    signum,
  ),
  row('signum(0.1, { beta: 0.5 })', () => signum(0.1, { beta: 0.5 }), [
    members('signum = ema without bias correction, scaleBySign, the learning rate', () =>
      chain(ema(0.5, { debias: false }), scaleBySign(), scale(-0.1)),
    ),
  ]),
  row('signum(0.1, { beta: 0 })', () => signum(0.1, { beta: 0 }), [
    sameAs({
      name: 'withoutMomentum',
      statement: 'signum without momentum is signSgd',
      other: () => signSgd(0.1),
      tolerance: equally,
    }),
    ...forms(
      'u = −η sign(g)',
      times(-0.1, ({ g, t, f }) => Math.sign(g * f(t))),
      equally,
    ),
  ]),
]
