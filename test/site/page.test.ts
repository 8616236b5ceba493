/** The playground as readers have it, in headless Chromium: what it shows is read from the page. */
import type { Page } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { run } from './program.js'
import { type Opened, openSite, type Reader, type Site } from './site.js'

let site: Site | undefined
beforeAll(async () => {
  site = await openSite()
}, 120_000)
afterAll(() => site?.close())

/** Opens the page, does something with it, and sees that nothing went wrong meanwhile. */
const visit = async (hash: string, act: (page: Page, opened: Opened) => Promise<void>, reader?: Reader) => {
  if (site === undefined) throw new Error('the site is not open')
  const opened = await site.open(hash, reader)
  try {
    await opened.page.waitForSelector('.map svg .traces')
    await act(opened.page, opened)
    expect(opened.complaints).toEqual([])
  } finally {
    await opened.close()
  }
}

interface Row {
  readonly name: string
  readonly loss: number
  readonly distance: number
}

const rowsOf = (page: Page): Promise<readonly Row[]> =>
  page.$$eval('.results tbody tr', (rows) =>
    rows.map((row) => ({
      name: row.getAttribute('data-name') ?? '',
      loss: Number(row.children[1]?.textContent),
      distance: Number(row.children[2]?.textContent),
    })),
  )

const rowOf = async (page: Page, name: string): Promise<Row> => {
  const row = (await rowsOf(page)).find((each) => each.name === name)
  if (row === undefined) throw new Error(`${name} is not in the table`)
  return row
}

/** A line of the contour picture. */
const lineOf = (page: Page, name: string): Promise<string> =>
  page.$eval(`.map [data-name="${name}"] .line`, (line) => line.getAttribute('d') ?? '')

const stepOf = (page: Page): Promise<number> =>
  page.$eval('output.at', (at) => Number.parseInt(at.textContent ?? '', 10))

/** Waits until the page has drawn what it was asked for. */
const drawn = (page: Page): Promise<void> =>
  page.evaluate(
    () => new Promise<void>((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve()))),
  )

const focusOn = (page: Page, selector: string): Promise<void> => page.focus(selector)

/** Moves the focus by Tab until it is there, as a reader without a mouse does. */
const tabTo = async (page: Page, selector: string): Promise<void> => {
  for (let i = 0; i < 100; i++) {
    if (await page.evaluate((to) => document.activeElement?.matches(to) ?? false, selector)) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`Tab does not lead to ${selector}`)
}

