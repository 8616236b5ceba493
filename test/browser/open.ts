/** Opens a page with one of our modules in it, and calls the module's functions. See page.ts for its use. */
import type { Page as Tab } from 'puppeteer-core'
import { type Launch, launch } from './chromium.js'
import { serve } from './server.js'

/** What a module for a page exports: async functions whose arguments and results are JSON. */
export type Functions<M> = { readonly [K in keyof M]: (...args: never[]) => Promise<unknown> }

type Result<F> = F extends (...args: never[]) => Promise<infer A> ? A : never

/** A page with the functions of a module. */
export interface Page<M extends Functions<M>> {
  /** Calls an exported function in the page. */
  readonly call: <K extends keyof M & string>(name: K, ...args: Parameters<M[K]>) => Promise<Result<M[K]>>
  /** Loads the page and the module again: what the browser keeps is all that is left. */
  readonly reload: () => Promise<void>
  /** The page for the driver: for what no function in a page can do. */
  readonly tab: Tab
  /** Closes the page, its browser and its server. */
  readonly close: () => Promise<void>
}

/** How long a call may take. */
const patience = 120_000

const within = async <A>(time: number, what: string, promise: Promise<A>): Promise<A> => {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took more than ${time} ms`)), time)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Opens a page with the module in it. `patience` is the longest that a call may take, in milliseconds. */
export const openPage = async <M extends Functions<M>>(
  entry: URL,
  options: Launch & { readonly patience?: number } = {},
): Promise<Page<M>> => {
  const { url, close: closeServer } = await serve(entry)
  const browser = await launch(options).catch(async (error: unknown) => {
    await closeServer()
    throw error
  })
  const close = async (): Promise<void> => {
    // A browser that does not answer must not keep the tests: it is ended the hard way.
    await within(10_000, 'closing', browser.close()).catch(() => browser.process()?.kill('SIGKILL'))
    await closeServer()
  }
  const time = options.patience ?? patience
  const said: string[] = []
  /** Evaluates source text: a function would reach the page with whatever a transpiler has put into it. */
  const evaluate = async (what: string, text: string): Promise<string> => {
    try {
      return String(await within(time, what, page.evaluate(text)))
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      throw new Error([`${what}: ${message}`, ...said.splice(0)].join('\n'))
    }
  }
  const page = await browser.newPage()
  page.setDefaultTimeout(time)
  page.on('console', (line) => said.push(`console ${line.type()}: ${line.text()}`))
  page.on('pageerror', (error) => said.push(`uncaught: ${error}`))
  page.on('error', (error) => said.push(`the page crashed: ${error}`))
  const enter = async (): Promise<void> => {
    await page.goto(url)
    await evaluate(
      `importing ${entry.pathname}`,
      `import('/entry.js').then((module) => { globalThis.entry = module })`,
    )
  }
  try {
    await enter()
  } catch (error) {
    await close()
    throw error
  }
  return {
    call: async (name, ...args) => {
      const text = await evaluate(
        `${name} in the page`,
        `globalThis.entry[${JSON.stringify(name)}](...${JSON.stringify(args)}).then((a) => JSON.stringify(a ?? null))`,
      )
      // What the function has returned, by way of JSON, is of the type that the function declares.
      return JSON.parse(text) as Result<M[typeof name]>
    },
    reload: enter,
    tab: page,
    close,
  }
}
