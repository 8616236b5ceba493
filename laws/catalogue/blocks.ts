/** The building blocks, and their laws. */
import {
  addDecayedWeights,
  centralize,
  clip,
  clipByBlockRms,
  clipByGlobalNorm,
  ema,
  identity,
  normalizeByUpdateNorm,
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
  trace,
} from '../../src/index.js'
import {
  averaged,
  closedForm,
  everyUpdate,
  globalNormAtMost,
  globalNormIs,
  idempotentWithin,
  nondecreasing,
  rowMeansVanish,
  sameAs,
  swinging,
  updateNormIsRatio,
  zeroGradient,
} from '../closedForm.js'
import {
  homogeneity,
  leafwise,
  orthogonalEquivariance,
  reflection,
  scaleInvariance,
  scaleInvarianceOn,
  signInvariance,
} from '../equivariance.js'
import { arrayKinds } from '../kind.js'
import { steadyStaysFinite } from '../steady.js'
import { equally, exactly, within } from '../violation.js'
import { centralForm } from './axes.js'
import {
  adamForm,
  aligned,
  amsgradForm,
  cauchySchwarz,
  corrected,
  forms,
  lionForm,
  moments,
  norm,
  radamForm,
  rpropCeiling,
  rpropFloor,
  rpropForms,
  rpropTable,
  square,
  stddevForm,
  summed,
  traceForm,
  trustForm,
  vanishing,
} from './forms.js'
import { agreeing, beyondFirst, elementwise, leafNorms, linear, odd, scaleFree, treeNorms } from './groups.js'
import { keepsSum } from './kept.js'
import { leafForms, rounded } from './leafForms.js'
import { type CatalogueRow, row } from './row.js'

const halving: Schedule = (count) => 0.5 ** count

export const blocks: readonly CatalogueRow[] = [
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
    // about 1/(1 − d) ulps, measured: 410 at d = 0.999
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
      tolerance: within(2), // 1 measured
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
  row("scaleByAmsgrad({ variant: 'paper' })", () => scaleByAmsgrad({ variant: 'paper' }), [
    ...elementwise,
    ...odd,
    agreeing(32, 2),
    zeroGradient,
    nondecreasing('nuMax', beyondFirst('nuMax')),
    ...forms('u = m̂/(√(max v/(1−β₂ᵗ)) + ε)', amsgradForm({}, 'paper'), moments),
  ]),
  row(
    "scaleByAmsgrad({ b2: 0.5, eps: 0.25, epsRoot: 0.5, variant: 'paper' })",
    () => scaleByAmsgrad({ b2: 0.5, eps: 0.25, epsRoot: 0.5, variant: 'paper' }),
    [
      ...forms(
        "u = m̂/(√(max v/(1−β₂ᵗ) + ε') + ε)",
        amsgradForm({ b2: 0.5, eps: 0.25, epsRoot: 0.5 }, 'paper'),
        moments,
      ),
    ],
  ),
  row(
    "scaleByAmsgrad({ biasCorrectionMu: false, biasCorrectionNu: false, eps: 0.25, epsRoot: 0.5, variant: 'paper' })",
    () =>
      scaleByAmsgrad({
        biasCorrectionMu: false,
        biasCorrectionNu: false,
        eps: 0.25,
        epsRoot: 0.5,
        variant: 'paper',
      }),
    [
      sameAs({
        name: 'uncorrected',
        statement: 'without correction both variants are the same',
        other: () =>
          scaleByAmsgrad({ biasCorrectionMu: false, biasCorrectionNu: false, eps: 0.25, epsRoot: 0.5 }),
      }),
    ],
  ),
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
    ...forms('u = g/√(max(v − m², 0) + ε)', stddevForm({}), within(400)),
    keepsSum('mu', 'm = (1 − ρ) Σ ρᵗ⁻ˢ gₛ', (s, t) => 0.1 * 0.9 ** (t - s), { tolerance: within(16) }),
  ]),
  row('scaleByStddev({ biasCorrection: true })', () => scaleByStddev({ biasCorrection: true }), [
    ...elementwise,
    ...odd,
    zeroGradient,
    steadyStaysFinite,
  ]),
  row(
    'scaleByStddev({ biasCorrection: true, eps: 0.5 })',
    () => scaleByStddev({ biasCorrection: true, eps: 0.5 }),
    [
      ...forms(
        'u = g/√(max(v̂ − m̂², 0) + ε)',
        stddevForm({ biasCorrection: true, eps: 0.5 }),
        within(400),
        vanishing,
      ),
    ],
  ),
  row(
    'scaleByStddev({ decay: 0.5, eps: 0.25, epsInSqrt: false })',
    () => scaleByStddev({ decay: 0.5, eps: 0.25, epsInSqrt: false }),
    [
      steadyStaysFinite,
      ...forms(
        'u = g/(√max(v − m², 0) + ε)',
        stddevForm({ decay: 0.5, eps: 0.25, epsInSqrt: false }),
        within(400),
        // later the variance of a constant vanishes
        { steps: 6 },
      ),
    ],
  ),
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
    rpropTable(1, rpropFloor.optax),
  ]),
  row("scaleByRprop(1, { variant: 'paper' })", () => scaleByRprop(1, { variant: 'paper' }), [
    ...elementwise,
    ...odd,
    agreeing(8, 0),
    signInvariance,
    zeroGradient,
    ...rpropForms(1, 'paper'),
  ]),
  row(
    "scaleByRprop(1, { minStepSize: 0.3, variant: 'paper' })",
    () => scaleByRprop(1, { minStepSize: 0.3, variant: 'paper' }),
    [rpropTable(1, rpropFloor.paper)],
  ),
  row(
    "scaleByRprop(1, { maxStepSize: 0.75, variant: 'paper' })",
    () => scaleByRprop(1, { maxStepSize: 0.75, variant: 'paper' }),
    [rpropTable(1, rpropCeiling)],
  ),
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
  row('addDecayedWeights(0.1, { cautious: true })', () => addDecayedWeights(0.1, { cautious: true }), [
    ...elementwise,
    // where it decays, both terms have one sign
    ...forms(
      'u = g + λp[gp ≥ 0]',
      ({ g, p, t, f }) => g * f(t) + (g * f(t) * p < 0 ? 0 : 0.1 * p),
      within(2),
    ),
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
    ...leafForms('u = g − the mean of its row, the first axis apart', centralForm, rounded, {
      only: ['varied'],
    }),
    sameAs({
      name: 'flatLeavesStay',
      statement: 'flat leaves stay as they are',
      other: identity,
      kinds: ['number', 'float64', 'float32'],
    }),
  ]),
]
