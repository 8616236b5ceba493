/** The tab of the digits in headless Chromium, built as the site builds it. */
import type { Browser, Page } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launch } from '../browser/chromium.js'
import { buildSite, type Opened, openPage, type Reader, type Site } from './digitsPage.js'

let site: Site
let browser: Browser
beforeAll(async () => {
  site = await buildSite()
  browser = await launch()
}, 180_000)
afterAll(async () => {
  await browser?.close()
  await site?.close()
})

/** Opens the tab, does something with it, and finds that nothing was complained of. */
const withPage = async (
  use: (page: Page, complaints: Opened['complaints']) => Promise<void>,
  options: Reader & { readonly url?: string } = {},
): Promise<void> => {
  const { page, complaints } = await openPage(browser, options.url ?? site.url, options)
  try {
    await use(page, complaints)
  } finally {
    await page.close()
  }
}

/** What stands in the page, as text. */
const text = async (page: Page, selector: string): Promise<string> =>
  String(await page.evaluate(`document.querySelector(${JSON.stringify(selector)}).textContent`))

/** A number that the page shows; NaN before it does. */
const shown = async (page: Page, name: string): Promise<number> =>
  Number.parseFloat(await text(page, `[data-number="${name}"]`))

const until = async (page: Page, condition: string, timeout = 60_000): Promise<void> => {
  await page.waitForFunction(condition, { timeout, polling: 100 })
}

const untilStep = (page: Page, step: number, timeout?: number): Promise<void> =>
  until(page, `parseFloat(document.querySelector('[data-number=step]').textContent) >= ${step}`, timeout)

const tensors = async (page: Page): Promise<number> => Number(await page.evaluate('door.numTensors()'))

const toggle = (page: Page): Promise<void> => page.click('.digits-primary')

/** Waits until the button says what it does when nothing runs. */
const pause = async (page: Page): Promise<void> => {
  await toggle(page)
  await until(page, `document.querySelector('.digits').dataset.status === 'paused'`)
}

/** The ten shares on the bars. */
const shares = async (page: Page): Promise<string> =>
  String(
    await page.evaluate(
      `[...document.querySelectorAll('.digits-bar-share')].map((e) => e.textContent).join(' ')`,
    ),
  )

/** Draws a line on the pad through points in shares of its side. */
const draw = async (page: Page, points: readonly (readonly [x: number, y: number])[]): Promise<void> => {
  const canvas = await page.$('.digits-pad-canvas')
  await canvas?.evaluate((element) => element.scrollIntoView({ block: 'center' }))
  const box = await canvas?.boundingBox()
  if (box == null) throw new Error('the pad is not there')
  for (const [i, [x, y]] of points.entries()) {
    await page.mouse.move(box.x + x * box.width, box.y + y * box.height, { steps: 5 })
    if (i === 0) await page.mouse.down()
  }
  await page.mouse.up()
}

const one = [
  [0.5, 0.15],
  [0.5, 0.85],
] as const
const seven = [
  [0.3, 0.2],
  [0.7, 0.2],
  [0.45, 0.85],
] as const

