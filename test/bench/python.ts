/** Peers in Python, in a process of their own: Optax, jitted and donated, and torch's fused optimizers. */
import { fileURLToPath } from 'node:url'
import { ask } from './ask.js'
import { type Extent, expected } from './expected.js'
import { parametersOf } from './layouts.js'
import { optional, type Part } from './part.js'
import type { Result } from './result.js'
import { hyper } from './rules.js'
import { runtime } from './wasm.js'

type Row = Omit<Result, 'runtime' | 'parameters'>

/** What the script prints: rows, and the peers that are not installed. */
interface Answer {
  readonly rows: readonly Row[]
  readonly absent: readonly string[]
}

const script = fileURLToPath(new URL('./peers.py', import.meta.url))

/** How many peers there are in Python. */
const peers = 2

/** The peers in Python that are installed; `PYTHON` names another interpreter than python3. */
export const python = (extent: Extent): Part => {
  const ms = expected(extent, peers)
  return optional({
    name: 'peers in Python',
    ms,
    run: async ({ say, done }) => {
      const command = process.env.PYTHON ?? 'python3'
      const text = await ask({ command, args: ['-B', script] }, { ...extent, hyper })
      done(ms)
      // written by our own script, beside this file
      const { rows, absent } = JSON.parse(text) as Answer
      for (const name of absent) say(`without ${name}: not installed`)
      return rows.map((row) => {
        const layout = extent.layouts.find(({ name }) => name === row.layout)
        return { ...row, runtime, parameters: layout ? parametersOf(layout) : 0 }
      })
    },
  })
}
