/** The table at the end: how each training went. */
import type { Report } from './record.js'

const percent = (share: number | undefined): string => `${(100 * (share ?? Number.NaN)).toFixed(2)} %`

const row = (name: string, { losses, tests, seconds }: Report): readonly string[] => {
  const last = losses.slice(-20)
  const loss = last.reduce((sum, loss) => sum + loss, 0) / last.length
  const end = tests.at(-1)
  return [
    name,
    loss.toFixed(4),
    percent(end?.accuracy),
    percent(end?.averaged),
    seconds.toFixed(1),
    (losses.length / seconds).toFixed(0),
  ]
}

/** A line of text for each report, under a heading. */
export const summary = (reports: Readonly<Record<string, Report>>): string => {
  const heading = ['optimizer', 'final loss', 'test accuracy', 'with EMA', 'seconds', 'steps/s']
  const rows = Object.entries(reports).map(([name, report]) => row(name, report))
  const widths = heading.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)))
  return [heading, widths.map((width) => '─'.repeat(width)), ...rows]
    .map((cells) =>
      cells
        .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
        .join('  '),
    )
    .join('\n')
}
