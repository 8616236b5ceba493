import { describe, expect, it } from 'vitest'
import {
  adam,
  chain,
  fromRule,
  injectHyperparams,
  masked,
  type Params,
  scale,
  step,
  trace,
} from '../../src/index.js'
import type { Program } from '../../src/program/program.js'

const programAt = <S>(tx: ReturnType<typeof adam> | ReturnType<typeof masked<S>>): Program | undefined =>
  tx.ruled?.begin().program

describe('a transformation that has seen trees of a structure', () => {
  const tx = trace(0.5)

  it('keeps the order of the parameters’ keys, when they come in another one', () => {
    const run = step(tx)
    const keys = (params: Params): readonly string[] => Object.keys(params ?? {})
    const first = { b: 1, a: 2 }
    const second = { a: 2, b: 1 }
    expect(keys(run(first, tx.init(first), first)[0])).toEqual(['b', 'a'])
    expect(keys(run(second, tx.init(second), first)[0])).toEqual(['a', 'b'])
    expect(keys(run(first, tx.init(second), second)[0])).toEqual(['b', 'a'])
  })

  it('notices another length, kind or structure', () => {
    const seen = { w: Float32Array.of(1, 2) }
    tx.update(seen, tx.init(seen))
    const state = tx.init(seen)
    expect(() => tx.update({ w: Float32Array.of(1, 2, 3) }, state)).toThrow(/float32 \[3\]/)
    expect(() => tx.update({ w: Float64Array.of(1, 2) }, state)).toThrow(/Float64Array/)
    expect(() => tx.update({ w: 1 }, state)).toThrow(/state.trace.w/)
    expect(() => tx.update({ v: Float32Array.of(1, 2) }, state)).toThrow(/state.trace/)
    expect([...tx.update(seen, state)[0].w]).toEqual([1, 2])
  })

  it('notices a gradient that is null where one was, and one where null was', () => {
    const params = { a: 1, b: 2 }
    const state = tx.init(params)
    expect(tx.update<Params>({ a: 1, b: 1 }, state)[0]).toEqual({ a: 1, b: 1 })
    expect(tx.update<Params>({ a: 1, b: null }, state)[0]).toEqual({ a: 1, b: null })
    expect(tx.update<Params>(null, state)[0]).toEqual({ a: null, b: null })
    expect(tx.update<Params>({ a: 1, b: 1 }, state)[0]).toEqual({ a: 1, b: 1 })
  })

  it('asks for parameters where it reads them, although it had them before', () => {
    const reads = fromRule({ slots: {}, scalars: {}, step: ({ g, p }) => ({ update: g.add(p) }) })
    expect(reads.update(1, {}, 2)[0]).toBe(3)
    expect(() => reads.update(1, {})).toThrow(/parameters, as the third argument/)
    expect(() => reads.update<Params>(1, {}, null)).toThrow(/params: expected a leaf/)
    expect(reads.update(1, {}, 2)[0]).toBe(3)
  })

  it('serves more structures in turn than it remembers', () => {
    const sizes = [1, 2, 3, 4, 5, 6, 7]
    const states = new Map(sizes.map((n) => [n, tx.init(new Float64Array(n))]))
    for (const round of [1, 2, 3])
      for (const n of sizes) {
        const [update, state] = tx.update(new Float64Array(n).fill(1), states.get(n) ?? tx.init(0))
        states.set(n, state)
        expect([...update]).toEqual(Array(n).fill(2 - 0.5 ** (round - 1)))
      }
  })
})

describe('a program', () => {
  it('is the same object for equal rules, whatever their numbers', () => {
    expect(programAt(adam(0.1))).toBeDefined()
    expect(programAt(adam(0.1))).toBe(programAt(adam(0.2)))
    expect(programAt(adam(0.1))).not.toBe(programAt(adam(0.1, { nesterov: true })))
  })

  it('stays the same when a hyperparameter in the state changes', () => {
    const tx = injectHyperparams((h: { rate: number }) => chain(trace(0.9), scale(h.rate)))({ rate: 0.1 })
    const state = tx.init(0)
    const changed = { ...state, hyperparams: { rate: 0.2 } }
    expect(tx.ruled?.resume(state, '', {}).program).toBe(tx.ruled?.resume(changed, '', {}).program)
  })

  it('is asked once which leaves a mask selects', () => {
    let asked = 0
    const tx = masked(scale(2), () => {
      asked += 1
      return true
    })
    const state = tx.init({ a: 1, b: 1 })
    const before = asked
    for (let i = 0; i < 5; i++) tx.update({ a: 1, b: 1 }, state)
    expect(asked - before).toBe(2)
  })
})
