/** Compares results with the targets. */

import type { Result } from './result.js'
import { grouped, significant } from './table.js'
import type { Target } from './target.js'

/** One goal: met, missed, or not measured in this run. */
export interface Verdict {
  readonly text: string
  readonly layout: string
  readonly goal: number
  readonly bound: Target['bound']
  readonly unit: string
  /** Null where something was not measured. */
  readonly figure: number | null
  readonly met: boolean | null
}

/** A verdict for every goal. */
export const verdicts = (targets: readonly Target[], results: readonly Result[]): readonly Verdict[] =>
  targets.flatMap(({ text, runtime, bound, unit, figure, goals }) =>
    Object.entries(goals).map(([layout, goal]) => {
      const found = figure(
        (peer, rule, name) =>
          results.find(
            (r) => r.runtime.startsWith(runtime) && r.peer === peer && r.rule === rule && r.layout === name,
          ),
        layout,
      )
      const met = found === undefined ? null : bound === 'at least' ? found >= goal : found <= goal
      return { text, layout, goal, bound, unit, figure: found ?? null, met }
    }),
  )

/** What was met and missed, with the figures, a line for each target; what was not measured is named at the end. */
export const verdictText = (all: readonly Verdict[]): string => {
  const [measured, others] = [true, false].map((known) =>
    grouped(all, ({ text }) => text).filter(([, goals]) => goals.some(({ met }) => met !== null) === known),
  )
  const lines = (measured ?? []).map(([text, goals]) => {
    const known = goals.filter(({ met }) => met !== null)
    const missed = known.filter(({ met }) => !met).length
    const word = missed === 0 ? 'met' : `missed ${missed} of ${known.length}`
    const figures = known.map(
      ({ layout, goal, bound, unit, figure, met }) =>
        `${met ? '' : '**'}${layout} ${significant(figure ?? Number.NaN)}${unit} (${bound} ${goal})${met ? '' : '**'}`,
    )
    return `- ${word}: ${text} — ${figures.join(', ')}`
  })
  const unknown = (others ?? []).map(([text]) => text)
  const met = all.filter((v) => v.met).length
  const missed = all.filter((v) => v.met === false).length
  return [
    ...lines,
    ...(unknown.length > 0 ? [`- not measured in this run: ${unknown.join('; ')}`] : []),
    '',
    `${met} goals met, ${missed} missed, ${all.length - met - missed} not measured.`,
  ].join('\n')
}
