/**
 * Runs functions of ours in a page of headless Chromium, which is cross-origin isolated and has WebGPU.
 *
 * 1. Write a module under test/browser/entry/ that exports async functions from JSON to JSON. It may import the
 *    sources and any package, and gets the backend's .wasm files by `setWasmPaths('/wasm/')`.
 * 2. In a test file, open it once, call its functions, close it:
 *
 *     import type * as Entry from './entry/tensors.js'
 *
 *     describe('in a page', () => {
 *       const page = pageOf<typeof Entry>(new URL('./entry/tensors.ts', import.meta.url))
 *       it('knows its threads', async () => expect(await page.call('wasm')).toMatchObject({ threads: true }))
 *     })
 *
 * Numbers that JSON lacks (NaN, infinities, −0) must travel in another form, such as bits. An error in the page
 * rejects the call with the page's stack and what it wrote to the console. Where Chromium cannot start, the tests
 * are skipped and say why; with `CI` set they fail. Outside of tests `openPage` does the same without Vitest.
 */
import { afterAll, beforeAll, beforeEach } from 'vitest'
import type { Launch } from './chromium.js'
import { type Functions, openPage, type Page } from './open.js'

/** A page that is open while the tests of a `describe` run. */
interface TestPage<M extends Functions<M>> extends Pick<Page<M>, 'call'> {
  /** The page itself, for a test that does more than to call functions in it. */
  readonly opened: () => Page<M>
}

/** Opens a page for the tests of the surrounding `describe`, and closes it after them. */
export const pageOf = <M extends Functions<M>>(entry: URL, options: Launch = {}): TestPage<M> => {
  let page: Page<M> | undefined
  let reason = ''
  beforeAll(async () => {
    try {
      page = await openPage<M>(entry, options)
    } catch (error) {
      if (process.env.CI) throw error
      reason = `Chromium did not start: ${error instanceof Error ? error.message : error}`
    }
  }, 180_000)
  beforeEach(({ skip }) => {
    skip(page === undefined, reason)
  })
  afterAll(() => page?.close())
  const opened = (): Page<M> => {
    if (page === undefined) throw new Error('a page is called in a test, when it is open')
    return page
  }
  return { call: (name, ...args) => opened().call(name, ...args), opened }
}
