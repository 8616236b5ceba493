/** What readers can set on the page, with the mouse and with the keyboard alone. */
import { describe, expect, it } from 'vitest'
import { drawn, lineOf, rowOf, rowsOf, stepOf, tabTo, visits } from './visit.js'

const visit = visits()

describe('what can be set', () => {
  it('changes the path, the loss, and the address, at once', async () => {
    await visit('#race?f=rosenbrock&adam=&sgd=', async (page) => {
      const [adam, sgd, row] = [
        await lineOf(page, 'adam'),
        await lineOf(page, 'sgd'),
        await rowOf(page, 'adam'),
      ]
      await page.focus('[name=adam-learningRate]')
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

  it('is any transformation that the address describes, with its formula, and can leave the race', async () => {
    const chained = {
      $call: 'chain',
      args: [
        { $call: 'clip', args: [1] },
        { $call: 'adam', args: [0.1] },
      ],
    }
    const address = (description: object): string =>
      `#race?f=quadratic&sgd=&own=${encodeURIComponent(JSON.stringify({ gradpipe: 1, ...description }))}`
    await visit(address(chained), async (page) => {
      const names = async () => (await rowsOf(page)).map(({ name }) => name)
      expect(await names()).toEqual(['sgd', 'own'])
      expect(await page.$eval('.card[data-name=own] .formula', ({ textContent }) => textContent)).toContain(
        'β',
      )
      expect(await page.$eval('.listing', ({ textContent }) => textContent)).toContain('"$call":"chain"')
      const line = await lineOf(page, 'own')
      await page.click('.chips [name=own]')
      await drawn(page)
      expect(await names()).toEqual(['sgd'])
      await page.click('.chips [name=own]')
      await drawn(page)
      expect(await lineOf(page, 'own')).toBe(line)
      // another address, another one
      await page.evaluate(
        (hash) => {
          location.hash = hash
        },
        address({ $call: 'lion', args: [0.1] }),
      )
      await page.waitForFunction(
        () => document.querySelectorAll('.card[data-name=own]:not([hidden])').length === 1,
      )
      await drawn(page)
      expect(await lineOf(page, 'own')).not.toBe(line)
      expect(await page.$$eval('.chips [name=own]', (boxes) => boxes.length)).toBe(1)
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
      // what is out of the picture is brought to its edge when one goes on
      await page.$eval('[name=x]', (input) => (input as HTMLInputElement).select())
      await page.keyboard.type('-15')
      await drawn(page)
      await page.keyboard.press('Tab')
      expect(await at()).toEqual([-3, draggedY])
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

describe('the keyboard', () => {
  it.each([
    ['#race?f=quadratic&adam=&sgd=', 30],
    ['#digits', 9],
  ])('reaches everything of %s, and shows where it is', async (hash, least) => {
    await visit(hash, async (page) => {
      const all = await page.evaluate(
        () =>
          [
            ...document.querySelectorAll<HTMLElement>(
              ':is(a[href], button, input, select, [tabindex="0"]):not(:disabled)',
            ),
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
      expect(all).toBeGreaterThan(least)
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
