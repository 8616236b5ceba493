import { describe, expect, it } from 'vitest'
import { constant, fromRule, max, mean, norm, select, size, slot, sum } from '../../src/index.js'

const f32 = Math.fround

describe('the number interpreter', () => {
  it('computes numbers and Float64Arrays in float64', () => {
    const third = fromRule({ slots: {}, scalars: {}, step: ({ g }) => ({ update: g.div(3) }) })
    expect(third.update(1, {})[0]).toBe(1 / 3)
    expect(third.update(Float64Array.of(1, 2), {})[0]).toEqual(Float64Array.of(1 / 3, 2 / 3))
  })

  it('rounds every operation on Float32Arrays to float32', () => {
    const rule = fromRule({
      slots: {},
      scalars: {},
      step: ({ g, p }) => ({ update: g.mul(p).add(g).sqrt() }),
    })
    const [g, p] = [Float32Array.of(0.1, 0.7), Float32Array.of(0.3, 1.9)]
    const expected = g.map((x, i) => f32(Math.sqrt(f32(f32(x * (p[i] ?? 0)) + x))))
    expect(rule.update(g, {}, p)[0]).toEqual(expected)
  })

  it('computes scalars in float64 and rounds them to float32 once', () => {
    // 1 - f32(0.999) is off by 5e-5 of itself
    const rule = fromRule({
      slots: {},
      scalars: { b: 0.999 },
      step: ({ g }, { b }) => ({ update: g.mul(constant(1).sub(b)) }),
    })
    expect(rule.update(Float32Array.of(1), {})[0]).toEqual(Float32Array.of(1 - 0.999))
  })

  it('sums float32 in float64 and rounds the sum once', () => {
    const total = fromRule({ slots: {}, scalars: {}, step: ({ g }) => ({ update: sum(g, 'leaf') }) })
    const g = new Float32Array(100_001).fill(0.1)
    expect(total.update(g, {})[0][0]).toBe(f32(100_001 * f32(0.1)))
  })

  it('reduces over a leaf and over the tree, empty leaves included', () => {
    const rule = fromRule({
      slots: { n: slot('leaf', 0), top: slot('tree', 0) },
      scalars: {},
      step: ({ g }) => ({
        update: g.mul(0).add(size('tree')),
        n: norm(g, 'leaf'),
        top: max(g, 'tree').add(mean(g, 'tree')),
      }),
    })
    const params = { a: Float64Array.of(3, 4), b: [new Float64Array(0), 5], c: null }
    const [update, state] = rule.update(params, rule.init(params))
    expect(update).toEqual({ a: Float64Array.of(4 - 1, 3), b: [new Float64Array(0), 3], c: null })
    expect(state).toEqual({ n: { a: 5, b: [0, 5], c: null }, top: 5 + 12 / 3 })
  })

  it('takes the greatest element of none as −∞ and the sum of none as 0', () => {
    const rule = fromRule({
      slots: { top: slot('leaf', 0), all: slot('leaf', 1) },
      scalars: {},
      step: ({ g }) => ({ update: g, top: max(g, 'leaf'), all: sum(g, 'leaf') }),
    })
    const none = new Float32Array(0)
    expect(rule.update(none, rule.init(none))[1]).toEqual({ top: Number.NEGATIVE_INFINITY, all: 0 })
  })

  it('selects by element and by scalar', () => {
    const rule = fromRule({
      slots: {},
      scalars: { on: 1 },
      step: ({ g }, { on }) => ({ update: select(on.eq(1), select(g.gt(0), g, g.neg()), 0) }),
    })
    expect(rule.update(Float64Array.of(1, -2), {})[0]).toEqual(Float64Array.of(1, 2))
  })

  it('returns arrays of its own', () => {
    const keep = fromRule({
      slots: { last: slot('element', 0) },
      scalars: {},
      step: ({ g }) => ({ update: g, last: g }),
    })
    const g = Float64Array.of(1, 2)
    const [update, { last }] = keep.update(g, keep.init(g))
    expect(update).toEqual(g)
    expect(last).toEqual(g)
    expect(new Set([g, update, last]).size).toBe(3)
  })
})
