/** The tab of the digits on WebGL, in a browser that has it. */
import { describe, expect, it } from 'vitest'
import { toggle, untilStep, visits } from './visit.js'

const visit = visits({ webgl: true })

describe('the tab of the digits', () => {
  it('learns on WebGL', { timeout: 180_000 }, async () => {
    await visit('#digits', async (page) => {
      const shown = (name: string) =>
        page.evaluate(`document.querySelector('[data-number="${name}"]').textContent`)
      await page.select('select[name=backend]', 'webgl')
      await toggle(page)
      await untilStep(page, 40, 150_000)
      expect(await shown('runs on')).toBe('WebGL')
      expect(Number.parseFloat(String(await shown('accuracy')))).toBeGreaterThan(80)
    })
  })
})
