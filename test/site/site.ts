/**
 * The site as it is built for readers, in headless Chromium: built once by Vite into a folder, served from there under a
 * path, as a site might be; beside it, where a test brings some, pages that TypeDoc has written.
 */
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser, Page, Permission } from 'puppeteer-core'
import { build } from 'vite'
import { once } from '../once.js'

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
}

/** What a strict policy leaves: scripts and data of the page itself. WebAssembly is not compiled under it. */
const strict =
  "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'"

type Policy = 'none' | 'strict' | 'wasm' | 'examples'

/** Content-security policies that the page may come with. */
const policies: Readonly<Record<Policy, string>> = {
  none: '',
  strict,
  wasm: strict.replace('script-src', "script-src 'wasm-unsafe-eval'"),
  examples: `${strict.replace('script-src', "script-src 'wasm-unsafe-eval'")}; worker-src 'self' blob:`,
}

const isPolicy = (name: string): name is Policy => Object.hasOwn(policies, name)

/** The path under which the site is served with a policy. */
const baseOf = (policy: Policy): string => `/some/where/${policy}/`

/** The first of some folders that has a file: what is in it. */
const readIn = async ([folder, ...others]: readonly string[], name: string): Promise<Buffer> => {
  if (folder === undefined) throw new Error(`there is no ${name}`)
  return readFile(join(folder, name)).catch(() => readIn(others, name))
}

const serveFolders = async (
  folders: readonly string[],
): Promise<{ readonly origin: string; readonly close: () => Promise<void> }> => {
  const server = createServer(async ({ url = '/' }, response) => {
    const path = new URL(url, 'http://here').pathname
    const [policy = '', rest = ''] = path.match(/^\/some\/where\/(\w+)\/(.*)$/)?.slice(1) ?? []
    try {
      const name = normalize(decodeURIComponent(rest)).replace(/(^\.?|\/)$/, '$1index.html')
      if (!isPolicy(policy) || name.startsWith('..')) throw new Error('outside')
      const body = await readIn(folders, name)
      response
        .writeHead(200, {
          'Content-Type': types[extname(name)] ?? 'application/octet-stream',
          ...(policies[policy] !== '' && { 'Content-Security-Policy': policies[policy] }),
        })
        .end(body)
    } catch {
      response.writeHead(404).end()
    }
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return {
    origin: `http://127.0.0.1:${address.port}`,
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
  /** The content-security policy that the page comes with: a strict one, or one that allows WebAssembly besides. */
  readonly policy?: Policy
  /** A script that runs before the page's own. */
  readonly before?: string
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
  /** Opens the playground at an address's hash, or another page by its path in the site. */
  readonly open: (address: string, reader?: Reader) => Promise<Opened>
  readonly close: () => Promise<void>
}

const opened = async (browser: Browser, origin: string, address: string, reader: Reader): Promise<Opened> => {
  const { width = 1280, height = 900, dark = false, calm = true, policy = 'none', before = '' } = reader
  const url = `${origin}${baseOf(policy)}`
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
  if (before !== '') await page.evaluateOnNewDocument(before)
  const isPage = address.endsWith('.html')
  await page.goto(`${url}${isPage ? address : `playground/${address}`}`)
  // the tab that is shown has something in it
  await page.waitForSelector(isPage ? '.example-open' : '.map svg .traces, .digits-grid').catch(async () => {
    const text = await page.evaluate(() => document.body.innerText)
    throw new Error(['the tab is not there', text, ...complaints].join('\n'))
  })
  return {
    page,
    complaints,
    permit: (...permissions) => context.overridePermissions(origin, [...permissions]),
    close: () => context.close(),
  }
}

/** Builds the playground, and what runs examples, into a folder. */
const buildInto = async (outDir: string): Promise<void> => {
  await build({
    configFile: fileURLToPath(new URL('../../docs/site/vite.config.ts', import.meta.url)),
    logLevel: 'warn',
    build: { outDir: join(outDir, 'playground') },
  })
}

/** Serves the playground, which is built in a folder, and other pages, to a browser; both stay the caller's. */
export const openSite = async (
  browser: Browser,
  folder: string,
  pages: readonly string[] = [],
): Promise<Site> => {
  const { origin, close } = await serveFolders([await once(folder, 'site', buildInto), ...pages])
  return { open: (address, reader = {}) => opened(browser, origin, address, reader), close }
}
