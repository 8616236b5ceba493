/** A race as readers see it in headless Chromium, its formulas, and its program: all is read from the page. */
import type { Page } from 'puppeteer-core'
import { describe, expect, it } from 'vitest'
import { run } from './program.js'
import { drawn, lineOf, rowOf, rowsOf, stepOf, visits } from './visit.js'

const visit = visits()

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

  it('runs under a strict content-security policy', async () => {
    await visit(
      '#race?f=quadratic&adam=',
      async (page) => expect((await rowOf(page, 'adam')).distance).toBeLessThan(0.002),
      { policy: 'strict' },
    )
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
      await page.select('[name=speed]', '60')
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
      await page.focus('[name=head]')
      await page.keyboard.press('End')
      await drawn(page)
      expect(await stepOf(page)).toBe(2000)
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
