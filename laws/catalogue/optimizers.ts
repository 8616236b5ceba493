/** The optimizers, and their laws. */

import {
  adagrad,
  adam,
  adamw,
  addDecayedWeights,
  amsgrad,
  chain,
  lamb,
  lars,
  lion,
  nadam,
  nadamw,
  radam,
  rmsprop,
  rprop,
  type Schedule,
  scale,
  scaleByAdam,
  scaleByLion,
  scaleByRms,
  scaleByStddev,
  scaleByTrustRatio,
  sgd,
  trace,
} from '../../src/index.js'
import {
  closedForm,
  decoupledDecay,
  everyUpdate,
  nondecreasing,
  sameAs,
  swinging,
  updateNormIsRatio,
  zeroGradient,
} from '../closedForm.js'
import { scaleInvarianceOn, signInvariance } from '../equivariance.js'
import { arrayKinds } from '../kind.js'
import { steadyStaysFinite } from '../steady.js'
import { equally, within } from '../violation.js'
import {
  adamForm,
  aligned,
  amsgradForm,
  bounded,
  cauchySchwarz,
  forms,
  lambForm,
  larsForm,
  lionForm,
  members,
  moments,
  radamForm,
  rpropFloor,
  rpropForms,
  rpropTable,
  square,
  stddevForm,
  summed,
  times,
  traceForm,
  vanishing,
} from './forms.js'
import { agreeing, beyondFirst, elementwise, leafNorms, linear, odd, scaleFree } from './groups.js'
import { type CatalogueRow, row } from './row.js'

export const optimizers: readonly CatalogueRow[] = [
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
    "amsgrad(0.1, { b2: 0.5, eps: 0.25, epsRoot: 0.5, variant: 'paper' })",
    () => amsgrad(0.1, { b2: 0.5, eps: 0.25, epsRoot: 0.5, variant: 'paper' }),
    [
      ...forms(
        "u = −η·m̂/(√(max v/(1−β₂ᵗ) + ε') + ε)",
        times(-0.1, amsgradForm({ b2: 0.5, eps: 0.25, epsRoot: 0.5 }, 'paper')),
        moments,
      ),
    ],
  ),
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
      members(
        'centered: scaleByStddev, the learning rate, then momentum',
        () => chain(scaleByStddev(), scale(-0.1), trace(0.9)),
        { states: true },
      ),
    ],
  ),
  row(
    'rmsprop(0.1, { centered: true, biasCorrection: true })',
    () => rmsprop(0.1, { centered: true, biasCorrection: true }),
    [
      steadyStaysFinite,
      members('centered and corrected: scaleByStddev, then the learning rate', () =>
        chain(scaleByStddev({ biasCorrection: true }), scale(-0.1)),
      ),
    ],
  ),
  row(
    'rmsprop(0.1, { centered: true, biasCorrection: true, eps: 0.5 })',
    () => rmsprop(0.1, { centered: true, biasCorrection: true, eps: 0.5 }),
    [
      ...forms(
        'u = −η·g/√(max(v̂ − m̂², 0) + ε)',
        times(-0.1, stddevForm({ biasCorrection: true, eps: 0.5 })),
        within(400),
        vanishing,
      ),
    ],
  ),
  row('rmsprop(0.1, { centered: true, decay: 0.5 })', () => rmsprop(0.1, { centered: true, decay: 0.5 }), [
    steadyStaysFinite,
  ]),
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
      zeroGradient,
      members('lamb = scaleByAdam, scaleByTrustRatio, the learning rate', () =>
        chain(scaleByAdam({ eps: 1e-6 }), scaleByTrustRatio(), scale(-0.1)),
      ),
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
      zeroGradient,
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
    'lars(0.1, { trustCoefficient: 0.5, eps: 0.25 })',
    () => lars(0.1, { trustCoefficient: 0.5, eps: 0.25 }),
    [
      members('lars = scaleByTrustRatio, the learning rate, trace', () =>
        chain(scaleByTrustRatio({ trustCoefficient: 0.5, eps: 0.25 }), scale(-0.1), trace(0.9)),
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
  row(
    'lion(0.1, { b1: 0.2, b2: 0.75, weightDecay: 0 })',
    () => lion(0.1, { b1: 0.2, b2: 0.75, weightDecay: 0 }),
    [
      closedForm({
        name: 'interpolatedSign',
        statement: 'u = −η sign(β₁m + (1 − β₁)g), β₁ = 0.2, β₂ = ¾',
        signal: swinging,
        formula: (at) => -0.1 * lionForm(0.2, 0.75)({ ...at, f: swinging }),
        tolerance: { ulps: 1, floor: 0 },
      }),
    ],
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
  row('rprop(1, { minStepSize: 0.3 })', () => rprop(1, { minStepSize: 0.3 }), [
    rpropTable(-1, rpropFloor.optax),
  ]),
  row("rprop(1, { variant: 'paper' })", () => rprop(1, { variant: 'paper' }), rpropForms(-1, 'paper')),
]