describe('a race', () => {
  it.each([
    ['quadratic', ['momentum', 'adam', 'rmsprop', 'nesterov', 'adagrad', 'yogi', 'nadam', 'lbfgs'], 0.002],
    ['rosenbrock', ['momentum', 'adam', 'yogi', 'lbfgs'], 0.02],
    ['beale', ['momentum', 'adam', 'nadam', 'nesterov', 'prodigy', 'lbfgs'], 0.005],
    ['rastrigin', ['momentum'], 0.05],
    ['noisy-valley', ['momentum', 'adam', 'sgd'], 0.3],
  ] as const)('on %s brings %j to the minimum, in the table and in the picture', async (name, good, near) => {
    await visit(`#race?f=${name}&${good.join('=&')}=`, async (page) => {
      const rows = await rowsOf(page)
      expect(rows.map((row) => row.name).sort()).toEqual([...good].sort())
      for (const { name: optimizer, distance } of rows) expect(distance, optimizer).toBeLessThan(near)
      const places = await page.evaluate(() => {
        const of = (selector: string) =>
          [...document.querySelectorAll(selector)].map((mark) => {
            const { left, top, width, height } = mark.getBoundingClientRect()
            return [left + width / 2, top + height / 2] as const
          })
        return { minimum: of('.map .minimum'), marks: of('.map .mark') }
      })
      const [[left, top] = [0, 0]] = places.minimum
      expect(places.marks).toHaveLength(good.length)
      // pixels; the picture is about 560 wide for 4 to 10
      for (const mark of places.marks)
        expect(Math.hypot(mark[0] - left, mark[1] - top)).toBeLessThan(4 + near * 140)
    })
  })

  it('is told of in a sentence when it rests', async () => {
    await visit('#race?f=quadratic&sgd=&rmsprop=', async (page) => {
      await page.waitForSelector('.status[role=status]:not(:empty)')
      expect(await page.$eval('.status', ({ textContent }) => textContent)).toMatch(
        /^After 150 steps RMSprop is lowest: loss [\d.e-]+, [\d.e-]+ from the minimum\.$/,
      )
    })
  })

  it('says who left for infinity', async () => {
    await visit('#race?f=quadratic&sgd=learningRate:1&adam=', async (page) => {
      await page.waitForSelector('.status:not(:empty)')
      expect(await page.$eval('.status', ({ textContent }) => textContent)).toMatch(
        /Left for infinity: SGD\.$/,
      )
      expect(await page.$eval('tr[data-name=sgd] td', ({ textContent }) => textContent)).toBe('lost')
    })
  })

  it('starts by itself, goes on to the end, and stops there', async () => {
    await visit(
      '#race?f=quadratic&steps=40&adam=',
      async (page) => {
        await page.waitForFunction(() => document.querySelector('output.at')?.textContent === '40 / 40')
        expect(await page.$eval('[name=play]', ({ textContent }) => textContent)).toBe('Play')
      },
      { calm: false },
    )
  })

  it('does not start by itself for who wants no motion: it is shown as it ended', async () => {
    await visit('#race?f=quadratic&steps=40&adam=', async (page) => {
      expect(await stepOf(page)).toBe(40)
      expect(await page.$eval('[name=play]', ({ textContent }) => textContent)).toBe('Play')
    })
  })

  it('is played, paused, stepped, moved and reset', async () => {
    await visit('#race?f=rosenbrock&steps=2000&adam=&sgd=', async (page) => {
      await page.click('[name=reset]')
      await drawn(page)
      expect(await stepOf(page)).toBe(0)
      expect((await rowOf(page, 'adam')).loss).toBe((await rowOf(page, 'sgd')).loss)
      await page.click('[name=step]')
      await page.click('[name=step]')
      await drawn(page)
      expect(await stepOf(page)).toBe(2)
      expect((await lineOf(page, 'adam')).match(/[ML]/g)).toHaveLength(3)
      await page.select('[name=speed]', '240')
      await page.click('[name=play]')
      await page.waitForFunction(
        () => Number.parseInt(document.querySelector('output.at')?.textContent ?? '', 10) > 10,
      )
      await page.click('[name=play]')
      await drawn(page)
      const paused = await stepOf(page)
      expect(paused).toBeLessThan(2000)
      await new Promise((resolve) => setTimeout(resolve, 200))
      expect(await stepOf(page)).toBe(paused)
      await focusOn(page, '[name=head]')
      await page.keyboard.press('End')
      await drawn(page)
      expect(await stepOf(page)).toBe(2000)
    })
  })
})

