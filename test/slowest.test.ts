import { expect, test } from 'vitest'
import { slowest } from './slowest.js'

test('the slowest files come first, with their shares, and the others in one line', () => {
  const files = [
    { file: 'a', ms: 1000 },
    { file: 'b', ms: 3000 },
    { file: 'c', ms: 500 },
    { file: 'd', ms: 500 },
  ]
  expect(slowest(files, 2)).toEqual([
    '    3.0 s  60.0 %  b',
    '    1.0 s  20.0 %  a',
    '    1.0 s  20.0 %  2 more (SLOWEST=all names them)',
  ])
  expect(slowest([], 2)).toEqual([])
})
