/** Builds a page with the tab of the digits, as the site is built, and opens it in headless Chromium. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'puppeteer-core'
import { build, preview } from 'vite'
import { digitsPlugin } from '../../docs/site/digits/plugin.js'

const source = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url))

/** The page, built and served. */
export interface Site {
  readonly url: string
  /** The same with a content-security policy that keeps WebAssembly from being compiled. */
  readonly strictUrl: string
  readonly close: () => Promise<void>
}

/** What the policy leaves: scripts and data of the page itself. */
const policy =
  "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'"

const serve = async (
  outDir: string,
  headers: Readonly<Record<string, string>>,
): Promise<Pick<Site, 'url' | 'close'>> => {
  const server = await preview({
    configFile: false,
    logLevel: 'silent',
    build: { outDir },
    preview: { host: '127.0.0.1', port: 0, headers },
  })
  const address = server.httpServer.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return { url: `http://127.0.0.1:${address.port}/`, close: () => server.close() }
}

/** Builds it into a temporary folder and serves it. */
export const buildSite = async (): Promise<Site> => {
  const outDir = await mkdtemp(join(tmpdir(), 'digits-'))
  await build({
    configFile: false,
    root: source('test/site/digits'),
    base: './',
    logLevel: 'error',
    plugins: [digitsPlugin()],
    resolve: { alias: [{ find: /^gradpipe$/, replacement: source('src/index.ts') }] },
    build: { outDir, emptyOutDir: true, target: 'es2022', chunkSizeWarningLimit: 2000 },
  })
  const open = await serve(outDir, {})
  const strict = await serve(outDir, { 'Content-Security-Policy': policy })
  return {
    url: open.url,
    strictUrl: strict.url,
    close: async () => {
      await open.close()
      await strict.close()
      await rm(outDir, { recursive: true, force: true })
    },
  }
}

/** How a reader comes to the page. */
export interface Reader {
  readonly width?: number
  readonly height?: number
  readonly dark?: boolean
  /** A script that runs before the page's own. */
  readonly before?: string
}

/** A page, and what it has complained of. */
export interface Opened {
  readonly page: Page
  /** Errors on the console, uncaught errors and failed requests. */
  readonly complaints: readonly string[]
}

/** Opens a page of a browser at some size. */
export const openPage = async (
  browser: Browser,
  url: string,
  { width = 1280, height = 900, dark = false, before = '' }: Reader = {},
): Promise<Opened> => {
  const page = await browser.newPage()
  const complaints: string[] = []
  page.on('console', (line) => {
    if (line.type() === 'error') complaints.push(line.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('requestfailed', (request) => complaints.push(`${request.url()} ${request.failure()?.errorText}`))
  await page.setViewport({ width, height })
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }])
  if (before !== '') await page.evaluateOnNewDocument(before)
  await page.goto(url)
  await page.waitForSelector('.digits-primary', { timeout: 30_000 }).catch(async () => {
    const text = await page.evaluate('document.body.innerText')
    throw new Error(['the tab is not there', text, ...complaints].join('\n'))
  })
  return { page, complaints }
}
