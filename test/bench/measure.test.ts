import { describe, expect, it } from 'vitest'
import { difference } from './agreement.js'
import { limits } from './limit.js'
import { leastSteps, median, rotated, turn } from './measure.js'
import { problem } from './peer.js'
import type { Result } from './result.js'

describe('the measurements of the bench', () => {
  it('take the middle of the readings, or the mean of the middle two, in any order', () => {
    expect(median([3, 100, 1])).toBe(3)
    expect(median([4, 1, 100, 2])).toBe(3)
    expect(median([7])).toBe(7)
    expect(median([])).toBeNaN()
  })

  it('let another peer start each round, and every peer take its turn', () => {
    expect(rotated(['a', 'b', 'c'], 0)).toEqual(['a', 'b', 'c'])
    expect(rotated(['a', 'b', 'c'], 4)).toEqual(['b', 'c', 'a'])
  })

  it('prepare the gradients of every step before it, and wait for the steps', async () => {
    let [prepared, stepped, settled] = [0, 0, 0]
    const samples = await turn(
      {
        prepare: (steps) => {
          expect(stepped).toBe(prepared)
          prepared += steps
        },
        step: () => {
          stepped++
        },
        settle: async () => {
          settled++
          expect(stepped).toBe(prepared)
        },
        params: async () => [],
        close: () => {},
      },
      { warmUp: 0, turn: 0, reading: 0 },
    )
    expect(samples.length).toBeGreaterThanOrEqual(2)
    expect(settled).toBeGreaterThanOrEqual(leastSteps)
    expect(stepped).toBe(prepared)
  })

  it('start every peer from the same numbers', () => {
    const layout = { name: 'two', shapes: [[3], [2, 2]] }
    const [a, b] = [problem('sgd', layout), problem('adam', layout)]
    expect(a.params).toEqual(b.params)
    expect(a.grads).toEqual(b.grads)
    expect(a.params.map(({ length }) => length)).toEqual([3, 4])
    expect(a.params[0]).not.toEqual(a.grads[0])
    expect(Math.max(...a.params.flatMap((leaf) => [...leaf].map(Math.abs)))).toBeLessThanOrEqual(1)
  })
})

describe('the limit of memory', () => {
  it('is the time of a copy times the bytes that a rule moves over those of the copy', () => {
    const result = (peer: string, rule: Result['rule'], ms: number): Result => ({
      runtime: 'r',
      peer,
      rule,
      layout: '1e3',
      parameters: 1000,
      ms,
      least: ms / 2,
      readings: 1,
    })
    const found = limits([result('memcpy', 'copy', 2), result('a', 'adam', 9), result('a', 'sgd', 9)])
    expect(found.map(({ rule, ms, least }) => [rule, ms, least])).toEqual([
      ['sgd', 3, 1.5],
      ['adam', 7, 3.5],
    ])
  })
})

describe('the agreement of peers', () => {
  const [start, a] = [[Float32Array.of(1, 1)], [Float32Array.of(1.5, 1)]]

  it('is a difference as a share of the change', () => {
    expect(difference(start, a, a)).toBe(0)
    expect(difference(start, a, [Float32Array.of(1.25, 1)])).toBeCloseTo(0.5)
    expect(difference(start, a, [Float32Array.of(1.5 + 2 ** -22, 1)])).toBe(0)
  })

  it('is broken by what is not a number, and by other shapes', () => {
    expect(difference(start, a, [Float32Array.of(Number.NaN, 1)])).toBe(Number.POSITIVE_INFINITY)
    expect(difference(start, a, [Float32Array.of(1.5)])).toBe(Number.POSITIVE_INFINITY)
    expect(difference(start, a, [])).toBe(Number.POSITIVE_INFINITY)
  })
})
