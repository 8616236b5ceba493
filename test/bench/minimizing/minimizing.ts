/**
 * Whole minimizations on arrays, beside loops by hand. Each problem and each contender has a process of its own, since the
 * first time counts too.
 */
import { median, type Pace, rotated } from '../measure.js'
import type { Part } from '../part.js'
import type { Result } from '../result.js'
import { inProcess } from '../worker.js'
import { type Contender, contenders, type Problem, problems } from './problems.js'

/** What a process is asked. */
export interface Question {
  readonly problem: string
  readonly contender: Contender
  readonly pace: Pace
}

/** The runtime of these rows. */
export const runtime = 'node, minimizing'

/** Until a process has loaded gradpipe. */
const starting = 500

/** The median of the rounds. */
const together = (rounds: readonly (readonly Result[])[]): readonly Result[] =>
  (rounds[0] ?? []).map((result, i) => {
    const all = rounds.flatMap((results) => results[i] ?? [])
    const least = Math.min(...all.map((each) => each.least))
    return { ...result, ms: median(all.map(({ ms }) => ms)), least, readings: all.length }
  })

const partOf = ({ name }: Problem, rounds: number, pace: Pace): Part => {
  const lasting = starting + pace.warmUp + pace.turn
  return {
    name,
    ms: rounds * contenders.length * lasting,
    run: async (report) => {
      const results = new Map(contenders.map((contender) => [contender, [] as (readonly Result[])[]]))
      for (let round = 0; round < rounds; round++)
        for (const contender of rotated(contenders, round)) {
          const question: Question = { problem: name, contender, pace }
          results
            .get(contender)
            ?.push(await inProcess(new URL('./main.ts', import.meta.url), question, report))
          report.done(lasting)
        }
      return [...results.values()].flatMap(together)
    },
  }
}

/** Rows of minimizations: in so many rounds, of which the median counts. */
export const minimizing = (rounds: number, pace: Pace): readonly Part[] =>
  problems.map((problem) => partOf(problem, rounds, pace))
