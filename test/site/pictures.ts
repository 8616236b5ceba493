/** Takes the guide's pictures of the playground: `npm run pictures`. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'puppeteer-core'
import { launch } from '../browser/chromium.js'
import { openSite } from './site.js'

/** What is seen of a page: of this width, between these heights. */
interface Picture {
  readonly hash: string
  readonly dark: boolean
  readonly width: number
  readonly from: number
  readonly to: number
  /** What is done before the picture is taken. */
  readonly prepare?: (page: Page) => Promise<void>
}

const waitFor = async (page: Page, condition: string): Promise<void> => {
  await page.waitForFunction(condition, { polling: 100, timeout: 120_000 })
}

/** Three runs of the digits, and a digit drawn. */
const learnDigits = async (page: Page): Promise<void> => {
  await page.click('[name=start]')
  for (const next of ['sgd', 'muon', null]) {
    await waitFor(page, `Number(document.querySelector('[data-number=step]').textContent) >= 300`)
    if (next === null) await page.click('[name=start]')
    else await page.select('select[name=optimizer]', next)
    await waitFor(
      page,
      `!(Number(document.querySelector('[data-number=step]').textContent) >= 300) || ${next === null}`,
    )
  }
  const box = await (await page.$('.digits-pad-canvas'))?.boundingBox()
  if (box == null) throw new Error('there is no pad')
  const threeOnPad = [
    [0.3, 0.25],
    [0.45, 0.15],
    [0.65, 0.2],
    [0.68, 0.35],
    [0.45, 0.48],
    [0.7, 0.6],
    [0.68, 0.78],
    [0.5, 0.86],
    [0.28, 0.76],
  ] as const
  for (const [i, [x, y]] of threeOnPad.entries()) {
    await page.mouse.move(box.x + x * box.width, box.y + y * box.height, { steps: 4 })
    if (i === 0) await page.mouse.down()
  }
  await page.mouse.up()
  await waitFor(page, `document.querySelector('.digits-verdict').textContent.includes('reads a 3')`)
  await page.mouse.move(0, 0)
}

const pictures: Readonly<Record<string, Picture>> = {
  rosenbrock: {
    hash: '#race?f=rosenbrock&momentum&adam&lbfgs',
    dark: false,
    width: 900,
    from: 144,
    to: 675,
  },
  digits: { hash: '#digits', dark: false, width: 1100, from: 60, to: 900, prepare: learnDigits },
  phone: { hash: '#race?f=noisy-valley&momentum&adam&rmsprop', dark: true, width: 400, from: 0, to: 850 },
}

const browser = await launch()
const folder = await mkdtemp(join(tmpdir(), 'gradpipe-pictures-'))
const site = await openSite(browser, folder)
try {
  for (const [name, { hash, dark, width, from, to, prepare }] of Object.entries(pictures)) {
    const { page, close } = await site.open(hash, { width, height: to, dark })
    await (prepare?.(page) ?? page.waitForSelector('.status:not(:empty)'))
    await page.screenshot({
      path: `${fileURLToPath(new URL('../../docs', import.meta.url))}/playground-${name}.png`,
      clip: { x: 0, y: from, width, height: to - from },
    })
    await close()
  }
} finally {
  await site.close()
  await browser.close()
  await rm(folder, { recursive: true, force: true })
}
