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
    expect(await page.call('steps')).toEqual(rounds())
  })

  it('reports an error with its message and the console', async () => {
    await expect(page.call('fail')).rejects.toThrow(/on purpose.*console warn: about to fail/s)
  })
})
