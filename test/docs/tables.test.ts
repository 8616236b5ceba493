import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { pages } from '../../docs/tables/main.js'
import { exported, leftOut, optaxNames, ourName, renamed } from '../../docs/tables/optaxNames.js'

test.each(Object.entries(pages))('%s is what npm run tables writes', { timeout: 120_000 }, (file, page) => {
  expect(readFileSync(new URL(`../../docs/tables/${file}`, import.meta.url), 'utf8')).toBe(page())
})

describe('a name of Optax', () => {
  const types = [
    'optax.MaskOrFn',
    'optax.OptState',
    'optax.Params',
    'optax.ScalarOrSchedule',
    'optax.Updates',
  ]
  const full = ([module, name]: readonly [string, string]): string => `${module}.${name}`

  test('is exported, or left out for a reason', () => {
    const missing = optaxNames().filter(
      (each) =>
        leftOut[full(each)] === undefined &&
        !types.includes(full(each)) &&
        exported(ourName(...each)) === undefined,
    )
    expect(missing.map(full)).toEqual([])
  })

  test('that is left out is not exported', () => {
    expect(
      optaxNames()
        .filter((each) => leftOut[full(each)] !== undefined && exported(ourName(...each)) !== undefined)
        .map(full),
    ).toEqual([])
  })

  test('that is renamed or left out is one of Optax', () => {
    const all = optaxNames().map(full)
    expect([...Object.keys(renamed), ...Object.keys(leftOut)].filter((name) => !all.includes(name))).toEqual(
      [],
    )
  })
})
