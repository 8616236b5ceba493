import { describe, expect, it } from 'vitest'
import { useBackend } from '../backends.js'
import type * as Entry from './entry/tensors.js'
import { pageOf } from './page.js'
import { rounds } from './rounds.js'

describe('in a page of headless Chromium', () => {
  const page = pageOf<typeof Entry>(new URL('./entry/tensors.ts', import.meta.url))

  it('is cross-origin isolated, shares memory and has a WebGPU adapter', async () => {
    expect(await page.call('surroundings')).toEqual({
      isolated: true,
      shared: true,
      adapter: expect.any(String),
    })
  })

  it('starts the WASM backend with threads, in shared memory', async () => {
    expect(await page.call('threads')).toEqual({ backend: 'wasm', threads: true, shared: true })
  })

  it('takes steps with the numbers of Node', async () => {
    await useBackend('wasm')
    const [there, here] = [await page.call('steps'), rounds()]
    expect(there.map(({ length }) => length)).toEqual(here.map(({ length }) => length))
    // with threads, a norm is added up in another order
    const apart = here.flat().map((x, i) => Math.abs(x - (there.flat()[i] ?? Number.NaN)) / (1 + Math.abs(x)))
    expect(Math.max(...apart)).toBeLessThan(1e-6)
  })

  it('reports an error with its message and the console', async () => {
    await expect(page.call('fail')).rejects.toThrow(/on purpose.*console warn: about to fail/s)
  })
})
