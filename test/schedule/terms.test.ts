/** Schedules are terms: what they give is what their terms give, and rules hand them on. */
import { describe, expect, test } from 'vitest'
import { type ScalarSource, sourcesOf } from '../../src/declare/sources.js'
import * as library from '../../src/index.js'
import {
  adamw,
  cosineDecaySchedule,
  fromRule,
  fromTerm,
  joinSchedules,
  latex,
  type Schedule,
} from '../../src/index.js'
import { constant, exprOf, Term } from '../../src/rule/term.js'
import { countTerm, termAt, termOf } from '../../src/schedule/fromTerm.js'
import type { AnyTransformation } from '../../src/transform/transformation.js'

const made: Readonly<Record<string, Schedule>> = {
  constantSchedule: library.constantSchedule(0.3),
  linearSchedule: library.linearSchedule({
    initValue: 0.1,
    endValue: 0.7,
    transitionSteps: 7,
    transitionBegin: 2,
  }),
  polynomialSchedule: library.polynomialSchedule({
    initValue: 1,
    endValue: 0.1,
    power: 0.3,
    transitionSteps: 9,
  }),
  cosineDecaySchedule: cosineDecaySchedule(0.3, 11, { alpha: 0.1, exponent: 2 }),
  exponentialDecay: library.exponentialDecay({
    initValue: 1,
    transitionSteps: 3,
    decayRate: 0.7,
    transitionBegin: 2,
    staircase: true,
    endValue: 0.3,
  }),
  piecewiseConstantSchedule: library.piecewiseConstantSchedule(1, {
    boundariesAndScales: { 3: 0.5, 9: 0.1 },
  }),
  piecewiseInterpolateSchedule: library.piecewiseInterpolateSchedule('cosine', 1, {
    boundariesAndScales: { 3: 0.5, 9: 0.1 },
  }),
  joinSchedules: joinSchedules([cosineDecaySchedule(1, 5), cosineDecaySchedule(2, 4)], [6]),
  cosineOnecycleSchedule: library.cosineOnecycleSchedule(12, 0.1),
  linearOnecycleSchedule: library.linearOnecycleSchedule(12, 0.1),
  sgdrSchedule: library.sgdrSchedule(
    [5, 9].map((decaySteps) => ({ initValue: 0, peakValue: 1, warmupSteps: 2, decaySteps })),
  ),
  warmupConstantSchedule: library.warmupConstantSchedule({ initValue: 0, peakValue: 1, warmupSteps: 3 }),
  warmupCosineDecaySchedule: library.warmupCosineDecaySchedule({
    initValue: 0,
    peakValue: 1,
    warmupSteps: 3,
    decaySteps: 10,
  }),
  warmupExponentialDecaySchedule: library.warmupExponentialDecaySchedule({
    initValue: 0,
    peakValue: 1,
    warmupSteps: 3,
    transitionSteps: 2,
    decayRate: 0.5,
  }),
}

describe('every schedule of the library is a term', () => {
  test('each of them is here', () => {
    const names = Object.keys(library).filter((name) =>
      /^(?!scaleBy|join.*By).*(Schedule|Schedules|exponentialDecay)$/.test(name),
    )
    expect(Object.keys(made).sort()).toEqual(names.sort())
  })

  test.each(Object.entries(made))('%s, and given the count as a term it gives one', (_, schedule) => {
    expect(termOf(schedule)).toBeDefined()
    const later = termAt(schedule, countTerm.add(4))
    expect(later).toBeInstanceOf(Term)
    const shifted = fromTerm((count) => termAt(schedule, count.add(4)) ?? constant(Number.NaN))
    for (let count = 0; count < 30; count++) expect(shifted(count)).toBe(schedule(count + 4))
    expect(latex(schedule)).toMatch(/v\(t\) &= /)
  })
})

describe('joinSchedules', () => {
  const parts = [0.1, 0.2, 0.3, 0.4, 0.5].map((value) => fromTerm((count) => count.mul(value)))
  test.each([
    [[2, 5, 9, 14]],
    [[2, 2, 2, 9]],
    // in no order: the last that has begun counts
    [[9, 2, 14, 5]],
    [[0, Number.POSITIVE_INFINITY, 3, Number.NEGATIVE_INFINITY]],
  ])('of terms gives what it gives of functions, with boundaries %j', (boundaries) => {
    const functions = parts.map(
      (schedule): Schedule =>
        (count) =>
          schedule(count),
    )
    const [term, joined] = [joinSchedules(parts, boundaries), joinSchedules(functions, boundaries)]
    expect(termOf(term)).toBeDefined()
    expect(termOf(joined)).toBeUndefined()
    for (let count = 0; count < 20; count++) expect(term(count)).toBe(joined(count))
  })

  test('of thousands of pieces is not deep', () => {
    const many = library.piecewiseConstantSchedule(1, {
      boundariesAndScales: Array.from({ length: 4000 }, (_, i) => [i + 1, i % 2 === 0 ? 0.5 : 2] as const),
    })
    expect([many(0), many(1), many(2), many(3999), many(4000)]).toEqual([1, 0.5, 1, 0.5, 1])
  })
})

