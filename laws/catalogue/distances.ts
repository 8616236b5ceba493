/** Rules that measure the distance from their start: betting, dual averages, distances, estimated learning rates. */

import {
  addDecayedWeights,
  chain,
  cocob,
  dadaptAdamw,
  dog,
  dowg,
  madgrad,
  prodigy,
  scale,
  scaleByCocob,
  scaleByDistanceOverGradients,
  scaleByMadgrad,
} from '../../src/index.js'
import { everyUpdate, nondecreasing, zeroGradient } from '../closedForm.js'
import { scaleInvariance, scaleInvarianceOn } from '../equivariance.js'
import { within } from '../violation.js'
import {
  arrays,
  cocobForm,
  dadaptForm,
  departing,
  dogForm,
  dowgForm,
  estimate,
  gentle,
  halving,
  heuristic,
  madgradForm,
  prodigyForm,
  upAndDown,
} from './distanceForms.js'
import { members } from './forms.js'
import {
  agreeing,
  beyondFirst,
  elementwise,
  leafNorms,
  odd,
  scaleFree,
  treeNorms,
  zeroGradientByNorms,
} from './groups.js'
import { keepsSum } from './kept.js'
import { onTheWay } from './moving.js'
import { type CatalogueRow, row } from './row.js'

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
      onTheWay('COCOB', cocobForm(), gentle, { m: upAndDown }),
      everyUpdate({
        name: 'firstBet',
        statement: 'the first step is at most ε/α, in proportion to the largest gradient',
        draws: { steps: 1 },
        holds: ({ u }) => Math.abs(u) <= 0.0100001,
      }),
    ],
    cocob,
  ),
  row('cocob(0.5, { alpha: 0.5, eps: 4 })', () => cocob(0.5, { alpha: 0.5, eps: 4 }), [
    onTheWay('COCOB of half the gradients', cocobForm(0.5, 4, 0, 0.5), gentle, { m: upAndDown }),
  ]),
  row('cocob(0.5, { alpha: 4, weightDecay: 0.25 })', () => cocob(0.5, { alpha: 4, weightDecay: 0.25 }), [
    onTheWay('COCOB of half the decayed gradients', cocobForm(4, 1e-8, 0.25, 0.5), gentle, {
      m: upAndDown,
    }),
  ]),
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
      onTheWay('u = (1 − μ)(p₁ − Σ λg/∛Σ λg² − p)', madgradForm(0.1), departing),
    ],
    scaleByMadgrad,
  ),
  row(
    'scaleByMadgrad(0.1, { momentum: 0.5, eps: 0.25 })',
    () => scaleByMadgrad(0.1, { momentum: 0.5, eps: 0.25 }),
    [onTheWay('the same with large ε', madgradForm(0.1, 0.5, 0.25), departing)],
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
    [onTheWay('MADGRAD of decayed gradients', madgradForm(0.1, 0.5, 0.25, 0.25), departing)],
  ),
  row('scaleByDistanceOverGradients()', () => scaleByDistanceOverGradients(), [
    ...leafNorms,
    ...odd,
    agreeing(16, 16, false),
    zeroGradientByNorms,
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
      zeroGradientByNorms,
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
  row("dog(0.5, { initStep: ['learningRate', 2] })", () => dog(0.5, { initStep: ['learningRate', 2] }), [
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
      keepsSum(
        'gradSum',
        'at the first parameters the estimate stays, and s = d₁ Σ β₃ᵗ⁻ˢ √(1 − β₂ˢ)/(1 − β₁ˢ) gₛ',
        (s, t) => (1e-6 * 0.999 ** ((t - s) / 2) * Math.sqrt(1 - 0.999 ** s)) / (1 - 0.9 ** s),
        { tolerance: within(64, 1e5) },
      ),
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
  row('prodigy(1, { safeguardWarmup: true })', () => prodigy(1, { safeguardWarmup: true }), [
    zeroGradient,
    keepsSum(
      'gradSum',
      'at the first parameters s = d₁ Σ β₃ᵗ⁻ˢ gₛ',
      (s, t) => 1e-6 * 0.999 ** ((t - s) / 2),
      {
        tolerance: within(64, 1e5),
      },
    ),
  ]),
  row(
    'dadaptAdamw()',
    () => dadaptAdamw(),
    [
      ...treeNorms,
      ...odd,
      agreeing(64, 64, false),
      zeroGradient,
      onTheWay('u = −m/(√v + ε), m of gradients times the estimate', dadaptForm({}), estimate),
      keepsSum(
        'gradSum',
        'after the first step s = (1 − √β₂) d₁ √(1 − β₂)/(1 − β₁) g',
        () => ((1 - Math.sqrt(0.999)) * 1e-6 * Math.sqrt(1 - 0.999)) / (1 - 0.9),
        { steps: 1, tolerance: within(64, 1e5) },
      ),
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
