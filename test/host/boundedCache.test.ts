import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { boundedCache } from '../../src/host/boundedCache.js'

describe('the cache', () => {
  it('makes a thing once, and again only when it was forgotten', () => {
    const made: string[] = []
    const cache = boundedCache<string>(2)
    const ask = (name: string): string =>
      cache(name, () => {
        made.push(name)
        return name.toUpperCase()
      })
    expect(['a', 'b', 'a', 'a', 'b'].map(ask)).toEqual(['A', 'B', 'A', 'A', 'B'])
    expect(made).toEqual(['a', 'b'])
  })

  it('holds no more than it may, and forgets what was not asked for the longest', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.constantFrom(...'abcdefgh')),
        (capacity, asked) => {
          const cache = boundedCache<object>(capacity)
          const recent: string[] = []
          for (const name of asked) {
            let isMade = false
            cache(name, () => {
              isMade = true
              return {}
            })
            expect(isMade).toBe(!recent.includes(name))
            if (!isMade) recent.splice(recent.indexOf(name), 1)
            recent.push(name)
            if (recent.length > capacity) recent.shift()
          }
        },
      ),
      { seed: 1 },
    )
  })

  it('asks again for what could not be made', () => {
    const cache = boundedCache<number>(2)
    const fail = (): number => {
      throw new Error('not now')
    }
    expect(() => cache('a', fail)).toThrow('not now')
    expect(cache('a', () => 1)).toBe(1)
  })
})
