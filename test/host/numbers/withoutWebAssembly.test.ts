/** Where no kernel can be compiled, arrays are stepped by loops of their own: the same numbers, more slowly. */
import { isDeepStrictEqual } from 'node:util'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type * as Gradpipe from '../../../src/index.js'

type Library = typeof Gradpipe

/** All that there is to see on the way through a few steps, and how many of them fell back. */
const walked = async (): Promise<{
  readonly seen: readonly unknown[]
  readonly library: Library
  readonly reasons: readonly string[]
}> => {
  vi.resetModules()
  const library: Library = await import('../../../src/index.js')
  const {
    adafactor,
    adamw,
    chain,
    clipByGlobalNorm,
    fromRule,
    lamb,
    ndarray,
    onFallback,
    scale,
    step,
    zeros,
  } = library
  const every = fromRule({
    slots: { m: zeros },
    scalars: { a: 0.7 },
    step: ({ g, p, m }, { a }) => ({
      update: g.abs().add(a).sqrt().div(p.abs().add(1)).sub(m.mul(p)).neg().max(g.sub(a)).sub(a),
      m: m
        .add(a.sub(g))
        .mul(a.div(p.abs().add(2)))
        .add(g.tanh())
        .min(3),
    }),
  })
  // what replaces something is itself replaced
  const passed = fromRule({
    slots: { last: zeros, before: zeros },
    scalars: {},
    step: ({ g, p, last }) => ({ update: g.neg(), last: p, before: last }),
  })
  const reasons: string[] = []
  const end = onFallback(({ interpreter, reason }) => reasons.push(`${interpreter}: ${reason}`))
  const seen: unknown[] = []
  const leaves = (from: number) => ({
    single: Float32Array.from({ length: 37 }, (_, i) => Math.sin(i + from)),
    double: Float64Array.from({ length: 5000 }, (_, i) => Math.cos(i + from)),
    matrix: ndarray(
      Float64Array.from({ length: 340 }, (_, i) => Math.cos(i * i + from)),
      [20, 17],
    ),
    numbers: [Math.tan(from), 0, -from],
    none: new Float64Array(0),
  })
  const factored = chain(clipByGlobalNorm(1), adafactor(0.1, { minDimSizeToFactor: 16 }))
  const clipped = chain(clipByGlobalNorm(1), scale(-0.5))
  for (const tx of [adamw(0.01), lamb(0.1), every, clipped, factored]) {
    let params = leaves(1)
    let state: unknown = tx.init(params)
    for (let i = 2; i < 5; i++) {
      // the states are those of the same transformation
      ;[params, state] = step(tx as Gradpipe.GradientTransformation<unknown>, { donate: i === 3 })(
        params,
        state,
        leaves(i),
      )
      seen.push(structuredClone([params, state]))
    }
  }
  // one array is stepped where it is
  let alone = leaves(1).double.slice(0, 4000)
  let before = passed.init(alone)
  for (let i = 2; i < 5; i++) {
    const grads = leaves(i).double.slice(0, 4000)
    ;[alone, before] = step(passed, { donate: true })(alone, before, grads)
    seen.push(structuredClone([alone, before]))
  }
  end()
  return { seen, library, reasons }
}

afterEach(() => {
  vi.unstubAllGlobals()
  // the files after this one get a library that finds WebAssembly: what it has found out, it remembers
  vi.resetModules()
})

class Refused {
  constructor() {
    throw new Error('blocked by the content-security policy')
  }
}

describe('a step on arrays', () => {
  test.each<readonly [string, () => void, string]>([
    [
      'where a policy forbids to compile',
      () => vi.stubGlobal('WebAssembly', { Memory: WebAssembly.Memory, Module: Refused, Instance: Refused }),
      'wasm: Error: blocked by the content-security policy',
    ],
    ['where there is no WebAssembly', () => vi.stubGlobal('WebAssembly', undefined), 'wasm: TypeError'],
  ])('%s is the same, and says so', async (_, stub, reason) => {
    const expected = await walked()
    expect(expected.reasons).toEqual([])
    expect(expected.library.kernelStatistics().launches).toBeGreaterThan(0)
    stub()
    const given = await walked()
    expect(isDeepStrictEqual(given.seen, expected.seen)).toBe(true)
    expect(given.seen).toHaveLength(18)
    expect(given.reasons.length).toBeGreaterThanOrEqual(18)
    expect(given.reasons.every((each) => each.startsWith(reason))).toBe(true)
    expect(given.library.kernelStatistics().fallbacks).toBe(given.reasons.length)
  })
})
