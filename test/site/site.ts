/**
 * The playground as it is built for readers, in headless Chromium: built once by Vite into a temporary folder, served
 * from there under a path, as a site might be.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser, Page, Permission } from 'puppeteer-core'
import { build } from 'vite'
import { launch } from '../browser/chromium.js'

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
}

/** The path under which the site is served. */
const base = '/some/where/'

const serveFolder = async (
  folder: string,
): Promise<{ readonly url: string; readonly close: () => Promise<void> }> => {
  const server = createServer(async ({ url = '/' }, response) => {
    const path = new URL(url, 'http://here').pathname
    const name = normalize(path.slice(base.length)) || '.'
    const file = join(folder, name === '.' ? 'index.html' : name)
    try {
      if (!path.startsWith(base) || name.startsWith('..')) throw new Error('outside')
      const body = await readFile(file)
      response
        .writeHead(200, { 'Content-Type': types[extname(file)] ?? 'application/octet-stream' })
        .end(body)
    } catch {
      response.writeHead(404).end()
    }
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return {
    url: `http://127.0.0.1:${address.port}${base}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** How a reader looks at the page. */
export interface Reader {
  readonly width?: number
  readonly height?: number
  readonly dark?: boolean
  readonly calm?: boolean
}

export interface Opened {
  readonly page: Page
  /** What went wrong so far: errors and warnings on the console, requests to elsewhere or without an answer. */
  readonly complaints: readonly string[]
  /** Permits the page something that a browser asks its reader for. */
  readonly permit: (...permissions: readonly Permission[]) => Promise<void>
  readonly close: () => Promise<void>
}

export interface Site {
  /** Opens the page at an address's hash. */
  readonly open: (hash: string, reader?: Reader) => Promise<Opened>
  readonly close: () => Promise<void>
}

const opened = async (browser: Browser, url: string, hash: string, reader: Reader): Promise<Opened> => {
  const { width = 1280, height = 900, dark = false, calm = true } = reader
  const context = await browser.createBrowserContext()
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warn') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('request', (request) => {
    if (!/^(data:|blob:)/.test(request.url()) && !request.url().startsWith(url))
      complaints.push(`asked for ${request.url()}`)
  })
  page.on('requestfailed', (request) => complaints.push(`did not get ${request.url()}`))
  await page.setViewport({ width, height })
  await page.emulateMediaFeatures([
    { name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' },
    { name: 'prefers-reduced-motion', value: calm ? 'reduce' : 'no-preference' },
  ])
  await page.goto(`${url}${hash}`, { waitUntil: 'networkidle0' })
  return {
    page,
    complaints,
    permit: (...permissions) => context.overridePermissions(new URL(url).origin, [...permissions]),
    close: () => context.close(),
  }
}

/** Builds the playground, serves it, and starts a browser. */
export const openSite = async (): Promise<Site> => {
  const folder = await mkdtemp(join(tmpdir(), 'gradpipe-site-'))
  await build({
    configFile: fileURLToPath(new URL('../../docs/site/vite.config.ts', import.meta.url)),
    logLevel: 'warn',
    build: { outDir: folder },
  })
  const { url, close } = await serveFolder(folder)
  const browser = await launch()
  return {
    open: (hash, reader = {}) => opened(browser, url, hash, reader),
    close: async () => {
      await browser.close()
      await close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
