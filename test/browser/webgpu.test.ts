import { describe, expect, it } from 'vitest'
import type * as Entry from './entry/webgpu.js'
import { pageOf } from './page.js'

describe('on WebGPU in a page of Chromium', () => {
  const page = pageOf<typeof Entry>(new URL('./entry/webgpu.ts', import.meta.url))

  it('every operator is that of numbers, special values too', { timeout: 120_000 }, async () => {
    expect(await page.call('operations')).toEqual({ tried: 24, found: {} })
  })

  it('steps agree with numbers, all of them fused', { timeout: 120_000 }, async () => {
    expect(await page.call('steps')).toEqual({ tried: 8, found: {}, fallbacks: 0 })
  })

  it('donated steps need no new memory', { timeout: 120_000 }, async () => {
    const { end, ...added } = await page.call('donated')
    expect(added).toEqual({ tensors: 0, bytes: 0 })
    expect(end).toBeLessThan(0.5)
  })
})
