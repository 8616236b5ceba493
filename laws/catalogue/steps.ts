/** Wrappers that choose between steps, and the laws that they keep. */
import {
  adam,
  applyIfFinite,
  applyUpdates,
  chain,
  conditionallyMask,
  conditionallyTransform,
  dispose,
  flatten,
  freeze,
  fromRule,
  type GradientTransformation,
  injectHyperparams,
  injectStatefulHyperparams,
  type Lookahead,
  type LookaheadState,
  linearSchedule,
  lookahead,
  maybeUpdate,
  multiSteps,
  namedChain,
  norm,
  type Params,
  reduceOnPlateau,
  type StatefulSchedule,
  scale,
  selectiveTransform,
  setToZero,
  sgd,
  skipLargeUpdates,
  skipNotFinite,
  trace,
} from '../../src/index.js'
import { closedForm, sameAs, swinging, varied } from '../closedForm.js'
import { leafwise } from '../equivariance.js'
import type { Tx } from '../law.js'
import { within } from '../violation.js'
import { elementwise, odd, treeNorms } from './groups.js'
import { type CatalogueRow, row } from './row.js'

const byRank = ({ shape }: { readonly shape: readonly number[] }): boolean => shape.length > 0

/** The same as an ordinary pair, so that a wrapper cannot look into it. */
const ordinary = <S>({ init, update }: GradientTransformation<S>): GradientTransformation<S> => ({
  init,
  update,
})

/** The same for one loss. */
const atValue = <S>(tx: GradientTransformation<S, { readonly value: number }>, value: number): Tx => {
  const given: GradientTransformation<S> = {
    init: tx.init,
    update: <P extends Params>(grads: P, state: S, params?: Params) =>
      tx.update<P>(grads, state, params, { value }),
  }
  // what is changed has the same state and needs the same
  return { ...given, ofChanged: (change) => atValue(change(tx) as typeof tx, value) }
}

/** Lookahead of one set of parameters, with the slow ones in the state. */
const slowInState = <S>(tx: Lookahead<S>): Tx => {
  type State = { readonly own: LookaheadState<S>; readonly slow: Params }
  const inside: GradientTransformation<State> = {
    init: (params) => ({ own: tx.init(params), slow: applyUpdates<Params>(params, null) }),
    update: <P extends Params>(grads: P, { own, slow }: State, fast: Params = null) => {
      const [updates, next] = tx.update<P>(grads, own, { fast, slow })
      const moved = applyUpdates<Params>(slow, updates.slow)
      dispose(updates.slow)
      return [updates.fast, { own: next, slow: moved }] as const
    },
  }
  return inside
}

const isEven = (step: number): boolean => step % 2 === 0

/** Heavy-ball momentum of 0.5 in steps 1, 3, 5 … alone. */
const oddSteps = (t: number): number =>
  Array.from({ length: t }, (_, i) =>
    isEven(i) ? varied(i + 1) * 0.5 ** Math.floor((t - 1 - i) / 2) : 0,
  ).reduce((sum, x) => sum + x, 0)

/** The sum of three factors that end with the one of step t. */
const three = (t: number): number => varied(t - 2) + varied(t - 1) + varied(t)

/** The steps in which one of one, then ones of two, end. */
const growing = (gradientStep: number): number => (gradientStep === 0 ? 1 : 2)

const linear = linearSchedule({ initValue: 0.1, endValue: 0.5, transitionSteps: 4 })

/** Doubles in each step. */
const doubling: StatefulSchedule<number> = {
  init: () => 1,
  update: (rate) => 2 * rate,
  value: (rate) => rate,
}

const shrinking = (scope: 'leaf' | 'tree') => () =>
  fromRule({ slots: {}, scalars: {}, step: ({ g }) => ({ update: g.div(norm(g, scope).add(1)) }) })

