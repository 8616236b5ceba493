/** The guide is in the order in which it is read, each page has one title, and entries have the names that are imported. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { inReadingOrder, withOneTitle } from '../../docs/plugin/pages.js'

const root = join(import.meta.dirname, '../..')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

const readme = '# x\n\n[C](c.md) [D](d.md)\n\n## Where to read on\n\n[B](b.md) · [A](a.md)\n\n| [C](c.md) |'

test('pages come as the list of the README has them, and others behind it', () => {
  expect(inReadingOrder(readme, ['a.md', 'b.md', 'd.md', 'c.md'])).toEqual(['b.md', 'a.md', 'c.md', 'd.md'])
})

test('a page that the README does not know is an error', () => {
  expect(() => inReadingOrder(readme, ['a.md', 'z.md'])).toThrow('z.md')
})

test('the guide begins where readers begin, and the README links to all of it', () => {
  const pages = readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`)
  const ordered = inReadingOrder(read('README.md'), pages)
  expect(ordered.slice(0, 2)).toEqual(['docs/start.md', 'docs/composing.md'])
  expect([...ordered].sort()).toEqual(pages.sort())
})

test('a breadcrumb that repeats the title goes, one that leads somewhere stays', () => {
  const page = (crumbs: string): string =>
    `<div class="tsd-page-title">\n<ul class="tsd-breadcrumb" aria-label="Breadcrumb">\n${crumbs}</ul><h1>adam</h1></div>`
  const here = '<li><a href="" aria-current="page">adam</a></li>'
  expect(withOneTitle(page(here))).not.toContain('tsd-breadcrumb')
  expect(withOneTitle(page(here))).toContain('<h1>adam</h1>')
  const deep = page(`<li><a href="../modules/gradpipe.html">gradpipe</a></li>\n${here}`)
  expect(withOneTitle(deep)).toBe(deep)
})

test('every entry is named as it is imported', () => {
  const { exports, name }: { exports: Record<string, { types?: string } | null>; name: string } = JSON.parse(
    read('package.json'),
  )
  const { entryPoints }: { entryPoints: readonly string[] } = JSON.parse(read('typedoc.json'))
  const entries = Object.entries(exports).flatMap(([path, target]) =>
    target?.types === undefined
      ? []
      : [[target.types.replace('./dist/', '').replace('.d.ts', '.ts'), path.replace('.', name)] as const],
  )
  expect(entries.map(([file]) => file).sort()).toEqual([...entryPoints].sort())
  for (const [file, imported] of entries) expect(/@module (\S+)/.exec(read(file))?.[1], file).toBe(imported)
})
