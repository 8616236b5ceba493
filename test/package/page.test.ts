/** The pages of docs/browser.md, as they stand there, in Chromium: with an import map alone, and built by Vite. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Browser } from 'puppeteer-core'
import { build } from 'vite'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { launch } from '../browser/chromium.js'
import { installLines, withDependencies } from './install.js'
import { pack, project, temporary } from './pack.js'
import { open, type Serving, type Site } from './site.js'

const root = join(import.meta.dirname, '../..')
const page = readFileSync(join(root, 'docs/browser.md'), 'utf8')
const folder = temporary()
let tarball = ''
/** Why there is no browser, where there is none. */
let reason = ''
let browser: Browser | undefined

/** The page's blocks of a language, in their order. */
const blocks = (language: string): readonly string[] =>
  [...page.matchAll(/^```(\w+)[^\n]*\n([\s\S]*?)^```$/gm)].flatMap(([, name, code = '']) =>
    name === language ? [code] : [],
  )

beforeAll(async () => {
  tarball = await pack(inject('onceFolder'))
  try {
    browser = await launch()
  } catch (error) {
    if (process.env.CI) throw error
    reason = `Chromium did not start: ${error instanceof Error ? error.message : error}`
  }
}, 300_000)

afterAll(async () => {
  await browser?.close()
  rmSync(folder, { recursive: true, force: true })
}, 60_000)

const inPage = (name: string, run: (browser: Browser) => Promise<void>): void =>
  test(name, { timeout: 120_000 }, async ({ skip }) => {
    skip(browser === undefined, reason)
    if (browser !== undefined) await run(browser)
  })

describe('without a bundler', () => {
  /** The file of a package that a server of npm's files gives for an address, here out of the project of a user. */
  const fileOf = (user: string, url: string): string | undefined => {
    const [, name = '', version, path = ''] =
      /^https:\/\/cdn\.jsdelivr\.net\/npm\/((?:@[\w-]+\/)?[\w-]+)@([\d.]+)\/(.*)$/.exec(url) ?? []
    const home = join(user, 'node_modules', name)
    if (version === undefined || !existsSync(join(home, path))) return undefined
    // the address names the version that is tested
    const manifest = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'))
    return manifest.version === version ? readFileSync(join(home, path), 'utf8') : undefined
  }

  /** What the page shows at its end; it has nothing but its own text and those files. */
  const shown = async (chromium: Browser, user: string, html: string): Promise<string> => {
    const tab = await chromium.newPage()
    const said: string[] = []
    tab.on('pageerror', (error) => said.push(`uncaught: ${error}`))
    await tab.setRequestInterception(true)
    tab.on('request', (request) => {
      const url = request.url()
      if (url === 'https://page.example/') return request.respond({ contentType: 'text/html', body: html })
      const file = fileOf(user, url)
      if (file === undefined && !url.endsWith('favicon.ico')) said.push(`there is no ${url}`)
      const headers = { 'access-control-allow-origin': '*' }
      return file === undefined
        ? request.respond({ status: 404, headers })
        : request.respond({ contentType: 'text/javascript', headers, body: file })
    })
    await tab.goto('https://page.example/')
    try {
      await tab.waitForFunction('document.body?.textContent.trim()', { timeout: 100_000 })
    } catch (error) {
      // what it said before tells why
      said.push(String(error))
    }
    const text = String(await tab.evaluate('document.body?.textContent.trim()'))
    await tab.close()
    expect(said).toEqual([])
    return text
  }

  const [trained = '', lowest = ''] = blocks('html')

  test('the script has at most ten lines', () => {
    const scripts = [trained, lowest].map(
      (html) => /<script type="module">\n([\s\S]*?)\n<\/script>/.exec(html)?.[1] ?? '',
    )
    for (const script of scripts) {
      const count = script.split('\n').length
      expect(count).toBeGreaterThan(5)
      expect(count).toBeLessThanOrEqual(10)
    }
  })

  inPage('a model is trained', async (chromium) => {
    const user = project(folder, tarball, ['@tensorflow/tfjs'])
    expect(await shown(chromium, user, trained)).toBe('y = 2.0 x + 1.0')
  })

  inPage('arrays need gradpipe alone', async (chromium) => {
    expect(await shown(chromium, project(folder, tarball, []), lowest)).toBe('lowest at 3.00, 0.00')
  })
})

describe('by Vite, from what the page installs', () => {
  /** What the page of a user who has followed the page on pages shows. */
  const shown = async (serving: Serving): Promise<string> => {
    const packages = installLines(page).flat()
    const user = project(folder, tarball, withDependencies(packages.filter((name) => name !== 'gradpipe')))
    const [, , html = ''] = blocks('html')
    const [main = ''] = blocks('ts')
    writeFileSync(join(user, 'index.html'), html)
    writeFileSync(join(user, 'main.ts'), main)
    if (serving === 'built') await build({ root: user, configFile: false, logLevel: 'error' })
    const site = await open(user, {}, serving)
    try {
      const text = `new Promise((done) => {
        const look = () => document.body?.textContent.trim() ? done(document.body.textContent.trim()) : setTimeout(look, 50)
        look()
      })`
      return await Promise.race([site.evaluate<string>(text), failure(site)])
    } finally {
      await site.close()
    }
  }

  /** What the page says where it fails, instead of showing something. */
  const failure = async (site: Site): Promise<string> => {
    while (!site.said.some((line) => line.startsWith('uncaught'))) await sleep(50)
    return site.said.join('\n')
  }

  inPage('built, it trains on WASM', async () => {
    expect(await shown('built')).toBe('y = 2.0 x + 1.0 on wasm')
  })

  inPage('served from its sources, it trains on WASM', async () => {
    expect(await shown('sources')).toBe('y = 2.0 x + 1.0 on wasm')
  })
})