describe('what can be set', () => {
  it('changes the path, the loss, and the address, at once', async () => {
    await visit('#race?f=rosenbrock&adam=&sgd=', async (page) => {
      const [adam, sgd, row] = [
        await lineOf(page, 'adam'),
        await lineOf(page, 'sgd'),
        await rowOf(page, 'adam'),
      ]
      await focusOn(page, '[name=adam-learningRate]')
      for (let i = 0; i < 5; i++) await page.keyboard.press('ArrowRight')
      await drawn(page)
      expect(await lineOf(page, 'adam')).not.toBe(adam)
      expect(await lineOf(page, 'sgd')).toBe(sgd)
      expect((await rowOf(page, 'adam')).loss).not.toBe(row.loss)
      const told = await page.$eval('[name=adam-learningRate]', (input) =>
        input.getAttribute('aria-valuetext'),
      )
      expect(Number(told)).toBeGreaterThan(0.3)
      await page.waitForFunction((rate) => location.hash.includes(`adam=learningRate:${rate}`), {}, told)
    })
  })

  it('is the same for who opens the address', async () => {
    const address = '#race?f=beale&start=1,1&steps=77&adam=learningRate:0.05,b1:0.8&dog='
    await visit(address, async (page) => {
      expect(await page.$eval('[name=function]', (select) => (select as HTMLSelectElement).value)).toBe(
        'beale',
      )
      const values = await page.$$eval('[name=x], [name=y], [name=steps]', (inputs) =>
        inputs.map((input) => (input as HTMLInputElement).value),
      )
      expect(values).toEqual(['1', '1', '77'])
      expect((await rowsOf(page)).map(({ name }) => name)).toEqual(['adam', 'dog'])
      expect(await page.$eval('[data-name=adam] output', ({ textContent }) => textContent)).toBe('0.05')
      await page.evaluate(() => {
        location.hash = '#race?f=quadratic&lion='
      })
      await page.waitForSelector('.results [data-name=lion]')
      expect((await rowsOf(page)).map(({ name }) => name)).toEqual(['lion'])
    })
  })

  it('is the start, by a click, by dragging the ring, and by typing', async () => {
    await visit('#race?f=quadratic&sgd=', async (page) => {
      const at = () =>
        page.$$eval('[name=x], [name=y]', (inputs) =>
          inputs.map((input) => (input as HTMLInputElement).valueAsNumber),
        )
      const box = await (await page.$('.map svg'))?.boundingBox()
      if (box == null) throw new Error('no picture')
      await page.mouse.click(box.x + box.width * 0.75, box.y + box.height * 0.25)
      await drawn(page)
      const [x = 0, y = 0] = await at()
      expect(x).toBeGreaterThan(1)
      expect(y).toBeGreaterThan(1)
      expect((await rowOf(page, 'sgd')).distance).toBeGreaterThan(0)

      const ring = await (await page.$('.start'))?.boundingBox()
      if (ring == null) throw new Error('no ring')
      await page.mouse.move(ring.x + ring.width / 2, ring.y + ring.height / 2)
      await page.mouse.down()
      await page.mouse.move(ring.x - 100, ring.y + 150, { steps: 5 })
      await page.mouse.up()
      await drawn(page)
      const [draggedX = 0, draggedY = 0] = await at()
      expect(draggedX).toBeLessThan(x)
      expect(draggedY).toBeLessThan(y)

      const before = await lineOf(page, 'sgd')
      await page.focus('[name=x]')
      await page.$eval('[name=x]', (input) => (input as HTMLInputElement).select())
      await page.keyboard.type('-1.5')
      await drawn(page)
      expect(await at()).toEqual([-1.5, draggedY])
      expect(await lineOf(page, 'sgd')).not.toBe(before)
    })
  })

  it('is the function, with settings that suit it, and back to them', async () => {
    await visit('#race?f=quadratic&adam=learningRate:0.9', async (page) => {
      const rate = () => page.$eval('[data-name=adam] output', ({ textContent }) => textContent)
      expect(await rate()).toBe('0.9')
      await page.click('.fields > button')
      await drawn(page)
      expect(await rate()).toBe('0.1')
      await page.select('[name=function]', 'rosenbrock')
      await drawn(page)
      expect(await rate()).toBe('0.3')
      expect(await page.$eval('.map svg', (picture) => picture.getAttribute('aria-label'))).toBe(
        'Contours of Rosenbrock',
      )
    })
  })

  it('is who races', async () => {
    await visit('#race?f=quadratic&adam=', async (page) => {
      await page.click('.chips [name=lion]')
      await page.click('.chips [name=adam]')
      await drawn(page)
      expect((await rowsOf(page)).map(({ name }) => name)).toEqual(['lion'])
      expect(await page.$$eval('.map .traces > g', (groups) => groups.length)).toBe(1)
      await page.click('.chips [name=lion]')
      await page.waitForFunction(() => document.querySelector('.status')?.textContent?.startsWith('Nobody'))
    })
  })
})

describe('a formula', () => {
  it('is set for every optimizer that is made of a rule', async () => {
    const all =
      'sgd momentum adam rmsprop lion lbfgs nesterov nadam adagrad prodigy dog rprop adamw adadelta yogi'
    const hash = `#race?f=quadratic&steps=10&${all.split(' ').join('=&')}=`
    await visit(hash, async (page) => {
      const set = await page.$$eval('.card', (cards) =>
        cards.map((card) => [card.getAttribute('data-name'), card.querySelectorAll('.katex-html').length]),
      )
      expect(Object.fromEntries(set)).toEqual(
        Object.fromEntries(all.split(' ').map((name) => [name, name === 'lbfgs' ? 0 : 1])),
      )
    })
  })
})

