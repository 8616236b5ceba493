import * as fc from 'fast-check'
import { describe, expect, it, test, vi } from 'vitest'
import { stateTree } from '../../../laws/follow.js'
import {
  adam,
  applyUpdates,
  chain,
  fromRule,
  masked,
  type Params,
  scale,
  scaleByAdam,
  sgd,
  slot,
  step,
  trace,
  tree,
  zeros,
} from '../../../src/index.js'
import { thrown } from '../../thrown.js'

/** Enough elements that their memory is handed over, and too few. */
const [many, few] = [5000, 50]

const kinds = [Float32Array, Float64Array] as const

type Elements = Float32Array | Float64Array

type Kind = (typeof kinds)[number]

const drawn = (Kind: Kind, size: number): Elements =>
  new Kind(Float64Array.from({ length: size }, (_, i) => Math.sin(i)))

/** A view: TypeScript's types know none that may lie in either kind of buffer. */
const viewOf = (Kind: Kind, buffer: ArrayBufferLike, from: number, size: number): Elements =>
  Reflect.construct(Kind, [buffer, from, size])

const tx = adam(0.1)
const inPlace = step(tx, { donate: true })

describe.each(kinds.map((Kind) => [Kind.name, Kind] as const))('a large %s that is given up', (_, Kind) => {
  it('leaves its memory to the result, and is empty', () => {
    const params: Elements = drawn(Kind, many)
    const state = tx.init(params)
    const grads = drawn(Kind, many)
    const [expected, next] = step(tx)(params, state, grads)
    const { buffer } = params
    const [stepped, after] = inPlace(params, state, grads)
    expect(stepped).toEqual(expected)
    expect(after).toEqual(next)
    expect([params.length, buffer.byteLength]).toEqual([0, 0])
    const lengths = tree
      .leaves(stateTree(state))
      .map(([, leaf]) => (leaf instanceof Kind ? leaf.length : null))
    expect(lengths.filter((length) => length !== null)).toEqual([0, 0])
  })

  it('is refused where it is used again, with its place', () => {
    const params = { w: drawn(Kind, many) }
    const state = tx.init(params)
    const grads = { w: drawn(Kind, many) }
    const [stepped, next] = inPlace(params, state, grads)
    const messages = [
      () => inPlace(params, next, grads),
      () => step(tx)(params, next, grads),
      () => tx.update(grads, state, stepped),
      () => tx.update(params, next, stepped),
      () => tx.init(params),
      () => applyUpdates(params, grads),
    ].map((use) => thrown(use))
    expect(messages.map(({ _tag }) => _tag)).toEqual(Array.from(messages, () => 'Disposed'))
    expect(messages.map(({ path }) => path)).toEqual([
      'params.w',
      'params.w',
      'state.0.mu.w',
      'grads.w',
      'params.w',
      'params.w',
    ])
    // what has not been used up goes on
    expect(inPlace(stepped, next, grads)[0].w.length).toBe(many)
  })

  it('is only read where it is a gradient', () => {
    const params = drawn(Kind, many)
    const grads = drawn(Kind, many)
    inPlace(params, tx.init(params), grads)
    expect(grads).toEqual(drawn(Kind, many))
  })

  it('stays where its elements are part of a larger buffer, or others can see them', () => {
    const bytes = many * Kind.BYTES_PER_ELEMENT
    const pages = Math.ceil(bytes / 65_536)
    const buffers: readonly (readonly [string, ArrayBufferLike, number, number])[] = [
      ['after others', new ArrayBuffer(bytes + 8), 8, many],
      ['before others', new ArrayBuffer(bytes + 8), 0, many],
      ['shared by threads', new SharedArrayBuffer(bytes), 0, many],
      [
        'of WebAssembly',
        new WebAssembly.Memory({ initial: pages }).buffer,
        0,
        (pages * 65_536) / Kind.BYTES_PER_ELEMENT,
      ],
    ]
    for (const [name, buffer, from, size] of buffers) {
      const params: Elements = viewOf(Kind, buffer, from, size)
      params.set(drawn(Kind, size))
      const state = tx.init(params)
      const grads = drawn(Kind, size)
      const [expected] = step(tx)(params, state, grads)
      const [stepped] = inPlace<Params>(params, state, grads)
      expect(stepped, name).toEqual(expected)
      expect(params, name).toEqual(drawn(Kind, size))
      expect(stepped, name).not.toBe(params)
    }
  })

  it('stays where it stands in several places, or shares its buffer with what does', () => {
    const same = drawn(Kind, many)
    const view = viewOf(Kind, same.buffer, 0, many)
    const plain = sgd(0.5)
    const steps = step(plain, { donate: true })
    const cases: readonly (readonly [Params, Params])[] = [
      [
        { a: same, b: same },
        { a: drawn(Kind, many), b: drawn(Kind, many) },
      ],
      [
        { a: same, b: view },
        { a: drawn(Kind, many), b: drawn(Kind, many) },
      ],
      [same, same],
      [same, view],
      // the second leaf is not stepped, and neither is what it shares its memory with
      [
        { a: same, b: view },
        { a: drawn(Kind, many), b: null },
      ],
      [
        { a: same, b: drawn(Kind, few) },
        { a: drawn(Kind, many), b: null },
      ],
    ]
    for (const [i, [params, grads]] of cases.entries()) {
      const expected = step(plain)(params, plain.init(params), grads)
      expect(steps(params, plain.init(params), grads)).toEqual(expected)
      // the last of them stands alone
      expect(same.length).toBe(i === cases.length - 1 ? 0 : many)
    }
  })

  it('is copied where it is small', () => {
    const params = drawn(Kind, few)
    const [stepped] = inPlace(params, tx.init(params), drawn(Kind, few))
    expect(params).toEqual(drawn(Kind, few))
    expect(stepped).not.toEqual(params)
  })

  it('is handed over with what does not change', () => {
    const keeps = fromRule({
      slots: { first: slot('element', 1), m: zeros },
      scalars: {},
      step: ({ g, first, m }) => ({ update: g.mul(first), first, m: m.add(g) }),
    })
    const params = drawn(Kind, many)
    const state = keeps.init(params)
    const [, next] = step(keeps, { donate: true })(params, state, drawn(Kind, many))
    expect(next.first).toEqual(new Kind(many).fill(1))
    expect(state.first).toHaveLength(0)
  })
})

