import { describe, expect, it } from 'vitest'
import { draw } from './picture.js'
import type { Result } from './result.js'
import { resultsText, significant, table } from './table.js'
import type { Target } from './target.js'
import { verdicts, verdictText } from './verdict.js'

const result = (peer: string, layout: string, ms: number): Result => ({
  runtime: 'node, wasm',
  peer,
  rule: 'adam',
  layout,
  parameters: 1000,
  ms,
  least: ms,
  readings: 1,
})

const results: readonly Result[] = [
  {
    ...result('gradpipe donated', '1e3', 0.5),
    allocation: { buffers: 0, bytes: 0, kernels: 0, heap: 0 },
  },
  result('gradpipe donated', '1e4', 2),
  { ...result('tf.train', '1e3', 6), allocation: { buffers: 14, bytes: 56000, kernels: 18, heap: 64 } },
  { ...result('memcpy', '1e3', 0.001), rule: 'copy' },
]

describe('the report of the bench', () => {
  it('writes three significant digits', () => {
    expect([0, 0.00012345, 1.5, 12.345, 123.45, 12345.6, Number.NaN].map(significant)).toEqual([
      '0',
      '0.000123',
      '1.5',
      '12.3',
      '123',
      '12346',
      'NaN',
    ])
  })

  it('aligns the columns of a table', () => {
    expect(
      table(
        ['peer', 'ms'],
        [
          ['a', '1'],
          ['longer', '12.5'],
        ],
      ),
    ).toBe('| peer   |   ms |\n|--------|-----:|\n| a      |    1 |\n| longer | 12.5 |')
  })

  it('has times, ratios, allocations and the copy, and leaves out what was not measured', () => {
    expect(resultsText(results)).toBe(
      [
        '## node, wasm',
        '| adam, ms         | 1e3 | 1e4 |\n|------------------|----:|----:|\n| gradpipe donated | 0.5 |   2 |\n| tf.train         |   6 |     |',
        '| times gradpipe donated | 1e3 | 1e4 |\n|------------------------|----:|----:|\n| gradpipe donated       |   1 |   1 |\n| tf.train               |  12 |     |',
        '| new buffers · bytes · kernels |             1e3 |\n|-------------------------------|----------------:|\n| gradpipe donated              |     0 · 0 B · 0 |\n| tf.train                      | 14 · 56 kB · 18 |',
        'The heap grew by 64 B in a step of tf.train on 1e3.',
        '| copy, ms |   1e3 |\n|----------|------:|\n| memcpy   | 0.001 |',
        '| copy, GB/s | 1e3 |\n|------------|----:|\n| memcpy     |   8 |',
      ].join('\n\n'),
    )
  })

  it('says of every target whether it is met, with the figure', () => {
    const faster = (goals: Target['goals'], bound: Target['bound'] = 'at least'): Target => ({
      text: `${bound} so fast`,
      runtime: 'node, wasm',
      bound,
      unit: '×',
      figure: (find, layout) => {
        const [theirs, ours] = [find('tf.train', 'adam', layout), find('gradpipe donated', 'adam', layout)]
        return theirs && ours && theirs.ms / ours.ms
      },
      goals,
    })
    const all = verdicts(
      [
        faster({ '1e3': 10, '1e4': 10 }),
        faster({ '1e3': 10 }, 'at most'),
        { ...faster({ '1e9': 10 }), text: 'so large' },
      ],
      results,
    )
    expect(all.map(({ figure, met }) => [figure, met])).toEqual([
      [12, true],
      [null, null],
      [12, false],
      [null, null],
    ])
    expect(verdictText(all)).toBe(
      [
        '- met: at least so fast — 1e3 12× (at least 10)',
        '- missed 1 of 1: at most so fast — **1e3 12× (at most 10)**',
        '- not measured in this run: so large',
        '',
        '1 goals met, 1 missed, 2 not measured.',
      ].join('\n'),
    )
  })

  it('draws a bar for each peer, with its label', async () => {
    const svg = await draw(results, 'Steps')
    for (const text of ['Steps', 'adam, 1e3', 'adam, 1e4', 'tf.train', '>6<', '>0.5<'])
      expect(svg).toContain(text)
  })
})
