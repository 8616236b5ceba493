/** The tab of the digits as readers have it in headless Chromium: it learns, reads what is drawn, and lets go. */
import type { Page } from 'puppeteer-core'
import { describe, expect, it } from 'vitest'
import { isThorough } from '../laws/runs.js'
import { pauseAt, pauseWhen, toggle, until, untilStep, visits } from './visit.js'

const visit = visits()

/** What stands in the page, as text. */
const text = async (page: Page, selector: string): Promise<string> =>
  String(await page.evaluate(`document.querySelector(${JSON.stringify(selector)}).textContent`))

/** A number that the page shows; NaN before it does. */
const shown = async (page: Page, name: string): Promise<number> =>
  Number.parseFloat(await text(page, `[data-number="${name}"]`))

/** TensorFlow.js keeps its engine in the page's global object: what it holds, in an expression of the page. */
const held = '_tfengine.memory().numTensors'

const tensors = async (page: Page): Promise<number> => Number(await page.evaluate(held))

/** Steps until a network has begun to learn, of which the page tells every tenth: without `CI` the first that it tells. */
const begun = isThorough ? 20 : 10

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
    await visit('#digits', async (page) => {
      await toggle(page)
      await pauseAt(page, 200)
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
    })
  })

  it('learns on WebGPU', { timeout: 180_000 }, async () => {
    await visit('#digits', async (page) => {
      await until(page, `!document.querySelector('option[value=webgpu]').disabled`)
      await page.select('select[name=backend]', 'webgpu')
      await toggle(page)
      // which is first told after 20 steps; without `CI` ten will do, after which the loss is told
      const known = isThorough ? 'accuracy' : 'loss'
      await pauseWhen(
        page,
        `parseFloat(document.querySelector('[data-number=${known}]').textContent) > 0`,
        150_000,
      )
      expect(await text(page, '[data-number="runs on"]')).toBe('WebGPU')
      // below that of who takes all digits for equally likely
      expect(await shown(page, 'loss')).toBeLessThan(0.9 * Math.log(10))
      if (isThorough) expect(await shown(page, 'accuracy')).toBeGreaterThan(80)
    })
  })

  it('pauses, goes on where it was, and holds no tensor more after many steps', {
    timeout: 120_000,
  }, async () => {
    await visit('#digits', async (page) => {
      await toggle(page)
      await pauseAt(page, 20)
      const [step, before] = [await shown(page, 'step'), await tensors(page)]
      await new Promise((resolve) => setTimeout(resolve, 500))
      expect(await shown(page, 'step')).toBe(step)

      await toggle(page)
      await pauseAt(page, step + (isThorough ? 100 : 40))
      expect(await tensors(page)).toBe(before)
    })
  })

  it('frees every tensor when it is left, also in the middle of a step, and can be opened again', {
    timeout: 120_000,
  }, async () => {
    await visit('#digits', async (page) => {
      for (let i = 0; i < 2; i++) {
        await toggle(page)
        await untilStep(page, begun)
        expect(await tensors(page)).toBeGreaterThan(8)
        await page.click('#tab-race')
        await until(page, `${held} === 0`)
        expect(await page.$('.digits')).toBeNull()
        await page.click('#tab-digits')
        await page.waitForSelector('.digits-grid')
      }
    })
  })

  it('races: another optimizer starts a run of its own, and the curve of the one before stays', {
    timeout: 120_000,
  }, async () => {
    await visit('#digits', async (page) => {
      await toggle(page)
      await untilStep(page, 40)
      await page.select('select[name=optimizer]', 'muon')
      await until(page, `document.querySelectorAll('.digits-runs tbody tr').length === 2`)
      await pauseAt(page, 40)
      expect(await text(page, '.digits-runs tbody')).toMatch(/Muon 0\.02, clip 1.*Adam 0\.003, clip 1/s)
      expect(await text(page, '.digits-code')).toBe('chain(clipByGlobalNorm(1), muon(0.02))')
      expect(await page.evaluate(`document.querySelectorAll('.digits-plot svg').length`)).toBe(2)

      await page.click('.digits [name=reset]')
      await until(page, `document.querySelector('[data-number=step]').textContent === '–'`)
      expect(await text(page, '.digits-runs tbody')).toMatch(/Muon/)
    })
  })

  it('takes another learning rate in the middle of a run', { timeout: 120_000 }, async () => {
    await visit('#digits', async (page) => {
      await toggle(page)
      await untilStep(page, begun)
      await page.focus('input[name=rate]')
      await page.keyboard.press('ArrowRight')
      await until(
        page,
        `document.querySelector('.digits-runs').textContent.includes('Adam 0.003, clip 1 → 0.005')`,
      )
      const step = await shown(page, 'step')
      await untilStep(page, step + begun)
    })
  })

  it('is used by keyboard: digits of the test are put on the pad, and taken away', async () => {
    await visit('#digits', async (page) => {
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
    await visit(
      '#digits',
      async (page) => {
        await toggle(page)
        await untilStep(page, begun, 90_000)
        expect(await text(page, '[data-number="runs on"]')).toBe('JavaScript')
        expect(await text(page, '.digits-note')).toMatch(/^WASM fails: .*: so it runs on JavaScript\.$/)
      },
      { policy: 'strict', expected: /wasm|WebAssembly|falling back/i },
    )
  })

  it('runs on WASM where the policy allows that and nothing else', async () => {
    await visit(
      '#digits',
      async (page) => {
        await toggle(page)
        await untilStep(page, begun)
        expect(await text(page, '[data-number="runs on"]')).toBe('WASM')
      },
      { policy: 'wasm' },
    )
  })

  it('offers no WebGPU where the browser has none, and says why', async () => {
    await visit(
      '#digits',
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
    await visit(
      '#digits',
      async (page) => {
        await until(page, `!document.querySelector('option[value=webgpu]').disabled`)
        await page.select('select[name=backend]', 'webgpu')
        await toggle(page)
        await untilStep(page, begun)
        expect(await text(page, '[data-number="runs on"]')).toBe('WASM')
        expect(await text(page, '.digits-note')).toMatch(/^WebGPU fails: .*: so it runs on WASM\.$/)
        expect(await page.evaluate(`document.querySelector('select[name=backend]').value`)).toBe('wasm')
      },
      {
        before: `GPUAdapter.prototype.requestDevice = () => Promise.reject(new Error('no device today'))`,
        expected: /webgpu failed|no device today/,
      },
    )
  })
})
