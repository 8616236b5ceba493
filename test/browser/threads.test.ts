import { describe, expect, it } from 'vitest'
import type * as Entry from './entry/threads.js'
import { pageOf } from './page.js'

describe('in a cross-origin isolated page, workers', () => {
  const page = pageOf<typeof Entry>(new URL('./entry/threads.ts', import.meta.url))

  it.each([
    ['adamw', false],
    ['adamw', true],
    ['lamb', true],
    ['muon', true],
  ] as const)(
    'share the steps of %s (donated: %s), bit for bit',
    { timeout: 120_000 },
    async (rule, donate) => {
      const alone = await page.call('run', rule, 1, donate)
      const shared = await page.call('run', rule, 2, donate)
      const many = await page.call('run', rule, 4, donate)
      expect(alone.workerPieces).toBe(0)
      expect(shared.workerPieces).toBeGreaterThan(0)
      expect(many.workerPieces).toBeGreaterThan(0)
      expect([shared.hash, many.hash]).toEqual([alone.hash, alone.hash])
      expect([alone.tensors, shared.tensors, many.tensors]).toEqual([0, 0, 0])
    },
  )
})
