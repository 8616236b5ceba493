/**
 * Tiny models: what an optimizer takes of the steps of a program, from its first one on. Each program and each
 * optimizer has a process of its own, since what one has warmed up another would find warm.
 */
import { median, rotated } from '../measure.js'
import type { Part } from '../part.js'
import type { Result } from '../result.js'
import { inProcess } from '../worker.js'
import { optimizers, type Program, programs } from './programs.js'

/** The backends that are compared. */
export const tinyBackends = ['cpu', 'wasm'] as const

/** How many steps a program takes, and how many of them are its first. */
export const steps = { all: 1000, first: 100 } as const

/** What a process is asked: the optimizer to train one program with. */
export interface Question {
  readonly backend: (typeof tinyBackends)[number]
  readonly program: string
  readonly optimizer: (typeof optimizers)[number]
}

/** The runtime of the rows of a backend. */
export const runtimeOf = (backend: string): string => `tiny models, node, ${backend}`

/** Until a process has loaded its libraries and trained. */
const lasting = 1900

/** The median of the rounds. */
const together = (rounds: readonly (readonly Result[])[]): readonly Result[] =>
  (rounds[0] ?? []).map((result, i) => {
    const all = rounds.flatMap((results) => results[i] ?? [])
    const times = all.map(({ ms }) => ms)
    return { ...result, ms: median(times), least: Math.min(...times), readings: times.length }
  })

const partOf = (program: Program, backend: Question['backend'], rounds: number): Part => ({
  name: `${program.name} on ${backend}`,
  ms: rounds * optimizers.length * lasting,
  run: async (report) => {
    const results = new Map(optimizers.map((optimizer) => [optimizer, [] as (readonly Result[])[]]))
    for (let round = 0; round < rounds; round++)
      for (const optimizer of rotated(optimizers, round)) {
        const question: Question = { backend, program: program.name, optimizer }
        results.get(optimizer)?.push(await inProcess(new URL('./main.ts', import.meta.url), question, report))
        report.done(lasting)
      }
    return [...results.values()].flatMap(together)
  },
})

/** Rows of tiny models: in so many rounds, of which the median counts. */
export const tiny = (rounds: number): readonly Part[] =>
  tinyBackends.flatMap((backend) => programs.map((program) => partOf(program, backend, rounds)))