describe('the program', () => {
  const race = '#race?f=noisy-valley&steps=50&adam=learningRate:0.2&prodigy='

  /** What the program prints is what the page shows. */
  const same = async (page: Page, code: string): Promise<void> => {
    const ends = await run(code)
    for (const [title, name] of [
      ['Adam', 'adam'],
      ['Prodigy', 'prodigy'],
    ] as const) {
      const { loss } = await rowOf(page, name)
      expect(Number(ends[title]?.loss.toPrecision(2))).toBe(Number(loss.toPrecision(2)))
    }
  }

  it('is copied by a button that says so, and makes the same race', async () => {
    await visit(race, async (page, { permit }) => {
      await permit('clipboard-read', 'clipboard-sanitized-write')
      await page.click('[name=copy]')
      await page.waitForFunction(
        () => document.querySelector('.listing [role=status]')?.textContent === 'Copied.',
      )
      await same(page, await page.evaluate(() => navigator.clipboard.readText()))
    })
  })

  it('is copied, or else selected to be copied, where the clipboard is refused', async () => {
    await visit(race, async (page) => {
      await page.evaluate(() => {
        Object.defineProperty(navigator, 'clipboard', {
          value: { writeText: () => Promise.reject(new Error('refused')) },
        })
        document.execCommand = () => false
      })
      await page.click('[name=copy]')
      await page.waitForFunction(
        () => document.querySelector('.listing [role=status]')?.textContent?.startsWith('Selected') === true,
      )
      await same(page, await page.evaluate(() => String(getSelection())))
    })
  })
})

describe('the keyboard', () => {
  it('reaches everything, and shows where it is', async () => {
    await visit('#race?f=quadratic&adam=&sgd=', async (page) => {
      const all = await page.evaluate(
        () =>
          [
            ...document.querySelectorAll<HTMLElement>('a[href], button, input, select, [tabindex="0"]'),
          ].filter((element) => element.offsetParent !== null && element.tabIndex >= 0).length,
      )
      const names = new Set<string>()
      for (let i = 0; i < all; i++) {
        await page.keyboard.press('Tab')
        const { name, label, outline } = await page.evaluate(() => {
          const element = document.activeElement as HTMLElement
          const style = getComputedStyle(element)
          const label =
            element.getAttribute('aria-label') ??
            (element as Partial<HTMLInputElement>).labels?.[0]?.textContent ??
            element.textContent
          return {
            name: `${[...document.querySelectorAll('*')].indexOf(element)} ${element.outerHTML.slice(0, 80)}`,
            label: `${label}`.trim(),
            outline: `${style.outlineStyle} ${style.outlineWidth}`,
          }
        })
        names.add(name)
        expect(label, `the label of element ${name}`).not.toBe('')
        expect(outline, label).toBe('solid 3px')
      }
      expect(names.size).toBe(all)
    })
  })

  it('is enough to choose a function, optimizers, a start and a rate, to play, and to copy', async () => {
    await visit('#race?f=quadratic&adam=', async (page) => {
      await tabTo(page, '[name=function]')
      await page.keyboard.press('ArrowDown')
      await drawn(page)
      expect(await page.$eval('.map svg', (picture) => picture.getAttribute('aria-label'))).toBe(
        'Contours of Rosenbrock',
      )
      await tabTo(page, '.start')
      await page.keyboard.press('ArrowRight')
      await page.keyboard.press('ArrowUp')
      await drawn(page)
      expect(await page.$eval('.start', (ring) => ring.getAttribute('aria-label'))).toBe(
        'Start at x -1.1, y 1.1',
      )
      await tabTo(page, '[name=reset]')
      await page.keyboard.press('Enter')
      await tabTo(page, '[name=step]')
      await page.keyboard.press('Space')
      await drawn(page)
      expect(await stepOf(page)).toBe(1)
      await tabTo(page, '.chips [name=lion]')
      await page.keyboard.press('Space')
      await drawn(page)
      expect((await rowsOf(page)).map(({ name }) => name)).toEqual(['adam', 'lion'])
      await tabTo(page, '[name=lion-learningRate]')
      await page.keyboard.press('Home')
      await drawn(page)
      expect(await page.$eval('[data-name=lion] output', ({ textContent }) => textContent)).toBe('0.0001')
      await tabTo(page, '[name=copy]')
      await page.keyboard.press('Enter')
      await page.waitForSelector('.listing [role=status]:not(:empty)')
    })
  })
})

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