describe('the tab of the digits', () => {
  it('learns on WASM to read nine digits of ten, and then reads what is drawn', {
    timeout: 120_000,
  }, async () => {
    await withPage(async (page, complaints) => {
      await toggle(page)
      await untilStep(page, 200)
      await pause(page)
      expect(await shown(page, 'step')).toBeLessThanOrEqual(500)
      expect(await shown(page, 'accuracy')).toBeGreaterThan(90)
      expect(await shown(page, 'loss')).toBeLessThan(0.5)
      expect(await shown(page, 'steps/s')).toBeGreaterThan(0)
      expect(await text(page, '[data-number="runs on"]')).toBe('WASM')

      await draw(page, one)
      await until(page, `document.querySelector('.digits-verdict').textContent === 'The network reads a 1.'`)
      const before = await shares(page)
      await draw(page, seven)
      await until(page, `document.querySelector('.digits-verdict').textContent !== 'The network reads a 1.'`)
      expect(await shares(page)).not.toBe(before)
      expect(complaints).toEqual([])
    })
  })

  it('learns on WebGPU', { timeout: 180_000 }, async () => {
    await withPage(async (page, complaints) => {
      await until(page, `!document.querySelector('option[value=webgpu]').disabled`)
      await page.select('select[name=backend]', 'webgpu')
      await toggle(page)
      await untilStep(page, 60, 150_000)
      await pause(page)
      expect(await text(page, '[data-number="runs on"]')).toBe('WebGPU')
      expect(await shown(page, 'accuracy')).toBeGreaterThan(80)
      // reading it would wait for the device, and reports this as an error
      expect(complaints).toEqual([])
    })
  })

  it('pauses, goes on where it was, and holds no tensor more after many steps', {
    timeout: 120_000,
  }, async () => {
    await withPage(async (page) => {
      await toggle(page)
      await untilStep(page, 20)
      await pause(page)
      const [step, held] = [await shown(page, 'step'), await tensors(page)]
      await new Promise((resolve) => setTimeout(resolve, 500))
      expect(await shown(page, 'step')).toBe(step)

      await toggle(page)
      await untilStep(page, step + 100)
      await pause(page)
      expect(await tensors(page)).toBe(held)
    })
  })

  it('frees every tensor when it is left, also in the middle of a step, and can be opened again', {
    timeout: 120_000,
  }, async () => {
    await withPage(async (page, complaints) => {
      for (let i = 0; i < 2; i++) {
        await toggle(page)
        await untilStep(page, 20)
        expect(await tensors(page)).toBeGreaterThan(8)
        await page.evaluate('door.unmount()')
        await until(page, 'door.numTensors() === 0', 5_000)
        await page.evaluate('door.mount()')
        await page.waitForSelector('.digits-primary')
      }
      expect(complaints).toEqual([])
    })
  })

  it('races: another optimizer starts a run of its own, and the curve of the one before stays', {
    timeout: 120_000,
  }, async () => {
    await withPage(async (page, complaints) => {
      await toggle(page)
      await untilStep(page, 40)
      await page.select('select[name=optimizer]', 'muon')
      await until(page, `document.querySelectorAll('.digits-runs tbody tr').length === 2`)
      await untilStep(page, 40)
      await pause(page)
      expect(await text(page, '.digits-runs tbody')).toMatch(/Muon 0\.02, clip 1.*Adam 0\.003, clip 1/s)
      expect(await text(page, '.digits-code')).toBe('chain(clipByGlobalNorm(1), muon(0.02))')
      expect(await page.evaluate(`document.querySelectorAll('.digits-plot svg').length`)).toBe(2)

      await page.evaluate(
        `[...document.querySelectorAll('button')].find((b) => b.textContent === 'Reset').click()`,
      )
      await until(page, `document.querySelector('[data-number=step]').textContent === '–'`)
      expect(await text(page, '.digits-runs tbody')).toMatch(/Muon/)
      expect(complaints).toEqual([])
    })
  })

  it('takes another learning rate in the middle of a run', { timeout: 120_000 }, async () => {
    await withPage(async (page) => {
      await toggle(page)
      await untilStep(page, 20)
      await page.focus('input[name=rate]')
      await page.keyboard.press('ArrowRight')
      await until(
        page,
        `document.querySelector('.digits-runs').textContent.includes('Adam 0.003, clip 1 → 0.005')`,
      )
      const step = await shown(page, 'step')
      await untilStep(page, step + 20)
    })
  })

  it('is used by keyboard: digits of the test are put on the pad, and taken away', async () => {
    await withPage(async (page) => {
      await page.focus('.digits-pad-canvas')
      await page.keyboard.press('ArrowRight')
      expect(await text(page, '.digits-caption')).toMatch(/^test digit 2, labelled \d$/)
      await page.keyboard.press('ArrowLeft')
      await page.keyboard.press('ArrowLeft')
      expect(await text(page, '.digits-caption')).toMatch(/^test digit 1000, labelled \d$/)
      await page.keyboard.press('Delete')
      expect(await text(page, '.digits-caption')).toBe('draw a digit here')
    })
  })

  it('runs in JavaScript and says so where the policy allows no WebAssembly', {
    timeout: 120_000,
  }, async () => {
    await withPage(
      async (page) => {
        await toggle(page)
        await untilStep(page, 20, 90_000)
        expect(await text(page, '[data-number="runs on"]')).toBe('JavaScript')
        expect(await text(page, '.digits-note')).toMatch(/^WASM fails: .*: so it runs on JavaScript\.$/)
      },
      { url: site.strictUrl },
    )
  })

  it('offers no WebGPU where the browser has none, and says why', async () => {
    await withPage(
      async (page) => {
        await until(
          page,
          `document.querySelector('.digits').textContent.includes('Not WebGPU: this browser has no WebGPU.')`,
        )
        expect(await page.evaluate(`document.querySelector('option[value=webgpu]').disabled`)).toBe(true)
      },
      { before: `Object.defineProperty(navigator, 'gpu', { value: undefined })` },
    )
  })

  it('falls back to WASM where WebGPU is promised and fails', { timeout: 120_000 }, async () => {
    await withPage(
      async (page) => {
        await until(page, `!document.querySelector('option[value=webgpu]').disabled`)
        await page.select('select[name=backend]', 'webgpu')
        await toggle(page)
        await untilStep(page, 20)
        expect(await text(page, '[data-number="runs on"]')).toBe('WASM')
        expect(await text(page, '.digits-note')).toMatch(/^WebGPU fails: .*: so it runs on WASM\.$/)
        expect(await page.evaluate(`document.querySelector('select[name=backend]').value`)).toBe('wasm')
      },
      { before: `GPUAdapter.prototype.requestDevice = () => Promise.reject(new Error('no device today'))` },
    )
  })

  it.each([360, 1280])('fits a page that is %d pixels wide', async (width) => {
    await withPage(
      async (page) => {
        await toggle(page)
        await untilStep(page, 20)
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
      },
      { width, height: 740 },
    )
  })
})
