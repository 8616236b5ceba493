import { describe, expect, it } from 'vitest'
import { constant, fromRule, norm, parameter, slot, zeros } from '../../src/index.js'
import { thrown } from '../thrown.js'

describe('fromRule', () => {
  it('counts only where the scalars depend on the clock', () => {
    const still = fromRule({ slots: { m: zeros }, scalars: { a: 1 }, step: ({ g, m }) => ({ update: g, m }) })
    expect(still.init(1)).toEqual({ m: 0 })
    const timed = fromRule({
      slots: {},
      scalars: ({ t }) => ({ t }),
      step: ({ g }, { t }) => ({ update: g.mul(t) }),
    })
    const [first, state] = timed.update(5, timed.init(1))
    expect([first, state, timed.update(5, state)[0]]).toEqual([5, { count: 1 }, 10])
  })

  it('gives the clock the updates made before, and the number of this one', () => {
    const seen: unknown[] = []
    const tx = fromRule({
      slots: {},
      scalars: (clock) => {
        seen.push(clock)
        return { a: 1 }
      },
      step: ({ g }) => ({ update: g }),
    })
    tx.update(1, { count: 7 })
    expect(seen.at(-1)).toEqual({ count: 7, t: 8 })
  })

  it('starts slots as constants and as terms of the parameters', () => {
    const tx = fromRule({
      slots: {
        a: slot('element', 3),
        b: slot('element', parameter.mul(2)),
        c: slot('leaf', norm(parameter, 'leaf')),
        d: slot('tree', norm(parameter, 'tree')),
      },
      scalars: {},
      step: ({ g, ...slots }) => ({ update: g, ...slots }),
    })
    expect(tx.init({ x: Float64Array.of(3, 4), y: null, z: 12 })).toEqual({
      a: { x: Float64Array.of(3, 3), y: null, z: 3 },
      b: { x: Float64Array.of(6, 8), y: null, z: 24 },
      c: { x: 5, y: null, z: 12 },
      d: 13,
    })
  })

  it('has no value for the tree where there is no leaf', () => {
    const tx = fromRule({
      slots: { d: slot('tree', 1) },
      scalars: {},
      step: ({ g, d }) => ({ update: g.mul(d), d: d.add(1) }),
    })
    expect(tx.init({})).toEqual({ d: null })
    expect(tx.update({}, tx.init({}))).toEqual([{}, { d: null }])
  })

  it('builds its term once, not per step', () => {
    let built = 0
    const tx = fromRule({
      slots: {},
      scalars: { k: 2 },
      step: ({ g }, { k }) => {
        built += 1
        return { update: g.mul(k) }
      },
    })
    tx.update(1, tx.update(1, tx.init(0))[1])
    expect(built).toBe(1)
  })

  it.each([
    [
      'a slot named as an input',
      () => fromRule({ slots: { g: zeros }, scalars: {}, step: ({ g }) => ({ update: g, g }) as never }),
      /fromRule\.slots/,
    ],
    [
      'a slot without a next value',
      () => fromRule({ slots: { m: zeros }, scalars: {}, step: ({ g }) => ({ update: g }) as never }),
      /fromRule\.step: expected a next value of m/,
    ],
    [
      'a rule without an update',
      () => fromRule({ slots: {}, scalars: {}, step: () => ({}) as never }),
      /next value of update/,
    ],
    [
      'a scalar that is no number',
      () => fromRule({ slots: {}, scalars: { lr: '0.1' as never }, step: ({ g }) => ({ update: g }) }),
      /fromRule\.scalars\.lr: expected a number/,
    ],
  ])('refuses %s', (_, make, message) => {
    expect(make).toThrow(message)
    expect(make).toThrow(expect.objectContaining({ _tag: 'InvalidArgument' }))
  })

  it.each(['element', 'leaf', 'tree', 'host'] as const)(
    'refuses a slot of scope %s named like a scalar',
    (scope) => {
      const make = () =>
        fromRule({
          slots: { rate: slot(scope, 0) },
          scalars: { rate: 1 },
          step: ({ g }) => ({ update: g, rate: g }),
        })
      expect(thrown(make)).toMatchObject({ _tag: 'InvalidArgument', path: 'fromRule.slots' })
    },
  )

  it('refuses a schedule that gives no number, before anything changes', () => {
    const tx = fromRule({
      slots: {},
      scalars: ({ count }) => ({ k: count === 0 ? 1 : (undefined as never) }),
      step: ({ g }, { k }) => ({ update: g.mul(k).mul(constant(1)) }),
    })
    expect(() => tx.update(1, { count: 1 })).toThrow(/scalars\.k: expected a number, given undefined/)
  })
})
