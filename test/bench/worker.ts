/**
 * Runs a part of the bench in a process of its own. All that it has allocated goes with it: the memory of a WASM
 * backend only ever grows, and what jax-js compiles it keeps.
 */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Report } from './progress.js'
import type { Result } from './result.js'

/** What the process tells. */
type Message =
  | { readonly say: string }
  | { readonly done: number }
  | { readonly results: readonly Result[] }
  | { readonly error: string }

/** The results of a script that calls {@link answer}, asked this question. */
export const inProcess = (
  script: URL,
  question: unknown,
  { say, done }: Report,
  env: Readonly<Record<string, string>> = {},
): Promise<readonly Result[]> =>
  new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(script), {
      env: { ...process.env, ...env },
      // Dawn warns on the standard output, which is for our tables
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    // sent by our own script
    child.on('message', (message: Message) => {
      if ('say' in message) say(message.say)
      else if ('done' in message) done(message.done)
      else if ('results' in message) resolve(message.results)
      else reject(new Error(message.error))
    })
    child.on('error', reject)
    // after an answer this says nothing more
    child.on('exit', (code, signal) => reject(new Error(`the process ended with ${code ?? signal}`)))
    child.send({ question })
  })

/** Answers in the process: waits for the question, and ends it when the results are sent. */
export const answer = <Q>(run: (question: Q, report: Report) => Promise<readonly Result[]>): void => {
  const send = (message: Message): Promise<void> =>
    new Promise((resolve) => {
      if (process.send) process.send(message, undefined, undefined, () => resolve())
      else resolve()
    })
  const report: Report = { say: (say) => void send({ say }), done: (done) => void send({ done }) }
  // who asked is gone
  process.once('disconnect', () => process.exit())
  process.once('message', async ({ question }: { question: Q }) => {
    try {
      await send({ results: await run(question, report) })
    } catch (error) {
      await send({ error: error instanceof Error ? error.message : String(error) })
    }
    // devices and workers would keep it alive
    process.exit()
  })
}