describe('fromTerm refuses', () => {
  test.each<[string, (count: Term<'host'>) => unknown, string]>([
    ['another scalar', () => new Term({ ...exprOf(countTerm), name: 'other' } as never, 'host'), 'other'],
    ['what is one per element', (count) => count.mul(library.parameter), 'element'],
    ['a function', () => () => 1, 'a function'],
    ['an operator of JavaScript', (count) => 1 / (count as unknown as number), 'a term as a number'],
    ['a comparison in vain', (count) => (count.gt(3) ? 1 : 2), 'a comparison that went into nothing'],
  ])('%s', (_, write, given) => {
    expect(() => fromTerm(write as never)).toThrow(
      expect.objectContaining({ _tag: 'InvalidArgument', given: expect.stringContaining(given) }),
    )
  })
})

describe('the scalars of a step say where they come from', () => {
  const sources = (tx: AnyTransformation): Readonly<Record<string, ScalarSource['_tag'] | undefined>> => {
    const step = tx.ruled?.begin()
    const found = step === undefined ? undefined : sourcesOf(step)
    return Object.fromEntries(step?.program.scalars.map((name, i) => [name, found?.[i]?._tag]) ?? [])
  }

  test('constants, terms in the count, functions', () => {
    expect(sources(adamw(cosineDecaySchedule(0.1, 100)))).toEqual({
      '0.b1': 'Constant',
      '0.b2': 'Constant',
      '0.eps': 'Constant',
      '0.epsRoot': 'Constant',
      '0.t': 'Counted',
      '1.weightDecay': 'Constant',
      '2.learningRate': 'Counted',
    })
    expect(sources(adamw((count) => 0.1 / (1 + count)))).toMatchObject({ '2.learningRate': 'Opaque' })
  })

  test('a function that asks whether the count is a number is no constant', () => {
    const asks = fromRule({
      slots: {},
      scalars: ({ count }) => ({ lr: count === 0 ? 1 : 0.1, c: 3 }),
      step: ({ g }, { lr, c }) => ({ update: g.mul(lr.mul(c)) }),
    })
    expect(sources(asks)).toEqual({ lr: 'Opaque', c: 'Constant' })
  })

  test('what is injected is told by nobody, since the state has it', () => {
    const injected = library.injectHyperparams((h: { lr: number }) => library.sgd(h.lr))({ lr: 0.1 })
    expect(sources(injected)).toEqual({ 'innerState.1.learningRate': undefined })
  })

  test('the term gives the numbers of the steps', () => {
    const tx = adamw(cosineDecaySchedule(0.1, 7))
    let state = tx.init({ w: 1 })
    for (let count = 0; count < 10; count++) {
      const step = tx.ruled?.resume(state, 'state', {})
      for (const [i, source] of (step === undefined ? [] : (sourcesOf(step) ?? [])).entries()) {
        const value =
          source._tag === 'Constant'
            ? source.value
            : source._tag === 'Counted'
              ? fromTerm(() => new Term(source.term, 'host'))(count)
              : Number.NaN
        expect(value).toBe(step?.scalars[i])
      }
      state = tx.update({ w: 1 }, state, { w: 1 })[1]
    }
  })
})

test('a schedule is printed as the formula of its term', () => {
  expect(latex(cosineDecaySchedule(0.1, 100, { alpha: 0.25 }))).toBe(
    String.raw`\begin{aligned}
c &= 0.5 \, \left(1 + \cos\left(\pi \, \frac{\min\left(t, 100\right)}{100}\right)\right) \\
v(t) &= 0.1 \, \begin{cases} 1 & \text{if } c = 1 \\ 0.75 \, c + 0.25 & \text{otherwise} \end{cases}
\end{aligned}`,
  )
  expect(() => latex((count: number) => count)).toThrow(expect.objectContaining({ path: 'latex' }))
})
