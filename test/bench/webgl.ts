/** Rows of WebGL, from a page of Chromium that has it in software. */
import { openPage } from '../browser/open.js'
import { type Extent, expected } from './expected.js'
import { optional, type Part } from './part.js'
import { tfjsPeers } from './peers/all.js'
import type { Result } from './result.js'
import type * as Entry from './webglPage.js'

/** Rows on WebGL; none, and the reason is said, where Chromium does not start. */
export const webgl = (extent: Extent): Part =>
  optional({
    name: 'WebGL in Chromium',
    ms: expected(extent, tfjsPeers.length),
    run: async ({ say, done }) => {
      const page = await openPage<typeof Entry>(new URL('./webglPage.ts', import.meta.url), {
        webgl: true,
        patience: 3_600_000,
      })
      const results: Result[] = []
      try {
        for (const layout of extent.layouts)
          for (const rule of extent.rules) {
            const only = { ...extent, layouts: [layout], rules: [rule] }
            const { results: found, said } = await page.call('measure', only)
            results.push(...found)
            said.forEach(say)
            done(expected(only, tfjsPeers.length))
          }
      } finally {
        await page.close()
      }
      return results
    },
  })
