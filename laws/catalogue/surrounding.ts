/** Wrappers around whole transformations and their hyperparameters, and their laws. */
import {
  applyUpdates,
  dispose,
  flatten,
  fromRule,
  type GradientTransformation,
  injectHyperparams,
  injectStatefulHyperparams,
  type Lookahead,
  type LookaheadState,
  linearSchedule,
  lookahead,
  norm,
  type Params,
  reduceOnPlateau,
  type StatefulSchedule,
  scale,
  trace,
} from '../../src/index.js'
import { closedForm, sameAs, swinging } from '../closedForm.js'
import type { Tx } from '../law.js'
import { within } from '../violation.js'
import { elementwise, odd, treeNorms } from './groups.js'
import { type CatalogueRow, row } from './row.js'

/** The same as a pair of functions, which a wrapper cannot look into. */
export const ordinary = <S>({ init, update }: GradientTransformation<S>): GradientTransformation<S> => ({
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
    update: <P extends Params>(grads: P, state: State, fast: Params = null) => {
      // lookahead itself refuses what is not a state
      const [updates, next] = tx.update<P>(grads, state?.own, { fast, slow: state?.slow ?? null })
      const moved = applyUpdates<Params>(state.slow, updates.slow)
      dispose(updates.slow)
      return [updates.fast, { own: next, slow: moved }] as const
    },
  }
  return inside
}

const linear = linearSchedule({ initValue: 0.1, endValue: 0.5, transitionSteps: 4 })

/** Doubles in each step. */
const doubling: StatefulSchedule<number> = {
  init: () => 1,
  update: (rate) => 2 * rate,
  value: (rate) => rate,
}

const shrinking = (scope: 'leaf' | 'tree') => () =>
  fromRule({ slots: {}, scalars: {}, step: ({ g }) => ({ update: g.div(norm(g, scope).add(1)) }) })

export const surrounding: readonly CatalogueRow[] = [
  row('flatten(trace(0.9))', () => flatten(trace(0.9)), [
    ...elementwise,
    ...odd,
    sameAs({
      name: 'elementwiseIsFlat',
      statement: 'flatten(f) = f where each element depends on itself alone',
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
      tolerance: within(32),
    }),
  ]),
  ...[
    {
      call: 'reduceOnPlateau({ factor: 0.5, patience: 2 })',
      make: () => reduceOnPlateau({ factor: 0.5, patience: 2 }),
      value: 1,
    },
    {
      // a loss may be negative; its relative tolerance is by its absolute value
      call: 'reduceOnPlateau({ factor: 0.5, patience: 2, rtol: 0.25 })',
      make: () => reduceOnPlateau({ factor: 0.5, patience: 2, rtol: 0.25 }),
      value: -1,
    },
  ].map(({ call, make, value }) =>
    row(call, () => atValue(make(), value), [
      ...elementwise,
      ...odd,
      closedForm({
        name: 'halves',
        statement: 'while the loss is constant, the scale is halved in steps 3, 5, 7 …',
        signal: swinging,
        formula: ({ g, t }) => g * swinging(t) * 0.5 ** Math.floor((t - 1) / 2),
        tolerance: within(0),
      }),
    ]),
  ),
  row(
    'lookahead({ fastOptimizer: scale(-0.5), syncPeriod: 2, slowStepSize: 0.25 })',
    () => slowInState(lookahead({ fastOptimizer: scale(-0.5), syncPeriod: 2, slowStepSize: 0.25 })),
    [
      ...elementwise,
      closedForm({
        name: 'followsInPart',
        statement: 'with fixed fast parameters, the n-th sync goes 1 − (1 − α)ⁿ of the way',
        formula: ({ g, t }) => -0.5 * g * (t % 2 === 0 ? 1 - 0.75 ** (t / 2) : 1),
        grads: 'moderate',
        params: 'moderate',
        tolerance: { ulps: 4, floor: { float32: 2e-3, float64: 1e-9 } },
      }),
    ],
  ),
  row(
    'lookahead({ fastOptimizer: trace(0.5), syncPeriod: 2, slowStepSize: 1, resetState: true })',
    () =>
      slowInState(lookahead({ fastOptimizer: trace(0.5), syncPeriod: 2, slowStepSize: 1, resetState: true })),
    [
      closedForm({
        name: 'startsAnew',
        statement: 'momentum that restarts in every second step',
        formula: ({ g, t }) => g * (t % 2 === 0 ? 1.5 : 1),
        grads: 'moderate',
        params: 'moderate',
        tolerance: { ulps: 4, floor: { float32: 2e-3, float64: 1e-9 } },
      }),
    ],
  ),
  row(
    'lookahead({ fastOptimizer: ordinary(trace(0.5)), syncPeriod: 2, slowStepSize: 0.5 })',
    () => slowInState(lookahead({ fastOptimizer: ordinary(trace(0.5)), syncPeriod: 2, slowStepSize: 0.5 })),
    [
      sameAs({
        name: 'looksAheadOfPairs',
        statement: 'lookahead is the same around rules and around a pair of functions',
        other: () => slowInState(lookahead({ fastOptimizer: trace(0.5), syncPeriod: 2, slowStepSize: 0.5 })),
        states: true,
      }),
    ],
  ),
  row(
    'injectStatefulHyperparams((h: { step: number }) => scale(h.step))({ step: linearSchedule({ initValue: 0.1, endValue: 0.5, transitionSteps: 4 }) })',
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
