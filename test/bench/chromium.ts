/** Rows of threads: pages of Chromium, isolated so that they share memory, with one thread and with two. */
import { openPage, type Page } from '../browser/open.js'
import type * as Entry from './chromiumPage.js'
import { type Extent, turnTime } from './expected.js'
import { parametersOf } from './layouts.js'
import { median, rotated } from './measure.js'
import { optional, type Part } from './part.js'
import { donated } from './peers/gradpipe.js'
import type { Report } from './progress.js'
import type { Result } from './result.js'

type Threads = { readonly threads: number; readonly page: Page<typeof Entry> }

/** As many as are compared. */
const counts = [1, 2]

/** Milliseconds until a page is open, and its threads have begun. */
const starting = 5000

/** Milliseconds of all turns of a page. */
const turnsTime = ({ layouts, rounds, pace }: Extent): number =>
  layouts
    .flatMap((layout) => Array.from({ length: rounds }, (_, round) => turnTime(layout, pace, round)))
    .reduce((a, b) => a + b, 0)

const measured = async (
  { layouts, rounds, pace }: Extent,
  pages: readonly Threads[],
  { done }: Report,
): Promise<readonly Result[]> => {
  const results: Result[] = []
  for (const layout of layouts) {
    const samples = new Map(pages.map(({ threads }) => [threads, [] as number[]]))
    for (let round = 0; round < rounds; round++)
      for (const { threads, page } of rotated(pages, round)) {
        samples.get(threads)?.push(...(await page.call('adam', layout.name, pace)))
        done(turnTime(layout, pace, round))
      }
    for (const [threads, times] of samples)
      results.push({
        runtime: 'chromium, wasm',
        peer: `${donated.name}, ${threads} ${threads === 1 ? 'thread' : 'threads'}`,
        rule: 'adam',
        layout: layout.name,
        parameters: parametersOf(layout),
        ms: median(times),
        least: Math.min(...times),
        readings: times.length,
      })
  }
  return results
}

/** Adam with one thread and with two, in a page for each; none, and the reason is said, where Chromium does not start. */
export const chromium = (extent: Extent): Part =>
  optional({
    name: 'threads in Chromium',
    ms: counts.length * (starting + turnsTime(extent)),
    run: async (report) => {
      const pages: Threads[] = []
      try {
        for (const threads of counts) {
          const page = await openPage<typeof Entry>(new URL('./chromiumPage.ts', import.meta.url))
          pages.push({ threads, page })
          const pieces = await page.call('start', threads)
          report.done(starting)
          if (pieces > 0 !== threads > 1)
            throw new Error(`with ${threads} threads, workers do ${pieces} pieces of large steps`)
        }
        return await measured(extent, pages, report)
      } finally {
        for (const { page } of pages) await page.close()
      }
    },
  })
