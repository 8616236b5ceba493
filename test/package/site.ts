/** A user's page that Vite has built, served with a content-security policy, in headless Chromium. */
import { cpSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { build, createServer, preview } from 'vite'
import { launch } from '../browser/chromium.js'

const root = join(import.meta.dirname, '../..')

/** Copies the program of a user into the folder of one who has installed the package. */
export const program = (user: string): void =>
  cpSync(join(import.meta.dirname, 'user'), user, { recursive: true })

/** Builds the user's page as `vite build` does; the files are in `dist/`. */
export async function viteBuild(user: string): Promise<void> {
  const wasm = 'node_modules/@tensorflow/tfjs-backend-wasm/dist'
  mkdirSync(join(user, 'public/wasm'), { recursive: true })
  for (const name of readdirSync(join(root, wasm)).filter((each) => each.endsWith('.wasm')))
    cpSync(join(root, wasm, name), join(user, 'public/wasm', name))
  await build({ root: user, configFile: false, logLevel: 'error', worker: { format: 'es' } })
}

/** A page that is open. */
export interface Site {
  /** Evaluates an expression in the page; its value, or that of its promise, by way of JSON. */
  readonly evaluate: <A>(expression: string) => Promise<A>
  /** All that the page has said: its console, errors that nobody caught, and violations of the policy. */
  readonly said: readonly string[]
  readonly close: () => Promise<void>
}

/** How the page is served: as it was built, or from its sources, as `vite` does while one works on it. */
export type Serving = 'built' | 'sources'

/** Serves the page with these headers, and opens it. */
export async function open(
  user: string,
  headers: Readonly<Record<string, string>>,
  serving: Serving = 'built',
): Promise<Site> {
  const common = { root: user, configFile: false, logLevel: 'error' } as const
  const address = { host: '127.0.0.1', port: 0, headers }
  const server =
    serving === 'built'
      ? await preview({ ...common, preview: address })
      : // the user's packages are links that lead out of the folder
        await (
          await createServer({ ...common, server: { ...address, fs: { strict: false }, watch: null } })
        ).listen()
  const [url] = server.resolvedUrls?.local ?? []
  if (url === undefined) throw new Error('the server has no address')
  const browser = await launch()
  const page = await browser.newPage()
  const said: string[] = []
  page.on('console', (line) => {
    // the development server greets
    if (!line.text().startsWith('[vite] connect')) said.push(`${line.type()}: ${line.text()}`)
  })
  page.on('pageerror', (error) => said.push(`uncaught: ${error}`))
  await page.goto(url, { waitUntil: 'load' })
  return {
    evaluate: async (expression) =>
      // In a task of the page's own, since the policy does not hold for what the driver itself evaluates. What the
      // page answers is of the type that the caller gives the expression.
      JSON.parse(
        String(
          await page.evaluate(
            `new Promise((go) => setTimeout(go)).then(() => ${expression}).then((a) => JSON.stringify(a ?? null))`,
          ),
        ),
      ),
    said,
    close: async () => {
      await browser.close()
      await server.close()
    },
  }
}