describe('a large array that is not given up', () => {
  it('is never touched', () => {
    const params = drawn(Float32Array, many)
    const state = tx.init(params)
    tx.update(drawn(Float32Array, many), state, params)
    step(tx)(params, state, drawn(Float32Array, many))
    expect(params).toEqual(drawn(Float32Array, many))
    expect(state).toEqual(tx.init(params))
  })

  it('is none of a mask: what is left alone is copied', () => {
    const some = masked(sgd(0.5), { a: true, b: false })
    const params = { a: drawn(Float64Array, many), b: drawn(Float64Array, many) }
    const grads = { a: drawn(Float64Array, many), b: drawn(Float64Array, many) }
    const expected = step(some)(params, some.init(params), grads)
    expect(step(some, { donate: true })(params, some.init(params), grads)).toEqual(expected)
  })
})

describe('where an engine hands no buffer over', () => {
  it('copies', () => {
    vi.stubGlobal('structuredClone', () => {
      throw new Error('not here')
    })
    const transfer = Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, 'transfer')
    if (transfer !== undefined)
      Object.defineProperty(ArrayBuffer.prototype, 'transfer', { value: undefined, configurable: true })
    try {
      const params = drawn(Float64Array, many)
      const [stepped] = inPlace(params, tx.init(params), drawn(Float64Array, many))
      expect(params).toEqual(drawn(Float64Array, many))
      expect(stepped.length).toBe(many)
    } finally {
      vi.unstubAllGlobals()
      if (transfer !== undefined) Object.defineProperty(ArrayBuffer.prototype, 'transfer', transfer)
    }
  })
})

test('steps that are given up are those that are not, whatever the sizes', () => {
  const size = fc.constantFrom(0, 1, 17, 2047, 2048, 4095, 4096, 20_000)
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom(...kinds), size), { minLength: 1, maxLength: 4 }),
      (leaves) => {
        const treeOf = (): Params => leaves.map(([Kind, length]) => drawn(Kind, length))
        const rule = chain(scaleByAdam(), trace(0.9), scale(-0.1))
        let [a, b] = [treeOf(), treeOf()]
        let [s, t] = [rule.init(a), rule.init(b)]
        for (let i = 0; i < 3; i++) {
          ;[a, s] = step(rule)<Params>(a, s, treeOf())
          ;[b, t] = step(rule, { donate: true })<Params>(b, t, treeOf())
        }
      },
    ),
    { numRuns: 30, seed: 20 },
  )
})

test('an engine that hands buffers over by a function of its own does so with smaller arrays', async () => {
  const known = Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, 'transfer')
  const transfer = function (this: ArrayBuffer): ArrayBuffer {
    return structuredClone(this, { transfer: [this] })
  }
  Object.defineProperty(ArrayBuffer.prototype, 'transfer', { value: transfer, configurable: true })
  try {
    vi.resetModules()
    const { takerOf } = await import('../../../src/host/numbers/giveUp.js')
    const taken = (bytes: number): boolean => {
      const array = drawn(Float64Array, bytes / 8)
      const spec = { path: [], shape: [array.length], dtype: 'float64' as const }
      const leaf = { spec, kind: 'number' as const }
      const work: unknown = {
        job: { leaves: [leaf] },
        donate: true,
        gradients: [],
        parameters: [array],
        slots: {},
      }
      // as much of a step as is looked at
      return takerOf(work as Parameters<typeof takerOf>[0])?.(array) instanceof Float64Array
    }
    expect([taken(2048), taken(2040)]).toEqual([true, false])
  } finally {
    vi.resetModules()
    if (known === undefined) Reflect.deleteProperty(ArrayBuffer.prototype, 'transfer')
    else Object.defineProperty(ArrayBuffer.prototype, 'transfer', known)
  }
})
