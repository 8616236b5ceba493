import { describe, expect, it } from 'vitest'
import { tape } from '../../src/compile/tape.js'
import { constant, max, select, sum } from '../../src/index.js'
import { Scalar } from '../../src/rule/expr.js'
import { Term } from '../../src/rule/term.js'

const [a, b] = [new Term<'host'>(Scalar('a'), 'host'), new Term<'host'>(Scalar('b'), 'host')]

const compute = (
  terms: readonly Term<'host'>[],
  values: readonly number[],
  round?: (x: number) => number,
): readonly number[] => {
  const written = tape(
    terms.map(({ expr }) => expr),
    [a.expr, b.expr],
    round,
  )
  const results = new Float64Array(written.length)
  written.values.set(values)
  written.run(results)
  return [...results]
}

describe('a tape', () => {
  it('computes terms of what it is given, in float64', () => {
    expect(compute([a.add(b), a.pow(b), constant(1).sub(a), a], [0.9, 3])).toEqual([
      0.9 + 3,
      0.9 ** 3,
      1 - 0.9,
      0.9,
    ])
  })

  it('tells which of the given terms it reads', () => {
    const readBy = (term: Term<'host'>): readonly number[] => tape([term.expr], [a.expr, b.expr]).reads
    expect([readBy(a), readBy(b.mul(2)), readBy(b.add(a)), readBy(constant(1))]).toEqual([
      [0],
      [1],
      [1, 0],
      [],
    ])
  })

  it('rounds every operation where it is told to', () => {
    const [third] = compute([a.div(b).mul(b)], [1, 3], Math.fround)
    expect(third).toBe(Math.fround(Math.fround(1 / 3) * 3))
  })

  it('selects by every comparison, NaN included', () => {
    const terms = [a.lt(b), a.le(b), a.gt(b), a.ge(b), a.eq(b), a.ne(b)].map((test) => select(test, 1, 0))
    expect(compute(terms, [1, 2])).toEqual([1, 1, 0, 0, 0, 1])
    expect(compute(terms, [2, 2])).toEqual([0, 1, 0, 1, 1, 0])
    expect(compute(terms, [Number.NaN, 2])).toEqual([0, 0, 0, 0, 0, 1])
  })

  it('is run again with other values', () => {
    const written = tape([a.mul(b).expr], [a.expr, b.expr])
    const result = new Float64Array(1)
    const products = [2, 3].map((x) => {
      written.values.set([x, 10])
      written.run(result)
      return result[0]
    })
    expect(products).toEqual([20, 30])
  })

  it('takes a given term as it is, whatever it is made of', () => {
    const norm = sum(1, 'tree')
    const written = tape([norm.sqrt().expr], [norm.expr])
    written.values[0] = 49
    const result = new Float64Array(1)
    written.run(result)
    expect(result[0]).toBe(7)
  })

  it('refuses a term that is made of what it is not given', () => {
    expect(() => tape([a.add(1).expr], [])).toThrow('a: expected a scalar of the rule, given no such scalar')
    expect(() => tape([max(1, 'leaf').expr], [])).toThrow('a term of single numbers')
  })
})
