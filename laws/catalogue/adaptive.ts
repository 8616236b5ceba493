/** Relatives of Adam: blocks that keep second moments of other kinds, their optimizers, and their laws. */
import {
  adabelief,
  adadelta,
  adamax,
  adamaxw,
  adan,
  addDecayedWeights,
  chain,
  novograd,
  type Schedule,
  scale,
  scaleByAdadelta,
  scaleByAdamax,
  scaleByAdan,
  scaleByBelief,
  scaleByNovograd,
  scaleByYogi,
  trace,
  yogi,
} from '../../src/index.js'
import { closedForm, decoupledDecay, sameAs, swinging, zeroGradient } from '../closedForm.js'
import { arrayKinds } from '../kind.js'
import { within } from '../violation.js'
import { adadeltaForm, adamaxForm, adanForm, beliefForm, novogradForm, yogiForm } from './adaptiveForms.js'
import { halving } from './distanceForms.js'
import { aligned, forms, members, moments, norm, times } from './forms.js'
import { agreeing, elementwise, leafNorms, odd, scaleFree } from './groups.js'
import { type CatalogueRow, row } from './row.js'

const unsigned = { grads: 'moderate' } as const

const ofArrays = { ...aligned, kinds: arrayKinds } as const

const adamaxDecayed = { weightDecay: 0.25, b1: 0.5, b2: 0.75, eps: 0.5 } as const
const adanMoments = { b1: 0.5, b2: 0.75, b3: 0.875, eps: 0.25, epsRoot: 0.5 } as const
const novogradMoments = { b1: 0.5, b2: 0.75, eps: 0.25, epsRoot: 0.5, weightDecay: 0.25 } as const

