import { describe, expect, it } from 'vitest'
import {
  conditionallyMask,
  injectStatefulHyperparams,
  type StatefulSchedule,
  scale,
} from '../../src/index.js'
import { thrown } from '../thrown.js'

describe('injectStatefulHyperparams', () => {
  const counting: StatefulSchedule<{ readonly n: number }> = {
    init: () => ({ n: 0 }),
    update: ({ n }) => ({ n: n + 1 }),
    value: ({ n }) => n,
  }

  it('keeps the states of its schedules, and lets the numbers be changed', () => {
    const tx = injectStatefulHyperparams(
      (h: { readonly a: number; readonly b: number; readonly c: number }) => scale(h.a * h.b + h.c),
    )({ a: counting, b: 10, c: (count) => count / 4 })
    const first = tx.init(0)
    expect(first).toEqual({
      count: 0,
      hyperparams: { a: 0, b: 10, c: 0 },
      hyperparamsStates: { a: { n: 0 }, c: { count: 0 } },
      innerState: {},
    })
    const [, state] = tx.update(1, first)
    const [update, next] = tx.update(1, { ...state, hyperparams: { ...state.hyperparams, b: 100 } })
    expect(update).toBe(100.25)
    expect(next).toEqual({
      count: 2,
      hyperparams: { a: 1, b: 100, c: 0.25 },
      hyperparamsStates: { a: { n: 2 }, c: { count: 2 } },
      innerState: {},
    })
  })

  it('stays where a step is not made', () => {
    const tx = conditionallyMask(
      injectStatefulHyperparams((h: { readonly a: number }) => scale(h.a))({ a: counting }),
      () => false,
    )
    const state = tx.init(0)
    expect(tx.update(1, state)[1].innerState).toEqual(state.innerState)
  })

  it('refuses what is neither a number nor a schedule, and another state', () => {
    const inject = injectStatefulHyperparams((h: { readonly a: number }) => scale(h.a))
    for (const a of ['1', null, { init: () => 0 }])
      expect(thrown(() => inject({ a: a as never }))).toMatchObject({
        _tag: 'InvalidArgument',
        path: 'injectStatefulHyperparams.a',
      })
    const tx = inject({ a: counting })
    expect(thrown(() => tx.update(1, {} as never))).toMatchObject({ _tag: 'TreeMismatch', path: 'state' })
    expect(thrown(() => tx.update(1, { ...tx.init(0), hyperparamsStates: {} }))).toMatchObject({
      _tag: 'TreeMismatch',
      path: 'state.hyperparamsStates.a',
    })
  })
})
