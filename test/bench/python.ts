/** Peers in Python, in a process of their own: Optax, jitted and donated, and torch's fused optimizers. */
import { fileURLToPath } from 'node:url'
import { ask } from './ask.js'
import { parametersOf } from './layouts.js'
import type { Result } from './result.js'
import { hyper } from './rules.js'
import type { Plan } from './run.js'

type Row = Omit<Result, 'runtime' | 'parameters'>

/** What the script prints: rows, and the peers that are not installed. */
interface Answer {
  readonly rows: readonly Row[]
  readonly absent: readonly string[]
}

const script = fileURLToPath(new URL('./peers.py', import.meta.url))

/** Results of the peers in Python that are installed; `PYTHON` names another interpreter than python3. */
export const python = async ({
  layouts,
  rules,
  rounds,
  pace,
  say,
  runtime,
}: Plan): Promise<readonly Result[]> => {
  let text: string
  try {
    const command = process.env.PYTHON ?? 'python3'
    text = await ask({ command, args: [script] }, { layouts, rules, rounds, pace, hyper })
  } catch (error) {
    say(`without peers in Python: ${error instanceof Error ? error.message : error}`)
    return []
  }
  // written by our own script, beside this file
  const { rows, absent } = JSON.parse(text) as Answer
  for (const name of absent) say(`without ${name}: not installed`)
  return rows.map((row) => {
    const layout = layouts.find(({ name }) => name === row.layout)
    return { ...row, runtime, parameters: layout ? parametersOf(layout) : 0 }
  })
}
