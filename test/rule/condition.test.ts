/** Conditions: what `and`, `or` and `not` make of them, and what becomes of one that nothing is made of. */
import { describe, expect, test } from 'vitest'
import {
  type Condition,
  constant,
  fromRule,
  measureWithEma,
  select,
  slot,
  type Term,
} from '../../src/index.js'
import { thrown } from '../thrown.js'

type Element = Term<'element'>

/** The rule of an update. */
const ruleOf = (update: (g: Element) => unknown) =>
  // what a caller without a compiler writes
  fromRule({ slots: {}, scalars: {}, step: ({ g }) => ({ update: update(g) as Element }) })

/** For each of some numbers, whether the condition chose the first. */
const chosen = (test: (g: Element) => Condition<'element'>, given: readonly number[]): readonly boolean[] => {
  const tx = ruleOf((g) => select(test(g), 1, 0))
  return [...tx.update(Float64Array.from(given), {})[0]].map((x) => x === 1)
}

const some = [-1, 0, 1, 2, 3, Number.NaN]

describe('a condition', () => {
  test.each<readonly [string, (g: Element) => Condition<'element'>, (x: number) => boolean]>([
    ['and', (g) => g.gt(0).and(g.lt(3)), (x) => x > 0 && x < 3],
    ['or', (g) => g.lt(0).or(g.gt(2)), (x) => x < 0 || x > 2],
    ['not', (g) => g.lt(1).not(), (x) => !(x < 1)],
    ['not of both', (g) => g.gt(0).and(g.lt(3)).not(), (x) => !(x > 0 && x < 3)],
    ['or of ands', (g) => g.ge(0).and(g.le(1)).or(g.ne(g)), (x) => (x >= 0 && x <= 1) || Number.isNaN(x)],
    ['and of ors', (g) => g.lt(1).or(g.gt(2)).and(g.ne(3)), (x) => (x < 1 || x > 2) && x !== 3],
    ['one that is used twice', (g) => ((a) => a.and(a.or(g.eq(0))))(g.gt(1)), (x) => x > 1],
  ])('%s', (_, build, expected) => {
    expect(chosen(build, some)).toEqual(some.map(expected))
  })

  test('has the wider scope of what it is made of', () => {
    expect(constant(1).lt(2).and(constant(2).lt(1)).scope).toBe('host')
    ruleOf((g) => {
      const both = constant(1).lt(2).or(g.gt(0))
      expect(both.scope).toBe('element')
      return select(both, g, 0)
    })
  })
})

describe('a condition of which nothing is made', () => {
  test.each<readonly [string, (g: Element) => unknown]>([
    ['chooses by ?:', (g) => (g.gt(0) ? g : constant(0))],
    ['joins by &&', (g) => g.gt(0) && g.lt(1) && g],
    ['decides an if', (g) => (g.eq(0) ? g.add(1) : g)],
    ['is joined, and then let go', (g) => (g.gt(0).and(g.lt(1)) ? g : g.neg())],
    ['is negated, and then let go', (g) => (g.gt(0).not() ? g : g.neg())],
  ])('%s: refused, by an error that names select', (_, update) => {
    const error = thrown(() => ruleOf(update))
    expect(error).toMatchObject({ _tag: 'InvalidArgument', path: 'fromRule.step' })
    expect(error.expected).toContain('select(condition, a, b)')
    expect(error.given).toMatch(/comparisons? that went into nothing$/)
  })

  test('is refused in a measure too', () => {
    const measure = (u: Element) => (u.gt(0) ? u : u.neg())
    expect(thrown(() => measureWithEma(measure, 0.5)).expected).toContain('select')
  })

  test('is no matter of the rule around, nor of the next', () => {
    const inner = (): unknown => ruleOf((g) => (g.gt(0) ? g : g.neg()))
    const tx = ruleOf((g) => {
      const positive = g.gt(0)
      expect(thrown(inner)._tag).toBe('InvalidArgument')
      return select(positive, g, 0)
    })
    expect(tx.update([2, -3], {})[0]).toEqual([2, 0])
    // outside of a rule nobody asks
    expect(constant(1).lt(2).scope).toBe('host')
  })
})

describe('JavaScript makes no number and no text', () => {
  const by = (write: (g: never) => unknown): unknown => thrown(() => ruleOf((g) => write(g as never)))
  const number = { _tag: 'InvalidArgument', path: 'a term', given: expect.stringContaining('as a number') }

  test.each<readonly [string, (g: number) => unknown]>([
    ['g + 1', (g) => g + 1],
    ['g - 1', (g) => g - 1],
    ['g * 2', (g) => g * 2],
    ['-g', (g) => -g],
    ['g > 0', (g) => g > 0],
    ['g < 1', (g) => g < 1],
    ['Math.sqrt(g)', (g) => Math.sqrt(g)],
    ['Math.max(g, 0)', (g) => Math.max(g, 0)],
  ])('of a term: %s', (_, write) => {
    expect(by(write)).toMatchObject(number)
  })

  test('of a term in a text, and of a condition', () => {
    expect(by((g) => `${g}`)).toMatchObject({ ...number, given: 'a term as text' })
    expect(by((g: Element) => +g.gt(0))).toMatchObject({ path: 'a condition' })
    expect(thrown(() => ruleOf((g) => g.mul(Math.sqrt(g.square() as never)))).expected).toContain('x.sqrt()')
  })
})

describe('what is no operand', () => {
  test.each<readonly [string, (g: Element) => unknown, string]>([
    ['a condition as a factor', (g) => g.mul(g.gt(0) as never), 'select(condition, 1, 0)'],
    ['nothing', (g) => g.add(undefined as never), 'a term or a number'],
    ['a text', (g) => g.add('1' as never), 'a term or a number'],
    ['a term as a condition', (g) => select(g as never, 1, 0), 'x.gt(0)'],
    ['a truth value as a condition', (g) => select(true as never, g, 0), 'x.gt(0)'],
    ['a number as an update', () => 0, 'constant(0)'],
    ['a condition as an update', (g) => g.gt(0), 'select'],
    ['a condition, then used', (g) => [select(g.gt(0), 1, 0), g.lt(0)], 'select'],
  ])('%s is refused', (_, update, expected) => {
    const error = thrown(() => ruleOf(update))
    expect(error._tag).toBe('InvalidArgument')
    expect(error.expected).toContain(expected)
  })

  test('a slot starts with a term or a number', () => {
    expect(thrown(() => slot('element', undefined as never))._tag).toBe('InvalidArgument')
  })

  test('a step gives back a record', () => {
    const step = (() => undefined) as never
    expect(thrown(() => fromRule({ slots: {}, scalars: {}, step })).expected).toBe(
      'a record of update and slots',
    )
  })
})
