/**
 * What is there before an example, in its worker: `assert`, a console that tells the page, and an ear for what fails.
 * The example is the worker's own file, which imports this one first, and calls `finished` at its end.
 */
import type { Said } from '../said.js'
import { assert, heldSoFar } from './assert.js'
import { printed } from './shown.js'

/** A loop that prints is not to fill the page. */
const most = 1000

const own = self.location.href
const begun = performance.now()
const post = self.postMessage.bind(self)
const say = (said: Said): void => post(said)

/** The line of the example that an error comes from: the innermost one that is its own. */
const lineIn = (stack: string): number | undefined => {
  const at = stack.indexOf(`${own}:`)
  return at < 0 ? undefined : Number.parseInt(stack.slice(at + own.length + 1), 10)
}

const messageOf = (error: unknown): string =>
  error instanceof Error
    ? String(error)
    : typeof error === 'object' && error !== null && 'message' in error
      ? String(error.message)
      : printed([error])

const fail = (error: unknown, line?: number): void =>
  say({
    kind: 'failed',
    message: messageOf(error),
    line: line ?? lineIn(error instanceof Error ? (error.stack ?? '') : ''),
  })

let prints = 0
const printer =
  (level: 'log' | 'error') =>
  (...values: readonly unknown[]): void => {
    prints++
    if (prints <= most) say({ kind: 'printed', level, text: printed(values) })
    else if (prints === most + 1)
      say({ kind: 'printed', level: 'error', text: `… what comes after ${most} lines is not shown` })
  }

for (const name of ['log', 'info', 'debug', 'table', 'dir'] as const) console[name] = printer('log')
for (const name of ['warn', 'error', 'trace'] as const) console[name] = printer('error')

Object.assign(globalThis, { assert })

self.addEventListener('error', (event) => {
  event.preventDefault()
  const { error, message, filename, lineno } = event
  fail(error ?? message, filename === own ? lineno : undefined)
})
self.addEventListener('unhandledrejection', (event) => {
  event.preventDefault()
  fail(event.reason)
})

/** The example has come to its end. What it waits for without `await` may still print. */
export const finished = (): void =>
  say({ kind: 'finished', milliseconds: performance.now() - begun, held: heldSoFar(), printed: prints })
