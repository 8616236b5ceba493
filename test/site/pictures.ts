/** Takes the guide's pictures of the playground: `npm run pictures`. */
import { fileURLToPath } from 'node:url'
import { openSite } from './site.js'

/** What is seen of a page: of this width, between these heights. */
interface Picture {
  readonly hash: string
  readonly dark: boolean
  readonly width: number
  readonly from: number
  readonly to: number
}

const pictures: Readonly<Record<string, Picture>> = {
  rosenbrock: { hash: '#race?f=rosenbrock', dark: false, width: 900, from: 144, to: 600 },
  phone: { hash: '#race?f=noisy-valley&momentum&adam&rmsprop', dark: true, width: 400, from: 0, to: 850 },
}

const site = await openSite()
try {
  for (const [name, { hash, dark, width, from, to }] of Object.entries(pictures)) {
    const { page, close } = await site.open(hash, { width, height: to, dark })
    await page.waitForSelector('.status:not(:empty)')
    await page.screenshot({
      path: `${fileURLToPath(new URL('../../docs', import.meta.url))}/playground-${name}.png`,
      clip: { x: 0, y: from, width, height: to - from },
    })
    await close()
  }
} finally {
  await site.close()
}
