/**
 * Runs an example in a worker that is made of its text, so that it can be stopped whatever it does, and reaches nothing
 * of the page. One runs at a time: each has the whole of TensorFlow.js.
 */
import { host, modules } from 'virtual:modules'
import { programOf } from './program.js'
import type { Said } from './said.js'

let stopLast = (): void => {}

const failed = (message: string, line?: number): Said => ({ kind: 'failed', message, line })

const refused =
  'The policy of this site forbids to run examples: it would have to allow workers from blobs, worker-src blob:.'

/** Runs an example; what it says arrives in order, and nothing after it is stopped. Returns how to stop it. */
export const run = (example: string, hear: (said: Said) => void): (() => void) => {
  stopLast()
  const program = programOf(example, { host, modules })
  if (program.is === 'mistaken') {
    hear(failed(program.mistake.message, program.mistake.line))
    return () => {}
  }
  let worker: Worker | undefined
  let url = ''
  const stop = (): void => {
    worker?.terminate()
    worker = undefined
    document.removeEventListener('securitypolicyviolation', onViolation)
    URL.revokeObjectURL(url)
  }
  const end = (last: Said): void => {
    if (worker === undefined) return
    stop()
    hear(last)
  }
  function onViolation({ blockedURI, effectiveDirective }: SecurityPolicyViolationEvent): void {
    if (blockedURI.startsWith('blob') && /^(worker|child|script|default)-src/.test(effectiveDirective))
      end(failed(refused))
  }
  /** Starts a program, and another one where it does not start and the browser does not say why. */
  const start = (code: string, diagnosis?: string): void => {
    url = URL.createObjectURL(new Blob([code], { type: 'text/javascript' }))
    const started = new Worker(url, { type: 'module', name: 'example' })
    worker = started
    started.addEventListener('message', ({ data }: MessageEvent<Said>) => {
      if (worker !== started) return
      if (data.kind === 'failed') end(data)
      else hear(data)
    })
    started.addEventListener('error', (event) => {
      event.preventDefault()
      if (worker !== started) return
      const { message, filename, lineno } = event
      if (message || diagnosis === undefined)
        return end(
          failed(
            message?.replace(/^Uncaught /, '') || 'The example does not start.',
            filename === url ? lineno : undefined,
          ),
        )
      started.terminate()
      URL.revokeObjectURL(url)
      start(diagnosis)
    })
  }
  stopLast = stop
  document.addEventListener('securitypolicyviolation', onViolation)
  try {
    start(program.code, program.diagnosis)
  } catch {
    stop()
    hear(failed(refused))
  }
  return stop
}
