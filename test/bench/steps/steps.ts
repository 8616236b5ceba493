/** The parts of the bench that time whole training steps: in Node, in Python, in pages of Chromium. */
import { fileURLToPath } from 'node:url'
import { openPage } from '../../browser/open.js'
import { ask } from '../ask.js'
import { optional, type Part } from '../part.js'
import type { Result } from '../result.js'
import { hyper } from '../rules.js'
import { inProcess } from '../worker.js'
import { contenders } from './contenders.js'
import { expected as expectedOfConvolutions } from './convolution.js'
import type * as Entry from './page.js'
import { type Contender, type Device, expected, run, type StepPace } from './run.js'
import type { Library } from './session.js'
import { type Workload, workloads } from './workloads.js'

/** What is asked of a process that trains. */
export interface Question extends StepPace {
  readonly full: boolean
}

/** Until a process has loaded its libraries, or a page its module. */
const starting = 4000

const sum = (all: readonly number[]): number => all.reduce((a, b) => a + b, 0)

/** All workloads in one process, and the convolutions. */
export const training = (question: Question): Part => ({
  name: 'training steps',
  ms:
    starting +
    expectedOfConvolutions(question) +
    sum(workloads.map((workload) => expected(contenders(workload, question.full), question))),
  run: async (report) => {
    const results = await inProcess(new URL('./main.ts', import.meta.url), question, report)
    report.done(starting)
    return results
  },
})

/** What the script prints: rows, and the peers that are not installed. */
interface Answer {
  readonly rows: readonly Pick<Result, 'peer' | 'layout' | 'ms' | 'least' | 'readings'>[]
  readonly absent: readonly string[]
}

const script = fileURLToPath(new URL('./steps.py', import.meta.url))

/** Until Python has loaded PyTorch and JAX, and JAX has compiled a network. */
const compiling = 3000

/** PyTorch and JAX, where they are installed; `PYTHON` names another interpreter than python3. */
export const trainingInPython = ({ rounds, pace }: StepPace): Part => {
  const ms = starting + workloads.length * (compiling + 2 * rounds * (pace.warmUp + pace.turn))
  return optional({
    name: 'training in Python',
    ms,
    run: async ({ say, done }) => {
      const networks = workloads.map(({ name, kind, sizes }) => ({ name, kind, sizes }))
      const command = process.env.PYTHON ?? 'python3'
      const text = await ask({ command, args: ['-B', script] }, { networks, rounds, pace, hyper })
      done(ms)
      // written by our own script, beside this file
      const { rows, absent } = JSON.parse(text) as Answer
      for (const name of absent) say(`without ${name}: not installed`)
      return rows.map((row): Result => ({ ...row, runtime: 'training', rule: 'training step' }))
    },
  })
}

/** Until kernels are compiled, in software: what two libraries need together, for each of them. */
const compilingOn = { webgl: 1000, webgpu: 2000 } as const

/** What a workload takes in a page, whose devices are programs. */
const deviceOf = ({ chromiumSeconds }: Workload, backend: keyof typeof compilingOn): Device => ({
  compiling: compilingOn[backend],
  step: 1000 * chromiumSeconds[backend],
})

const inPage = (
  workload: Workload,
  page: Entry.Opened,
  backend: keyof typeof compilingOn,
  library: Library,
): Contender => ({
  peer: `${library}, ${backend}`,
  slow: 0,
  device: deviceOf(workload, backend),
  open: async () => {
    await page.call('open', workload.name, library)
    return {
      take: (pace) => page.call('take', library, pace),
      close: async () => void (await page.call('close', library)),
    }
  },
})

/** On webgl and webgpu, in a page of Chromium for each. */
export const trainingInChromium = (plan: StepPace): readonly Part[] =>
  (['webgl', 'webgpu'] as const).map((backend) => {
    const libraries = ['gradpipe', 'tf.train'] as const
    return optional({
      name: `training on ${backend}`,
      ms:
        starting +
        sum(
          workloads.map((workload) =>
            expected(
              libraries.map(() => ({ slow: 0, device: deviceOf(workload, backend) })),
              plan,
            ),
          ),
        ),
      run: async (report) => {
        const page = await openPage<typeof Entry>(new URL('./page.ts', import.meta.url), {
          patience: 600_000,
          webgl: backend === 'webgl',
        })
        try {
          await page.call('start', backend)
          report.done(starting)
          const results: Result[] = []
          for (const workload of workloads) {
            const both = libraries.map((library) => inPage(workload, page, backend, library))
            results.push(...(await run(workload.name, both, plan, report)))
          }
          return results
        } finally {
          await page.close()
        }
      },
    })
  })