export const steps: readonly CatalogueRow[] = [
  row(
    `namedChain(['momentum', trace(0.9)], ['rate', scale(-0.1)])`,
    () => namedChain(['momentum', trace(0.9)], ['rate', scale(-0.1)]),
    [
      ...elementwise,
      ...odd,
      sameAs({
        name: 'named',
        statement: 'namedChain of pairs is chain of the transformations',
        other: () => chain(trace(0.9), scale(-0.1)),
      }),
    ],
  ),
  row('selectiveTransform(adam(0.1), byRank)', () => selectiveTransform(adam(0.1), byRank), [
    ...odd,
    leafwise,
    sameAs({
      name: 'frozen',
      statement: 'selectiveTransform(f, mask) = chain(f, freeze(mask))',
      other: () => chain(adam(0.1), freeze(byRank)),
    }),
  ]),
  row('conditionallyTransform(trace(0.5), isEven)', () => conditionallyTransform(trace(0.5), isEven), [
    ...elementwise,
    ...odd,
    closedForm({
      name: 'passes',
      statement: 'in steps 1, 3, 5 … momentum of these steps alone, in the others the gradient',
      signal: varied,
      formula: ({ g, t }) => g * (isEven(t - 1) ? oddSteps(t) : varied(t)),
      tolerance: within(4),
    }),
  ]),
  row('maybeUpdate(ordinary(trace(0.5)), isEven)', () => maybeUpdate(ordinary(trace(0.5)), isEven), [
    ...odd,
    sameAs({
      name: 'earlierName',
      statement: 'maybeUpdate = conditionallyTransform, whatever stands in it',
      other: () => conditionallyTransform(trace(0.5), isEven),
      states: true,
    }),
  ]),
  row('conditionallyMask(trace(0.5), isEven)', () => conditionallyMask(trace(0.5), isEven), [
    ...elementwise,
    ...odd,
    closedForm({
      name: 'zeroes',
      statement: 'in steps 1, 3, 5 … momentum of these steps alone, in the others zero',
      signal: varied,
      formula: ({ g, t }) => (isEven(t - 1) ? g * oddSteps(t) : 0),
      tolerance: { ulps: 4, floor: 0 },
    }),
  ]),
  row(
    'conditionallyMask(ordinary(adam(0.1)), isEven)',
    () => conditionallyMask(ordinary(adam(0.1)), isEven),
    [
      ...odd,
      sameAs({
        name: 'aroundPairs',
        statement: 'conditionallyMask is the same around rules and an ordinary pair',
        other: () => conditionallyMask(adam(0.1), isEven),
        states: true,
      }),
    ],
  ),
  row('multiSteps(sgd(0.5), 3)', () => multiSteps(sgd(0.5), 3), [
    ...elementwise,
    ...odd,
    closedForm({
      name: 'meanOfThree',
      statement: 'in steps 3, 6, 9 … the inner step by the mean of three gradients, in the others zero',
      signal: varied,
      formula: ({ g, t }) => (t % 3 === 0 ? (-0.5 * g * three(t)) / 3 : 0),
      tolerance: { ulps: 8, floor: 0 },
    }),
  ]),
  row(
    'multiSteps(sgd(0.5), 3, { useGradMean: false })',
    () => multiSteps(sgd(0.5), 3, { useGradMean: false }),
    [
      ...elementwise,
      ...odd,
      closedForm({
        name: 'sumOfThree',
        statement: 'in steps 3, 6, 9 … the inner step by the sum of three gradients, in the others zero',
        signal: varied,
        formula: ({ g, t }) => (t % 3 === 0 ? -0.5 * g * three(t) : 0),
        tolerance: { ulps: 8, floor: 0 },
      }),
    ],
  ),
  row('multiSteps(ordinary(adam(0.1)), 2)', () => multiSteps(ordinary(adam(0.1)), 2), [
    ...odd,
    sameAs({
      name: 'accumulatesAroundPairs',
      statement: 'multiSteps is the same around rules and an ordinary pair',
      other: () => multiSteps(adam(0.1), 2),
      states: true,
    }),
  ]),
  row('multiSteps(trace(0.9), 1)', () => multiSteps(trace(0.9), 1), [
    ...elementwise,
    ...odd,
    sameAs({ name: 'every', statement: 'multiSteps(f, 1) = f', other: () => trace(0.9) }),
  ]),
  row('multiSteps(scale(1), growing)', () => multiSteps(scale(1), growing), [
    ...elementwise,
    ...odd,
    closedForm({
      name: 'growing',
      statement: 'one step of one gradient, then in every second step the mean of two',
      signal: varied,
      formula: ({ g, t }) => (t === 1 ? g : t % 2 === 0 ? 0 : (g * (varied(t - 1) + varied(t))) / 2),
      tolerance: { ulps: 8, floor: 0 },
    }),
  ]),
  row(
    'multiSteps(sgd(0.5), 2, { shouldSkipUpdateFn: skipNotFinite })',
    () => multiSteps(sgd(0.5), 2, { shouldSkipUpdateFn: skipNotFinite }),
    [
      ...odd,
      sameAs({
        name: 'allFinite',
        statement: 'where all gradients are finite none is skipped',
        other: () => multiSteps(sgd(0.5), 2),
      }),
    ],
  ),
  row(
    'multiSteps(sgd(0.5), 2, { shouldSkipUpdateFn: skipLargeUpdates(0) })',
    () => multiSteps(sgd(0.5), 2, { shouldSkipUpdateFn: skipLargeUpdates(0) }),
    [
      ...odd,
      sameAs({
        name: 'noneIsSmall',
        statement: 'no norm is below 0: all gradients are skipped',
        other: setToZero,
      }),
    ],
  ),
  row('applyIfFinite(adam(0.1), 2)', () => applyIfFinite(adam(0.1), 2), [
    ...odd,
    sameAs({
      name: 'finiteIsApplied',
      statement: 'applyIfFinite(f) = f where all gradients are finite',
      other: () => adam(0.1),
    }),
  ]),
  row('flatten(trace(0.9))', () => flatten(trace(0.9)), [
    ...elementwise,
    ...odd,
    sameAs({
      name: 'elementwiseIsFlat',
      statement: 'flatten(f) = f where no element sees another',
      other: () => trace(0.9),
    }),
  ]),
  row('flatten(g / (1 + norm of the leaf))', () => flatten(shrinking('leaf')()), [
    ...treeNorms,
    ...odd,
    sameAs({
      name: 'leafIsTree',
      statement: 'flattened, the norm of a leaf is that of the tree',
      other: shrinking('tree'),
      draws: { grads: 'normal' },
      tolerance: within(4),
    }),
  ]),
  row(
    'reduceOnPlateau({ factor: 0.5, patience: 2 }), value: 1',
    () => atValue(reduceOnPlateau({ factor: 0.5, patience: 2 }), 1),
    [
      ...elementwise,
      ...odd,
      closedForm({
        name: 'halves',
        statement: 'while the loss stays, the scale is halved in steps 3, 5, 7 …',
        signal: swinging,
        formula: ({ g, t }) => g * swinging(t) * 0.5 ** Math.floor((t - 1) / 2),
        tolerance: within(0),
      }),
    ],
  ),
  row(
    'lookahead({ fastOptimizer: scale(-0.5), syncPeriod: 2, slowStepSize: 0.25 }), slow ones in the state',
    () => slowInState(lookahead({ fastOptimizer: scale(-0.5), syncPeriod: 2, slowStepSize: 0.25 })),
    [
      ...elementwise,
      closedForm({
        name: 'followsInPart',
        statement: 'at fixed fast parameters the n-th sync is the update of 1 − (1 − α)ⁿ of the way',
        formula: ({ g, t }) => -0.5 * g * (t % 2 === 0 ? 1 - 0.75 ** (t / 2) : 1),
        grads: 'moderate',
        params: 'moderate',
        tolerance: { ulps: 4, floor: { float32: 2e-3, float64: 1e-9 } },
      }),
    ],
  ),
  row(
    'lookahead({ fastOptimizer: trace(0.5), syncPeriod: 2, slowStepSize: 1, resetState: true }), slow ones in the state',
    () =>
      slowInState(lookahead({ fastOptimizer: trace(0.5), syncPeriod: 2, slowStepSize: 1, resetState: true })),
    [
      closedForm({
        name: 'startsAnew',
        statement: 'momentum that starts anew in every second step',
        formula: ({ g, t }) => g * (t % 2 === 0 ? 1.5 : 1),
        grads: 'moderate',
        params: 'moderate',
        tolerance: { ulps: 4, floor: { float32: 2e-3, float64: 1e-9 } },
      }),
    ],
  ),
  row(
    'lookahead({ fastOptimizer: ordinary(trace(0.5)), syncPeriod: 2, slowStepSize: 0.5 }), slow ones in the state',
    () => slowInState(lookahead({ fastOptimizer: ordinary(trace(0.5)), syncPeriod: 2, slowStepSize: 0.5 })),
    [
      sameAs({
        name: 'looksAheadOfPairs',
        statement: 'lookahead is the same around rules and an ordinary pair',
        other: () => slowInState(lookahead({ fastOptimizer: trace(0.5), syncPeriod: 2, slowStepSize: 0.5 })),
        states: true,
      }),
    ],
  ),
  row(
    'injectStatefulHyperparams(scale)({ step: linear })',
    () => injectStatefulHyperparams((h: { readonly step: number }) => scale(h.step))({ step: linear }),
    [
      ...elementwise,
      ...odd,
      sameAs({
        name: 'statelessIsCounted',
        statement: 'for functions of the count injectStatefulHyperparams = injectHyperparams',
        other: () => injectHyperparams((h: { readonly step: number }) => scale(h.step))({ step: linear }),
      }),
    ],
  ),
  row(
    'injectStatefulHyperparams(scale)({ step: doubling })',
    () => injectStatefulHyperparams((h: { readonly step: number }) => scale(h.step))({ step: doubling }),
    [
      ...elementwise,
      ...odd,
      closedForm({
        name: 'doubles',
        statement: 'a rate that doubles in each step scales by 2ᵗ⁻¹',
        formula: ({ g, t }) => g * 2 ** (t - 1),
        tolerance: within(0),
      }),
    ],
  ),
]
