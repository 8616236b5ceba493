/** The example runner finds what it should run, and refuses what it could only pass over in silence. */
import { describe, expect, test } from 'vitest'
import { typeErrors } from './compile.js'
import { examplesIn } from './extract.js'

const inComment = (...lines: readonly string[]): string =>
  ['import x from "x"', '/**', ...lines.map((line) => ` * ${line}`), ' */', 'export const adam = 1'].join(
    '\n',
  )

const block = (info: string, ...code: readonly string[]): readonly string[] => [
  `\`\`\`${info}`,
  ...code,
  '```',
]

describe('extraction', () => {
  test('names an example by the export that follows its comment, and keeps the lines of the file', () => {
    const source = inComment('Adam.', '@example', ...block('ts', 'const a = 1', 'assert(a)'))
    const [example, ...others] = examplesIn('src/adam.ts', source)
    expect(others).toEqual([])
    expect(example).toMatchObject({ subject: 'adam', line: 6, keepsTensors: false, noRun: undefined })
    expect(example?.code.split('\n').slice(5)).toEqual(['const a = 1', 'assert(a)', ''])
  })

  test('names an example of a page by its heading', () => {
    const source = ['# Guide', '## First steps', ...block('ts', 'assert(1)'), ...block('sh', 'npm i')].join(
      '\n',
    )
    expect(examplesIn('docs/guide.md', source).map(({ subject, line }) => [subject, line])).toEqual([
      ['First steps', 4],
    ])
  })

  test('a block that continues another one runs after it', () => {
    const source = inComment(
      ...block('ts keeps-tensors', 'const a = 1'),
      'Then',
      ...block('ts continues', 'assert(a)'),
    )
    const [, second] = examplesIn('src/adam.ts', source)
    expect(second?.code.split('\n')).toEqual(['', '', '', 'const a = 1', '', '', '', 'assert(a)', ''])
    expect(second?.keepsTensors).toBe(true)
  })

  test('a block that is only shown says why', () => {
    const shown = examplesIn('docs/guide.md', block('ts no-run needs a browser', 'x').join('\n'))
    expect(shown.map(({ noRun }) => noRun)).toEqual(['needs a browser'])
    expect(() => examplesIn('docs/guide.md', block('ts no-run', 'x').join('\n'))).toThrow(
      'docs/guide.md:1: no-run is followed by the reason',
    )
  })

  test.each([
    [
      'an @example without a block',
      inComment('@example', 'None.'),
      'src/adam.ts:3: this @example has no ```ts block',
    ],
    ['an unknown word', inComment(...block('ts skip', 'x')), 'src/adam.ts:3: ```ts knows no word skip'],
    ['a block that does not end', inComment('```ts', 'x'), 'src/adam.ts:3: this block does not end'],
    [
      'a first block that continues',
      inComment(...block('ts continues', 'x')),
      'there is no block to continue',
    ],
  ])('%s is refused', (_, source, message) => {
    expect(() => examplesIn('src/adam.ts', source)).toThrow(message)
  })
})

describe('type checking', () => {
  test('names the line in the file, and lets an example leave a value unused', { timeout: 120_000 }, () => {
    const source = inComment(
      '@example',
      ...block('ts', 'const unused = 1', 'const text: string = 2', 'assert.equal(1, 1)'),
    )
    const [example] = examplesIn('src/adam.ts', source)
    if (example === undefined) throw new Error('no example was found')
    expect(typeErrors([example])(example)).toEqual([
      "src/adam.ts:6: Type 'number' is not assignable to type 'string'.",
    ])
  })
})
