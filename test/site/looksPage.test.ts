/** How the page looks at two widths, light and dark; what it asks for; what it tells to assistive technology. */
import { describe, expect, it } from 'vitest'
import { drawn, tabTo, visits } from './visit.js'

const visit = visits()

describe.each([
  [360, false],
  [360, true],
  [1280, false],
  [1280, true],
] as const)('at a width of %d, dark: %s', (width, dark) => {
  it('nothing is wider than the page', async () => {
    for (const name of ['rosenbrock', 'beale', 'noisy-valley'])
      await visit(
        `#race?f=${name}&adam=&prodigy=&dog=`,
        async (page) => {
          expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width)
          const picture = await page.$eval('.map svg', (svg) => svg.getBoundingClientRect().width)
          expect(picture).toBeGreaterThan(Math.min(width * 0.8, 500))
        },
        { width, dark },
      )
  })

  it('every text has a contrast of 4.5 and every line one of 3, to what is behind it', async () => {
    await visit(
      '#race?f=rosenbrock&sgd=&momentum=&adam=&rmsprop=&lion=',
      async (page) => {
        const low = await page.evaluate(() => {
          const channels = (colour: string) => (colour.match(/[\d.]+/g) ?? []).map(Number)
          const luminance = (colour: string) => {
            const [r = 0, g = 0, b = 0] = channels(colour).map((value) => {
              const share = value / 255
              return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
            })
            return 0.2126 * r + 0.7152 * g + 0.0722 * b
          }
          const contrast = (a: string, b: string) => {
            const [x, y] = [luminance(a), luminance(b)]
            return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05)
          }
          const behind = (element: Element | null): string => {
            if (element === null) return 'rgb(255, 255, 255)'
            const { backgroundColor } = getComputedStyle(element)
            return channels(backgroundColor)[3] === 0 ? behind(element.parentElement) : backgroundColor
          }
          const texts = [...document.querySelectorAll('body *')].filter(
            (element) =>
              element.checkVisibility() &&
              [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent?.trim()),
          )
          const fills = [...document.querySelectorAll('.map [aria-label=contour] path')].map(
            (path) => getComputedStyle(path).fill,
          )
          const lines = [...document.querySelectorAll('.map .line')].flatMap((line) =>
            fills.map(
              (fill) => [`line on ${fill}`, contrast(getComputedStyle(line).stroke, fill), 3] as const,
            ),
          )
          const all = [
            ...texts.map((element) => {
              const { color, fill } = getComputedStyle(element)
              const own = element instanceof SVGElement ? (fill === 'none' ? color : fill) : color
              return [element.textContent ?? '', contrast(own, behind(element)), 4.5] as const
            }),
            ...lines,
          ]
          return {
            count: texts.length,
            fills: fills.length,
            low: all.filter(([, value, least]) => value < least),
          }
        })
        expect(low.count).toBeGreaterThan(100)
        expect(low.fills).toBeGreaterThan(5)
        expect(low.low).toEqual([])
      },
      { width, dark },
    )
  })
})

describe('the page', () => {
  it('asks for nothing from elsewhere, and complains about nothing, wherever one goes', async () => {
    await visit(
      '',
      async (page) => {
        for (const name of ['rosenbrock', 'beale', 'rastrigin', 'noisy-valley', 'quadratic']) {
          await page.select('[name=function]', name)
          for (const box of ['lbfgs', 'prodigy']) await page.click(`.chips [name=${box}]`)
          await drawn(page)
        }
        await page.setViewport({ width: 500, height: 800 })
        await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'dark' }])
        await drawn(page)
        expect(await page.$eval('.map svg', (svg) => svg.getBoundingClientRect().width)).toBeLessThan(500)
      },
      { calm: false },
    )
  })

  it('has tabs that arrow keys go through, round to the first, and that the address tells', async () => {
    await visit('#race?f=beale&adam=', async (page) => {
      const selected = () =>
        page.$eval('[role=tab][aria-selected=true]', (tab) => ({
          id: tab.id,
          focused: tab === document.activeElement,
          panels: [...document.querySelectorAll('[role=tabpanel]:not([hidden])')].map(({ id }) => id),
          address: location.hash,
        }))
      const tabs = await page.$$eval('[role=tab]', (all) => all.map(({ id }) => id.replace('tab-', '')))
      await tabTo(page, '[role=tab]')
      for (const name of [...tabs.slice(1), 'race']) {
        await page.keyboard.press('ArrowRight')
        const { address, ...shown } = await selected()
        expect(shown).toEqual({ id: `tab-${name}`, focused: true, panels: [`panel-${name}`] })
        // a tab is as it was left
        expect(address).toBe(name === 'race' ? '#race?f=beale&adam=' : `#${name}`)
      }
      await page.waitForSelector('.map svg[aria-label="Contours of Beale"]')
    })
  })

  it('has a name, a language, a heading, and tabs that say which is shown', async () => {
    await visit('', async (page) => {
      expect(await page.title()).toBe('gradpipe playground')
      expect(await page.$eval('html', ({ lang }) => lang)).toBe('en')
      expect(await page.$$eval('h1', (all) => all.length)).toBe(1)
      const tab = await page.$eval('[role=tab][aria-selected=true]', (button) =>
        button.getAttribute('aria-controls'),
      )
      expect(await page.$eval(`#${tab}`, (panel) => panel.getAttribute('role'))).toBe('tabpanel')
    })
  })
})
