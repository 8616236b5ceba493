/** Relatives of Adam with other moments, or in another order. */

import {
  acprop,
  addDecayedWeights,
  ademamix,
  adopt,
  chain,
  type Schedule,
  scale,
  scaleByAcprop,
  scaleByAdam,
  scaleByAdemamix,
  scaleByAdopt,
  scaleBySimplifiedAdemamix,
  simplifiedAdemamix,
  sophia,
} from '../../src/index.js'
import { everyUpdate, sameAs, zeroGradient } from '../closedForm.js'
import { aligned, bounded, forms, members, moments, times } from './forms.js'
import { agreeing, elementwise, odd, scaleFree } from './groups.js'
import {
  acpropForm,
  ademamixForm,
  adoptForm,
  opaqueSquares,
  simplifiedForm,
  sophiaForm,
  squares,
  stray,
  unbounded,
} from './momentForms.js'
import { type CatalogueRow, row } from './row.js'

export const relatives: readonly CatalogueRow[] = [
  row('scaleByAcprop()', () => scaleByAcprop(), [
    ...elementwise,
    ...odd,
    agreeing(64, 4),
    zeroGradient,
    ...forms('u = g/(√ŝₜ₋₁ + ε), s the average of (g − m)²', acpropForm({}), stray),
  ]),
  row(
    'scaleByAcprop({ b1: 0.5, b2: 0.75, eps: 0.25, epsRoot: 0.5 })',
    () => scaleByAcprop({ b1: 0.5, b2: 0.75, eps: 0.25, epsRoot: 0.5 }),
    [
      ...forms(
        'the same with large ε, which the average keeps',
        acpropForm({ b1: 0.5, b2: 0.75, eps: 0.25, epsRoot: 0.5 }),
        stray,
      ),
    ],
  ),
  row(
    'acprop(0.1)',
    () => acprop(0.1),
    [
      ...elementwise,
      ...odd,
      members('acprop = scaleByAcprop, the learning rate', () => chain(scaleByAcprop(), scale(-0.1))),
    ],
    acprop,
  ),
  row(
    'acprop(0.1, { b1: 0.5, b2: 0.75, eps: 0.25, epsRoot: 0.5, weightDecay: 0.25 })',
    () => acprop(0.1, { b1: 0.5, b2: 0.75, eps: 0.25, epsRoot: 0.5, weightDecay: 0.25 }),
    [
      members('acprop = scaleByAcprop, addDecayedWeights, the learning rate', () =>
        chain(
          scaleByAcprop({ b1: 0.5, b2: 0.75, eps: 0.25, epsRoot: 0.5 }),
          addDecayedWeights(0.25),
          scale(-0.1),
        ),
      ),
      ...forms(
        'u = −η(g/(√ŝₜ₋₁ + ε) + λp)',
        (here) => -0.1 * (acpropForm({ b1: 0.5, b2: 0.75, eps: 0.25, epsRoot: 0.5 })(here) + 0.25 * here.p),
        stray,
        aligned,
      ),
    ],
  ),
  row('scaleByAdemamix()', () => scaleByAdemamix(), [
    ...elementwise,
    ...odd,
    agreeing(32, 2),
    zeroGradient,
    ...forms('u = (m̂₁ + αm₂)/(√ν̂ + ε)', ademamixForm({}), moments),
  ]),
  row('scaleByAdemamix({ alpha: 0 })', () => scaleByAdemamix({ alpha: 0 }), [
    sameAs({
      name: 'withoutSlowAverage',
      statement: 'AdEMAMix(α = 0) = Adam',
      other: () => scaleByAdam(),
    }),
  ]),
  row(
    'scaleByAdemamix({ b1: 0.5, b2: 0.75, b3: (count) => 1 - 1 / (count + 2), alpha: (count) => count, eps: 0.25, epsRoot: 0.5 })',
    () =>
      scaleByAdemamix({
        b1: 0.5,
        b2: 0.75,
        b3: (count) => 1 - 1 / (count + 2),
        alpha: (count) => count,
        eps: 0.25,
        epsRoot: 0.5,
      }),
    [
      ...forms(
        'the same with schedules and large ε',
        ademamixForm({
          b1: 0.5,
          b2: 0.75,
          b3: (count) => 1 - 1 / (count + 2),
          alpha: (count) => count,
          eps: 0.25,
          epsRoot: 0.5,
        }),
        moments,
      ),
    ],
  ),
  row(
    'ademamix(0.1)',
    () => ademamix(0.1),
    [
      ...elementwise,
      ...odd,
      zeroGradient,
      members('ademamix = scaleByAdemamix with α = 5, the learning rate', () =>
        chain(scaleByAdemamix({ alpha: 5 }), scale(-0.1)),
      ),
    ],
    ademamix,
  ),
  row(
    'ademamix(0.1, { b1: 0.5, b2: 0.75, b3: 0.9, alpha: 2, eps: 0.25, epsRoot: 0.5, weightDecay: 0.25 })',
    () => ademamix(0.1, { b1: 0.5, b2: 0.75, b3: 0.9, alpha: 2, eps: 0.25, epsRoot: 0.5, weightDecay: 0.25 }),
    [
      ...forms(
        'u = −η((m̂₁ + αm₂)/(√ν̂ + ε) + λp)',
        (here) =>
          -0.1 *
          (ademamixForm({ b1: 0.5, b2: 0.75, b3: 0.9, alpha: 2, eps: 0.25, epsRoot: 0.5 })(here) +
            0.25 * here.p),
        moments,
        aligned,
      ),
    ],
  ),
  row('scaleBySimplifiedAdemamix()', () => scaleBySimplifiedAdemamix(), [
    ...elementwise,
    ...odd,
    agreeing(32, 2),
    zeroGradient,
    ...forms('u = Σ β₁ᵗ⁻ˢ gₛ/(√ν̂ + ε)', simplifiedForm({}), moments),
  ]),
  row(
    'scaleBySimplifiedAdemamix({ eps: 0, alpha: 2 })',
    () => scaleBySimplifiedAdemamix({ eps: 0, alpha: 2 }),
    scaleFree,
  ),
  row(
    'scaleBySimplifiedAdemamix({ b1: 0.5, b2: 0.75, alpha: (count) => count, eps: 0.25, epsRoot: 0.5 })',
    () => scaleBySimplifiedAdemamix({ b1: 0.5, b2: 0.75, alpha: (count) => count, eps: 0.25, epsRoot: 0.5 }),
    [
      ...forms(
        'u = (Σ β₁ᵗ⁻ˢ gₛ + αg)/(√(ν̂ + ε′) + ε), α a schedule',
        simplifiedForm({ b1: 0.5, b2: 0.75, alpha: (count) => count, eps: 0.25, epsRoot: 0.5 }),
        moments,
      ),
    ],
  ),
  row(
    'simplifiedAdemamix(0.1)',
    () => simplifiedAdemamix(0.1),
    [
      ...elementwise,
      ...odd,
      zeroGradient,
      members('simplifiedAdemamix = scaleBySimplifiedAdemamix, the learning rate', () =>
        chain(scaleBySimplifiedAdemamix(), scale(-0.1)),
      ),
    ],
    simplifiedAdemamix,
  ),
  row(
    'simplifiedAdemamix(0.1, { b1: 0.5, b2: 0.75, alpha: 2, eps: 0.25, epsRoot: 0.5, weightDecay: 0.25 })',
    () =>
      simplifiedAdemamix(0.1, { b1: 0.5, b2: 0.75, alpha: 2, eps: 0.25, epsRoot: 0.5, weightDecay: 0.25 }),
    [
      ...forms(
        'u = −η((Σ β₁ᵗ⁻ˢ gₛ + αg)/(√(ν̂ + ε′) + ε) + λp)',
        (here) =>
          -0.1 *
          (simplifiedForm({ b1: 0.5, b2: 0.75, alpha: 2, eps: 0.25, epsRoot: 0.5 })(here) + 0.25 * here.p),
        moments,
        aligned,
      ),
    ],
  ),
  row('scaleByAdopt()', () => scaleByAdopt(), [
    ...elementwise,
    ...odd,
    agreeing(32, 2),
    zeroGradient,
    ...forms('u = the average of clipped g/max(√νₜ₋₁, ε)', adoptForm({}), moments),
    everyUpdate({
      name: 'firstStepIsZero',
      statement: 'the first update is zero, and no later one exceeds the bound of its step',
      draws: { steps: 8 },
      holds: ({ u, t }) => bounded(u, (t - 1) ** 0.25),
    }),
  ]),
  row(
    'scaleByAdopt({ b1: 0.5, b2: 0.75, eps: 0.25, useClipping: false })',
    () => scaleByAdopt({ b1: 0.5, b2: 0.75, eps: 0.25, useClipping: false }),
    [
      ...forms(
        'the same without clipping',
        adoptForm({ b1: 0.5, b2: 0.75, eps: 0.25, bound: unbounded }),
        moments,
      ),
    ],
  ),
  row(
    'scaleByAdopt({ b2: 0.75, nesterov: true, clipValueFn: () => 0.5 })',
    () => scaleByAdopt({ b2: 0.75, nesterov: true, clipValueFn: () => 0.5 }),
    [
      ...forms(
        'the same with Nesterov and a constant bound',
        adoptForm({ b2: 0.75, nesterov: true, bound: () => 0.5 }),
        moments,
      ),
    ],
  ),
  row(
    'adopt(0.1)',
    () => adopt(0.1),
    [
      ...elementwise,
      ...odd,
      zeroGradient,
      members('adopt = scaleByAdopt, the learning rate', () => chain(scaleByAdopt(), scale(-0.1))),
    ],
    adopt,
  ),
  row(
    'adopt(0.1, { b1: 0.5, b2: 0.75, eps: 0.25, nesterov: true, useClipping: false })',
    () => adopt(0.1, { b1: 0.5, b2: 0.75, eps: 0.25, nesterov: true, useClipping: false }),
    [
      ...forms(
        'ADOPT with Nesterov and without clipping',
        times(-0.1, adoptForm({ b1: 0.5, b2: 0.75, eps: 0.25, nesterov: true, bound: unbounded })),
        moments,
      ),
    ],
  ),
  row(
    'sophia(0.1, { hessianDiagonalFn: statelessWithTreeMap((u) => u.square()), weightDecay: 0 })',
    () => sophia(0.1, { hessianDiagonalFn: squares(), weightDecay: 0 }),
    [
      ...elementwise,
      ...odd,
      agreeing(32, 2),
      zeroGradient,
      ...forms('u = −η·clip(m̂/max(γh, ε))', times(-0.1, sophiaForm({})), moments),
      everyUpdate({
        name: 'boundedStep',
        statement: 'no step is longer than the learning rate',
        draws: { steps: 8 },
        holds: ({ u }) => bounded(u, 0.1),
      }),
      sameAs({
        name: 'opaqueEstimate',
        statement: 'an estimate that is a pair of functions gives the same numbers',
        other: () => sophia(0.1, { hessianDiagonalFn: opaqueSquares(), weightDecay: 0 }),
      }),
    ],
    (learningRate: number | Schedule) =>
      sophia(learningRate, { hessianDiagonalFn: squares(), weightDecay: 0 }),
  ),
  row(
    'sophia(0.1, { hessianDiagonalFn: statelessWithTreeMap((u) => u.square()), b1: 0.5, b2: 0.75, eps: 0.25, gamma: 2, clipThreshold: Infinity, updateInterval: 3, weightDecay: 0.25 })',
    () =>
      sophia(0.1, {
        hessianDiagonalFn: squares(),
        b1: 0.5,
        b2: 0.75,
        eps: 0.25,
        gamma: 2,
        clipThreshold: Number.POSITIVE_INFINITY,
        updateInterval: 3,
        weightDecay: 0.25,
      }),
    [
      ...forms(
        'u = −η(m̂/max(γh, ε) + λp), h of every third gradient',
        (here) =>
          -0.1 *
          (sophiaForm({
            b1: 0.5,
            b2: 0.75,
            eps: 0.25,
            gamma: 2,
            clipThreshold: Number.POSITIVE_INFINITY,
            updateInterval: 3,
          })(here) +
            0.25 * here.p),
        moments,
        aligned,
      ),
    ],
  ),
]
