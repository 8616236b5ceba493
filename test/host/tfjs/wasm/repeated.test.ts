import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { repeated } from '../../../../src/host/tfjs/wasm/repeated.js'

describe('repeated', () => {
  it('finds exactly the numbers that occur more than once, in one column or in several', () => {
    const id = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 2 ** 31 - 1 }))
    fc.assert(
      fc.property(fc.array(fc.array(id)), (columns) => {
        const all = columns.flat()
        const expected = new Set(all.filter((value, i) => all.indexOf(value) !== i))
        expect(repeated(columns)).toEqual(expected)
      }),
      { seed: 1, numRuns: 500 },
    )
  })

  it('remembers nothing of what it was asked before', () => {
    expect(repeated([[1, 2, 3]]).size).toBe(0)
    expect(repeated([[3, 4], [1]]).size).toBe(0)
    expect(repeated([[1, 2], [2]])).toEqual(new Set([2]))
    expect(repeated([[1], [2]]).size).toBe(0)
  })

  it('takes a hundred thousand numbers, and ids that collide', () => {
    const many = Array.from({ length: 100_000 }, (_, i) => i + 1)
    expect(repeated([many]).size).toBe(0)
    expect(repeated([many, [100_000, 1]])).toEqual(new Set([100_000, 1]))
    const colliding = Array.from({ length: 1000 }, (_, i) => 1 + i * 2 ** 20)
    expect(repeated([colliding, [1]])).toEqual(new Set([1]))
  })

  it('finds nothing in nothing', () => {
    expect(repeated([]).size).toBe(0)
    expect(repeated([[], []]).size).toBe(0)
  })
})
