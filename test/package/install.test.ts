/** Who installs what a page says can run the examples of that page; and what is packed links to what is packed. */
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { examplesOf, root } from '../examples/extract.js'
import { installLines, withDependencies } from './install.js'
import { contents, pack, project, runNode, temporary, withoutTypes } from './pack.js'

const folder = temporary()
let tarball = ''
let packed: readonly string[] = []

beforeAll(async () => {
  tarball = await pack(inject('onceFolder'))
  packed = contents(tarball)
}, 300_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }), 60_000)

const read = (file: string): string => readFileSync(join(root, file), 'utf8')

const guide = readdirSync(join(root, 'docs'))
  .filter((name) => name.endsWith('.md'))
  .map((name) => `docs/${name}`)

/** An example as a program for Node. */
const programOf = (code: string): string =>
  `import { strict as assert } from 'node:assert'\n${withoutTypes(code)}\nconsole.log('done')`

describe('with what it says to install, and what that needs, and nothing else', () => {
  // page.test.ts builds the page on pages
  const pages = ['README.md', ...guide.filter((file) => file !== 'docs/browser.md')]
    .map((file) => ({ file, lines: installLines(read(file)) }))
    .filter(({ lines }) => lines.length > 0)

  test('the README says so, and the page on where it runs', () => {
    const files = pages.map(({ file }) => file)
    expect(files).toContain('README.md')
    expect(files).toContain('docs/environments.md')
    for (const { file, lines } of pages) for (const line of lines) expect(line, file).toContain('gradpipe')
  })

  test.each(pages)('$file: its examples run', { timeout: 120_000 }, ({ file, lines }) => {
    const packages = lines.flat().filter((name) => name !== 'gradpipe')
    const user = project(folder, tarball, withDependencies(packages))
    const examples = examplesOf(file).filter(({ noRun }) => noRun === undefined)
    expect(examples.length).toBeGreaterThan(0)
    for (const { code, line } of examples)
      expect(runNode(user, `${line}.mjs`, programOf(code)).split('\n').at(-1), `line ${line}`).toBe('done')
  })

  test('the first example of the README runs as it stands, and shows what it found', () => {
    const user = project(folder, tarball, withDependencies(['@tensorflow/tfjs']))
    const [{ code = '' } = {}] = examplesOf('README.md')
    expect(runNode(user, 'main.mjs', withoutTypes(code)).split('\n').at(-1)).toBe('y = 2.0 x + 1.0')
  })
})

describe('every link of the packed', () => {
  /** Where a page links to, in its text or for its pictures; not what stands in code. */
  const linksOf = (page: string): readonly string[] =>
    [...page.replace(/```[\s\S]*?```|`[^`\n]*`/g, '').matchAll(/\]\(([^)\s]+)\)/g)].map(
      ([, target = '']) => target,
    )

  const isElsewhere = (target: string): boolean => /^(https?:|#)/.test(target)

  // Contributing is for those who have the repository.
  test.each(['README.md', 'CHANGELOG.md', ...guide])('%s leads somewhere', (file) => {
    expect(packed).toContain(file)
    const links = linksOf(read(file)).filter((target) => !isElsewhere(target))
    const lost = links.filter((target) => {
      const path = normalize(join(dirname(file), target.replace(/#.*$/, '')))
      return !packed.some((each) => each === path || each.startsWith(`${path}/`))
    })
    expect(lost).toEqual([])
    if (file === 'README.md') expect(links.length).toBeGreaterThan(20)
  })
})
