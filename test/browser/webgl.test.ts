/** Steps on TensorFlow.js's WebGL backend, on the WebGL of a browser: one page for all of them. */
import { describe, expect, it } from 'vitest'
import { isLong, runsOf } from '../laws/runs.js'
import type * as Entry from './entry/webgl.js'
import { pageOf } from './page.js'

/** Nothing differs, everything is fused, nothing is left. */
const fine = (tried: number) => ({ tried, found: {}, fallbacks: [], tensors: 0 })

/** A device in software compiles a shader in some hundredths of a second, and its cores may be busy. */
const timeout = 120_000

describe('on WebGL in a page of Chromium', { timeout }, () => {
  const page = pageOf<typeof Entry>(new URL('./entry/webgl.ts', import.meta.url), { webgl: true })

  it('every operator is that of numbers, special values too', async () => {
    expect(await page.call('operations')).toEqual(fine(24))
  })

  it.each([true, false])(
    'steps agree with numbers, all of them fused, in textures that are packed: %s',
    async (packed) => {
      expect(await page.call('steps', packed)).toEqual(fine(8))
    },
  )

  it.each([0, 1, 2, 3, 4, 5, 6, 7])('the catalogue agrees with numbers: part %i of 8', async (part) => {
    const { tried, ...rest } = await page.call('ofCatalogue', part, 8)
    expect(rest).toEqual({ found: {}, fallbacks: [], tensors: 0 })
    expect(tried).toBeGreaterThan(40)
  })

  it('reductions see special values as numbers do, wherever they are', async () => {
    expect(await page.call('special')).toEqual(fine(24))
  })

  it.each([1, 2, 3, 4])(
    'random rules are exact, with reductions and slots of every scope: %i',
    async (seed) => {
      const start = isLong ? Math.floor(Math.random() * 2 ** 31) : seed
      expect(await page.call('random', runsOf(16), start)).toEqual(fine(2))
    },
  )
})
