/** The parts of the bench: what each measures, how long that will take, and how it is done. */
import type { Report } from './progress.js'
import type { Result } from './result.js'

/** A part, to be run by itself. */
export interface Part {
  readonly name: string
  /** The milliseconds that it is expected to take, from its plan. */
  readonly ms: number
  readonly run: (report: Report) => Promise<readonly Result[]>
}

/** A part that a machine may lack something for: then it says what, and has no results. */
export const optional = (part: Part): Part => ({
  ...part,
  run: (report) =>
    part.run(report).catch((error: unknown) => {
      report.say(`without ${part.name}: ${error instanceof Error ? error.message : error}`)
      return []
    }),
})
