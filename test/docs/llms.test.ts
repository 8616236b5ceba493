/** What programs read: every factory is told with what it takes, and every link leads to a file of the site. */
import { join } from 'node:path'
import * as gradpipe from 'gradpipe'
import { describe, expect, test } from 'vitest'
import { forPrograms } from '../../docs/plugin/programs.js'
import { type Factory, factories } from '../../docs/tables/factories.js'
import { factoriesPage, llmsText } from '../../docs/tables/llms.js'
import { catalogue } from '../../laws/index.js'

const root = join(import.meta.dirname, '../..')
const all = factories(new Set(Object.keys(gradpipe)))
const named = (name: string): Factory | undefined => all.find((factory) => factory.name === name)

describe('factories', () => {
  test('are all of the catalogue, and each once', () => {
    expect(catalogue.map(({ name }) => name).filter((name) => named(name) === undefined)).toEqual([])
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length)
  })

  test('have a comment and an example', () => {
    expect(all.filter(({ text, example }) => text === '' || example === undefined)).toEqual([])
  })

  test('have their options with defaults, inherited ones too', () => {
    const adamw = named('adamw')
    expect(adamw?.call).toBe('adamw(learningRate, given?)')
    expect(adamw?.options.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['weightDecay?', 'b1?', 'b2?', 'eps?', 'mask?']),
    )
    expect(adamw?.options.find(({ name }) => name === 'b1?')).toMatchObject({
      type: 'number',
      text: expect.stringContaining('Default 0.9.'),
    })
    expect(named('minimize')?.options.map(({ name }) => name)).toContain('gtol?')
  })
})

test('the page has formulas and no tags', () => {
  const page = factoriesPage()
  expect(page).toContain('### adam\n')
  expect(page).toContain('\\sqrt')
  expect(page).not.toMatch(/\{@/)
})

test('every link of llms.txt leads to a file that the site has', () => {
  const files = forPrograms(root).map(([, to]) => to)
  const links = [...llmsText().matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)].map(([, link = '']) => link)
  expect(links.length).toBeGreaterThan(100)
  expect([...new Set(links)].filter((link) => !files.includes(link))).toEqual([])
})
