import { describe, expect, it } from 'vitest'
import { ulpDistance } from '../../../laws/index.js'
import { constant, fromRule, max, mean, norm, select, size, slot, sum, zeros } from '../../../src/index.js'

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

  it('rounds to the nearest whole number, of two to the even one', () => {
    const rounded = fromRule({ slots: {}, scalars: {}, step: ({ g }) => ({ update: g.round() }) })
    const given = [-2.5, -1.5, -0.5, -0.2, 0.5, 1.5, 2.5, 3.5, 2.4, 2.6, 0.49999999999999994, 2 ** 52 + 1]
    const expected = [-2, -2, -0, -0, 0, 2, 2, 4, 2, 3, 0, 2 ** 52 + 1]
    expect(rounded.update(Float64Array.from(given), {})[0]).toEqual(Float64Array.from(expected))
    const special = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 1e300]
    expect(rounded.update(Float64Array.from(special), {})[0]).toEqual(Float64Array.from(special))
  })

  it('has erf to two ulps of float64, and sigmoid, which does not overflow', () => {
    // mpmath 1.4.1, 40 digits: x, erf(x), 1/(1 + exp(−x))
    const golden = [
      [-7, -1.0, 0.0009110511944006454],
      [-3.5, -0.9999992569016276, 0.02931223075135632],
      [-1, -0.8427007929497149, 0.2689414213699951],
      [-0.9999, -0.8426592780487595, 0.26896108301760213],
      [-0.25, -0.27632639016823696, 0.4378234991142019],
      [1e-9, 1.1283791670955127e-9, 0.50000000025],
      [0.5, 0.5204998778130465, 0.6224593312018546],
      [0.75, 0.7111556336535151, 0.679178699175393],
      [1.0001, 0.8427422995485203, 0.7310782393690344],
      [1.5, 0.9661051464753108, 0.8175744761936437],
      [2, 0.9953222650189527, 0.8807970779778824],
      [2.9, 0.9999589021219005, 0.9478464369215822],
      [4.2, 0.9999999971445058, 0.9852259683067269],
      [5.75, 0.9999999999999996, 0.9968273171575148],
    ] as const
    const rule = fromRule({
      slots: { s: zeros },
      scalars: {},
      step: ({ g }) => ({ update: g.erf(), s: g.sigmoid() }),
    })
    const distance = ulpDistance('float64')
    for (const [x, erf, sigmoid] of golden) {
      const [update, { s }] = rule.update(x, rule.init(0))
      expect(distance(update, erf)).toBeLessThanOrEqual(2)
      expect(distance(Number(s), sigmoid)).toBeLessThanOrEqual(2)
    }
    const at = (x: number): readonly unknown[] => {
      const [update, { s }] = rule.update(x, rule.init(0))
      return [update, s]
    }
    expect(at(Number.NEGATIVE_INFINITY)).toEqual([-1, 0])
    expect(at(Number.POSITIVE_INFINITY)).toEqual([1, 1])
    expect(at(-745)).toEqual([-1, Math.exp(-745)])
    expect(at(-0)).toEqual([-0, 0.5])
    expect(at(Number.NaN)).toEqual([Number.NaN, Number.NaN])
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
