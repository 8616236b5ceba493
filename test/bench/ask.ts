/** Asks a question of another process: JSON on its standard input, JSON on its standard output. */
import { spawn } from 'node:child_process'

/** How a process is started. */
interface Program {
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** The answer of a process, as text. What it says on its standard error is shown as it comes. */
export const ask = ({ command, args, env = {} }: Program, question: unknown): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      env: { ...process.env, ...env },
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    let answer = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      answer += text
    })
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) resolve(answer)
      else reject(new Error(`${command} ended with ${code}`))
    })
    // it may end before it has read everything; then its exit code tells
    child.stdin.on('error', () => {})
    child.stdin.end(JSON.stringify(question))
  })
