import { describe, expect, it } from 'vitest'
import { type Extent, expected, turnTime } from './expected.js'
import { layouts, usualLayouts } from './layouts.js'
import { inWords, remaining } from './progress.js'
import { usualRules } from './rules.js'

const layout = { name: 'small', shapes: [[10]] }
const pace = { warmUp: 50, turn: 100, reading: 0.2 }
const extent: Extent = { layouts: [layout], rules: ['adam'], rounds: 1, pace }

describe('the time that the bench expects', () => {
  it('is a turn for every peer and for the copy, with a longer warm-up in the first round', () => {
    // and a few steps before it is timed, which are short here
    expect(turnTime(layout, pace, 0)).toBeCloseTo(3 * 50 + 100, -1)
    expect(turnTime(layout, pace, 1)).toBeCloseTo(50 + 100, 3)
    expect(expected(extent, 3)).toBeCloseTo(4 * 250, -1)
    expect(expected({ ...extent, rounds: 3 }, 3)).toBeCloseTo(4 * (250 + 150 + 150), -1)
  })

  it('grows with layouts, rules, peers and pace', () => {
    expect(expected({ ...extent, layouts: [layout, layout] }, 3)).toBeCloseTo(2 * expected(extent, 3))
    expect(expected({ ...extent, rules: ['adam', 'sgd'] }, 3)).toBeCloseTo(expected(extent, 6))
    expect(expected({ ...extent, pace: { ...pace, turn: 300 } }, 3)).toBeCloseTo(4 * 450, -1)
  })

  it('is longer where three steps of a large layout take longer than a turn', () => {
    const large = layouts.find(({ name }) => name === 'resnet50') ?? layout
    expect(turnTime(large, pace, 1)).toBeGreaterThan(2 * turnTime(layout, pace, 1))
    // and more so in the first round
    expect(turnTime(large, pace, 0)).toBeGreaterThan(1.5 * turnTime(large, pace, 1))
  })

  it('leaves out by default the layouts that take the most memory', () => {
    const names = usualLayouts.map(({ name }) => name)
    expect(names).not.toContain('resnet50')
    expect(names).not.toContain('1e7')
    expect(layouts.map(({ name }) => name)).toEqual(expect.arrayContaining(names))
    expect(usualRules).toContain('adam')
  })
})

describe('the progress of the bench', () => {
  it('says times in words', () => {
    expect([400, 59_400, 61_000, 200_000].map(inWords)).toEqual(['0 s', '59 s', '1 min 1 s', '3 min 20 s'])
  })

  it('expects the rest to be as slow as what is over', () => {
    expect(remaining(1000, 0, 50)).toBe(1000)
    expect(remaining(1000, 250, 500)).toBe(1500)
    expect(remaining(1000, 1200, 500)).toBe(0)
  })
})