export const adaptive: readonly CatalogueRow[] = [
  row('scaleByAdadelta()', () => scaleByAdadelta(), [
    ...elementwise,
    ...odd,
    agreeing(32, 4),
    zeroGradient,
    ...forms('u = g·√((E[u²] + ε)/(E[g²] + ε))', adadeltaForm(0.9, 1e-6), within(40)),
  ]),
  row('scaleByAdadelta({ rho: 0.75, eps: 0.5 })', () => scaleByAdadelta({ rho: 0.75, eps: 0.5 }), [
    ...forms('the same with ρ = ¾, ε = ½', adadeltaForm(0.75, 0.5), within(40)),
  ]),
  row('scaleByAdamax()', () => scaleByAdamax(), [
    ...elementwise,
    ...odd,
    agreeing(32, 2),
    zeroGradient,
    ...forms('u = m̂/max(β₂ᵗ⁻ˢ(|gₛ| + ε))', adamaxForm({}), moments),
  ]),
  row(
    'scaleByAdamax({ b1: 0.5, b2: 0.75, eps: 0.5 })',
    () => scaleByAdamax({ b1: 0.5, b2: 0.75, eps: 0.5 }),
    [...forms('the same with ε = ½', adamaxForm({ b1: 0.5, b2: 0.75, eps: 0.5 }), within(40))],
  ),
  row('scaleByAdamax({ eps: 0 })', () => scaleByAdamax({ eps: 0 }), scaleFree),
  row('scaleByAdan()', () => scaleByAdan(), [
    ...elementwise,
    ...odd,
    agreeing(64, 4),
    zeroGradient,
    ...forms('u = (m̂ + (1−β₂)v̂)/(√n̂ + ε)', adanForm(0.98, 0.92, 0.99, 1e-8, 0), within(200, 3000)),
  ]),
  row(
    'scaleByAdan({ b1: 0.5, b2: 0.75, b3: 0.875, eps: 0.25, epsRoot: 0.5 })',
    () => scaleByAdan(adanMoments),
    [...forms('the same with large ε', adanForm(0.5, 0.75, 0.875, 0.25, 0.5), within(200))],
  ),
  row("scaleByAdan({ variant: 'paper' })", () => scaleByAdan({ variant: 'paper' }), [
    ...elementwise,
    ...odd,
    agreeing(64, 4),
    zeroGradient,
    ...forms('u = (m̂ + β₂v̂)/(√n̂ + ε)', adanForm(0.98, 0.92, 0.99, 1e-8, 0, 0.92), within(200, 3000)),
  ]),
  row(
    "scaleByAdan({ b1: 0.5, b2: 0.75, b3: 0.875, eps: 0.25, epsRoot: 0.5, variant: 'paper' })",
    () => scaleByAdan({ ...adanMoments, variant: 'paper' }),
    [...forms('the same with large ε', adanForm(0.5, 0.75, 0.875, 0.25, 0.5, 0.75), within(200))],
  ),
  row('scaleByAdan({ eps: 0 })', () => scaleByAdan({ eps: 0 }), scaleFree),
  row('scaleByBelief()', () => scaleByBelief(), [
    ...elementwise,
    ...odd,
    agreeing(64, 4),
    zeroGradient,
    ...forms('u = m̂/(√ŝ + ε), s the mean of (g − m)², and ε̄', beliefForm({}), within(60, 3000)),
  ]),
  row(
    'scaleByBelief({ b1: 0.5, b2: 0.75, eps: 0.25, epsRoot: 0.5 })',
    () => scaleByBelief({ b1: 0.5, b2: 0.75, eps: 0.25, epsRoot: 0.5 }),
    [
      ...forms(
        'the same with large ε',
        beliefForm({ b1: 0.5, b2: 0.75, eps: 0.25, epsRoot: 0.5 }),
        within(60),
      ),
    ],
  ),
  row('scaleByBelief({ nesterov: true })', () => scaleByBelief({ nesterov: true }), [
    ...odd,
    ...forms('the same with NAdam’s μ̂', beliefForm({}, true), within(60, 3000)),
  ]),
  row('scaleByBelief({ eps: 0, epsRoot: 0 })', () => scaleByBelief({ eps: 0, epsRoot: 0 }), scaleFree),
  row('scaleByYogi()', () => scaleByYogi(), [
    ...elementwise,
    agreeing(64, 4),
    ...forms('u = m̂/(√v̂ + ε), v moves by (1−β₂)g² towards g²', yogiForm({}), moments, unsigned),
  ]),
  row(
    'scaleByYogi({ b1: 0.5, b2: 0.7, eps: 0.25, epsRoot: 0.5, initialAccumulatorValue: 2 })',
    () => scaleByYogi({ b1: 0.5, b2: 0.7, eps: 0.25, epsRoot: 0.5, initialAccumulatorValue: 2 }),
    [
      ...forms(
        'the same with large ε, from 2 on',
        yogiForm({ b1: 0.5, b2: 0.7, eps: 0.25, epsRoot: 0.5 }, 2),
        within(60),
        { ...unsigned, steps: 6 },
      ),
    ],
  ),
  row(
    'scaleByYogi({ eps: 0, initialAccumulatorValue: 0 })',
    () => scaleByYogi({ eps: 0, initialAccumulatorValue: 0 }),
    [...odd, ...scaleFree],
  ),
  row('scaleByYogi({ initialAccumulatorValue: 0 })', () => scaleByYogi({ initialAccumulatorValue: 0 }), [
    zeroGradient,
  ]),
  row('scaleByNovograd()', () => scaleByNovograd(), [
    ...leafNorms,
    ...odd,
    agreeing(40, 16, false),
    zeroGradient,
    ...forms(
      'u = Σ β₁ᵗ⁻ˢ gₛ/(√vₛ + ε), v the mean of ‖g‖²',
      novogradForm(0.9, 0.25, 1e-8, 0, 0),
      within(60),
      ofArrays,
    ),
  ]),
  row(
    'scaleByNovograd({ b1: 0.5, b2: 0.75, eps: 0.25, epsRoot: 0.5, weightDecay: 0.25 })',
    () => scaleByNovograd(novogradMoments),
    [
      ...leafNorms,
      ...forms(
        'the same of decayed gradients',
        novogradForm(0.5, 0.75, 0.25, 0.5, 0.25),
        within(60),
        ofArrays,
      ),
      sameAs({
        name: 'scheduledDecay',
        statement: 'a constant schedule for the decay equals the decay',
        other: () => scaleByNovograd({ ...novogradMoments, weightDecay: () => 0.25 }),
        states: true,
      }),
    ],
  ),
  row('scaleByNovograd({ b1: 0, b2: 0, eps: 0 })', () => scaleByNovograd({ b1: 0, b2: 0, eps: 0 }), [
    closedForm({
      name: 'unit',
      statement: 'without memory, u = g/‖g‖ leaf by leaf',
      signal: swinging,
      formula: ({ g, t, leafG }) => (Math.sign(swinging(t)) * g) / norm(leafG),
      tolerance: within(4),
      grads: 'positive',
      kinds: arrayKinds,
    }),
  ]),
  row(
    'adadelta(0.1)',
    () => adadelta(0.1),
    [
      ...elementwise,
      ...odd,
      zeroGradient,
      members('adadelta = scaleByAdadelta, the learning rate', () => chain(scaleByAdadelta(), scale(-0.1))),
      ...forms('u = −η·g·√((E[u²] + ε)/(E[g²] + ε))', times(-0.1, adadeltaForm(0.9, 1e-6)), within(40)),
    ],
    adadelta,
  ),
  row('adadelta()', () => adadelta(), [
    members('without a learning rate, η = 1', () => chain(scaleByAdadelta(), scale(-1))),
  ]),
  row(
    'adadelta(0.1, { rho: 0.75, eps: 0.5, weightDecay: 0.25 })',
    () => adadelta(0.1, { rho: 0.75, eps: 0.5, weightDecay: 0.25 }),
    [
      members('the gradients are decayed first', () =>
        chain(addDecayedWeights(0.25), scaleByAdadelta({ rho: 0.75, eps: 0.5 }), scale(-0.1)),
      ),
    ],
  ),
  row(
    'adamax(0.1)',
    () => adamax(0.1),
    [
      ...elementwise,
      ...odd,
      agreeing(32, 2),
      zeroGradient,
      ...forms('u = −η·m̂/max(β₂ᵗ⁻ˢ(|gₛ| + ε))', times(-0.1, adamaxForm({})), moments),
    ],
    adamax,
  ),
  row(
    'adamaxw(0.1, { weightDecay: 0.25 })',
    () => adamaxw(0.1, { weightDecay: 0.25 }),
    [
      ...elementwise,
      decoupledDecay(0.1, 0.25),
      members('adamaxw = scaleByAdamax, addDecayedWeights, the learning rate', () =>
        chain(scaleByAdamax(), addDecayedWeights(0.25), scale(-0.1)),
      ),
    ],
    (learningRate: number | Schedule) => adamaxw(learningRate, { weightDecay: 0.25 }),
  ),
  row('adamaxw(0.1, { weightDecay: 0.25, b1: 0.5, b2: 0.75, eps: 0.5 })', () => adamaxw(0.1, adamaxDecayed), [
    ...forms(
      'u = −η(Adamax + λp), with large ε',
      (at) => -0.1 * (adamaxForm(adamaxDecayed)(at) + 0.25 * at.p),
      within(40),
      aligned,
    ),
  ]),
  row('adamaxw(0.1)', () => adamaxw(0.1), [
    members('λ = 1e-4 by default', () => adamaxw(0.1, { weightDecay: 1e-4 })),
  ]),
  row(
    'adan(0.1)',
    () => adan(0.1),
    [
      ...elementwise,
      ...odd,
      zeroGradient,
      members('adan = scaleByAdan with ε̄ = 1e-8, the learning rate', () =>
        chain(scaleByAdan({ epsRoot: 1e-8 }), scale(-0.1)),
      ),
      ...forms(
        'u = −η(m̂ + (1−β₂)v̂)/(√(n̂ + ε̄) + ε)',
        times(-0.1, adanForm(0.98, 0.92, 0.99, 1e-8, 1e-8)),
        within(200, 3000),
      ),
    ],
    adan,
  ),
  row(
    'adan(0.1, { b1: 0.5, b2: 0.75, b3: 0.875, eps: 0.25, epsRoot: 0.5, weightDecay: 0.25 })',
    () => adan(0.1, { ...adanMoments, weightDecay: 0.25 }),
    [
      decoupledDecay(0.1, 0.25),
      members('adan = scaleByAdan, addDecayedWeights, the learning rate', () =>
        chain(scaleByAdan(adanMoments), addDecayedWeights(0.25), scale(-0.1)),
      ),
    ],
  ),
  row("adan(0.1, { variant: 'paper' })", () => adan(0.1, { variant: 'paper' }), [
    members('adan = scaleByAdan without ε̄, the learning rate', () =>
      chain(scaleByAdan({ variant: 'paper' }), scale(-0.1)),
    ),
  ]),
  row(
    "adan(halving, { b1: 0.5, b2: 0.75, b3: 0.875, eps: 0.25, epsRoot: 0.5, weightDecay: 0.25, variant: 'paper' })",
    () => adan(halving, { ...adanMoments, weightDecay: 0.25, variant: 'paper' }),
    [
      ...forms(
        'u = −η(Adan + λp)/(1 + ηλ)',
        (at) => {
          const rate = halving(at.t - 1)
          const direction = adanForm(0.5, 0.75, 0.875, 0.25, 0.5, 0.75)(at)
          return (-rate * (direction + 0.25 * at.p)) / (1 + 0.25 * rate)
        },
        within(200),
        aligned,
      ),
    ],
    (learningRate: number | Schedule) => adan(learningRate, { weightDecay: 0.25, variant: 'paper' }),
  ),
  row(
    'adabelief(0.1)',
    () => adabelief(0.1),
    [
      ...elementwise,
      ...odd,
      zeroGradient,
      members('adabelief = scaleByBelief, the learning rate', () => chain(scaleByBelief(), scale(-0.1))),
      ...forms('u = −η·m̂/(√ŝ + ε)', times(-0.1, beliefForm({})), within(60, 3000)),
    ],
    adabelief,
  ),
  row(
    'yogi(0.1)',
    () => yogi(0.1),
    [
      ...elementwise,
      members('yogi = scaleByYogi, the learning rate', () => chain(scaleByYogi(), scale(-0.1))),
      ...forms('u = −η·m̂/(√v̂ + ε)', times(-0.1, yogiForm({})), moments, unsigned),
    ],
    yogi,
  ),
  row(
    'novograd(0.1)',
    () => novograd(0.1),
    [
      ...leafNorms,
      ...odd,
      zeroGradient,
      members('novograd = scaleByNovograd with ε = 1e-6, the learning rate', () =>
        chain(scaleByNovograd({ eps: 1e-6 }), scale(-0.1)),
      ),
      sameAs({
        name: 'momentum',
        statement: 'NovoGrad is momentum of NovoGrad(β₁ = 0)',
        other: () => chain(scaleByNovograd({ b1: 0, eps: 1e-6 }), trace(0.9), scale(-0.1)),
        tolerance: within(4),
      }),
    ],
    novograd,
  ),
  row(
    'novograd(0.1, { b1: 0.5, b2: 0.75, eps: 0.25, epsRoot: 0.5, weightDecay: 0.25 })',
    () => novograd(0.1, novogradMoments),
    [
      ...forms(
        'the same of decayed gradients',
        times(-0.1, novogradForm(0.5, 0.75, 0.25, 0.5, 0.25)),
        within(60),
        ofArrays,
      ),
      sameAs({
        name: 'scheduledDecay',
        statement: 'a constant schedule for the decay equals the decay',
        other: () => novograd(0.1, { ...novogradMoments, weightDecay: () => 0.25 }),
        states: true,
      }),
    ],
  ),
]
