/** How a test looks at the playground: it opens the page, does something, and reads what is there. */
import type { Browser, Page } from 'puppeteer-core'
import { afterAll, beforeAll, beforeEach, expect, inject } from 'vitest'
import { type Launch, launch } from '../browser/chromium.js'
import { once } from '../once.js'
import { type Opened, openSite, type Reader, type Site } from './site.js'

/** Opens the page, does something with it, and sees that nothing went wrong meanwhile. */
export type Visit = (
  address: string,
  act: (page: Page, opened: Opened) => Promise<void>,
  reader?: Reader & {
    /** What the page complains of because the test takes something from it. */
    readonly expected?: RegExp
  },
) => Promise<void>

/** What a file's tests need: how Chromium is launched, and pages besides those of the playground. */
export interface Visits extends Launch {
  /** Makes pages into a folder. */
  readonly pages?: (folder: string) => Promise<void>
}

/**
 * Opens the site for the tests of a file, with pages that it makes into a folder. Where Chromium cannot start, they are
 * skipped and say why; with `CI` set they fail.
 */
export const visits = ({ pages, ...options }: Visits = {}): Visit => {
  let browser: Browser | undefined
  let site: Site | undefined
  let reason = ''
  beforeAll(async () => {
    try {
      browser = await launch(options)
    } catch (error) {
      if (process.env.CI) throw error
      reason = `Chromium did not start: ${error instanceof Error ? error.message : error}`
      return
    }
    const folder = inject('onceFolder')
    site = await openSite(browser, folder, pages && [await once(folder, 'pages', pages)])
  }, 180_000)
  beforeEach(({ skip }) => {
    skip(browser === undefined, reason)
  })
  afterAll(async () => {
    await site?.close()
    await browser?.close()
  })

  return async (address, act, reader) => {
    if (site === undefined) throw new Error('the site is not open')
    const opened = await site.open(address, reader)
    try {
      await act(opened.page, opened)
      expect(opened.complaints.filter((said) => !reader?.expected?.test(said))).toEqual([])
    } finally {
      await opened.close()
    }
  }
}

export interface Row {
  readonly name: string
  readonly loss: number
  readonly distance: number
}

export const rowsOf = (page: Page): Promise<readonly Row[]> =>
  page.$$eval('.results tbody tr', (rows) =>
    rows.map((row) => ({
      name: row.getAttribute('data-name') ?? '',
      loss: Number(row.children[1]?.textContent),
      distance: Number(row.children[2]?.textContent),
    })),
  )

export const rowOf = async (page: Page, name: string): Promise<Row> => {
  const row = (await rowsOf(page)).find((each) => each.name === name)
  if (row === undefined) throw new Error(`${name} is not in the table`)
  return row
}

/** A line of the contour picture. */
export const lineOf = (page: Page, name: string): Promise<string> =>
  page.$eval(`.map [data-name="${name}"] .line`, (line) => line.getAttribute('d') ?? '')

export const stepOf = (page: Page): Promise<number> =>
  page.$eval('output.at', (at) => Number.parseInt(at.textContent ?? '', 10))

/** Waits until an expression of the page is true. */
export const until = async (page: Page, condition: string, timeout = 60_000): Promise<void> => {
  await page.waitForFunction(condition, { timeout, polling: 100 })
}

/**
 * Presses the button that starts and pauses. The page itself does: where a layout moves the button meanwhile, a mouse comes
 * to another place.
 */
export const toggle = (page: Page): Promise<void> =>
  page.$eval('[name=start]', (button) => (button as HTMLButtonElement).click())

/** Waits until the network has taken so many steps. */
export const untilStep = (page: Page, step: number, timeout?: number): Promise<void> =>
  until(page, `parseFloat(document.querySelector('[data-number=step]').textContent) >= ${step}`, timeout)

/**
 * Pauses as soon as an expression of the page is true, and waits until nothing runs. The page itself looks, in each frame,
 * and presses the button: a driver that comes late would start what has ended by then.
 */
export const pauseWhen = async (page: Page, condition: string, timeout = 60_000): Promise<void> => {
  const press = `(document.querySelector('[name=start]').click(), true)`
  await page.waitForFunction(`${condition} && ${press}`, { timeout, polling: 'raf' })
  await until(page, `document.querySelector('.digits').dataset.status === 'paused'`)
}

/** Pauses when the network has taken so many steps. */
export const pauseAt = (page: Page, step: number): Promise<void> =>
  pauseWhen(page, `parseFloat(document.querySelector('[data-number=step]').textContent) >= ${step}`)

/** Waits until the page has drawn what it was asked for. */
export const drawn = (page: Page): Promise<void> =>
  page.evaluate(
    () => new Promise<void>((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve()))),
  )

/** Moves the focus by Tab until it is there, as a reader without a mouse does. */
export const tabTo = async (page: Page, selector: string): Promise<void> => {
  for (let i = 0; i < 100; i++) {
    if (await page.evaluate((to) => document.activeElement?.matches(to) ?? false, selector)) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`Tab does not lead to ${selector}`)
}
