/** Results as tables in Markdown, which reads well in a terminal, too. */
import type { Result } from './result.js'

/** Three significant digits, without an exponent. */
export const significant = (x: number): string => {
  if (!Number.isFinite(x)) return String(x)
  if (Math.abs(x) >= 100) return x.toFixed(0)
  return x === 0 ? '0' : String(Number(x.toPrecision(3)))
}

/** So many bytes, in the unit that keeps them short. */
const bytesText = (bytes: number): string => {
  const power = bytes < 1000 ? 0 : bytes < 1e6 ? 1 : bytes < 1e9 ? 2 : 3
  return `${significant(bytes / 1000 ** power)} ${['B', 'kB', 'MB', 'GB'][power]}`
}

/** A table, its columns aligned. */
export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string => {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => (row[i] ?? '').length)))
  const line = (row: readonly string[]): string =>
    `| ${widths.map((w, i) => (i === 0 ? (row[i] ?? '').padEnd(w) : (row[i] ?? '').padStart(w))).join(' | ')} |`
  const rule = `|${widths.map((w, i) => (i === 0 ? '-'.repeat(w + 2) : `${'-'.repeat(w + 1)}:`)).join('|')}|`
  return [line(head), rule, ...rows.map(line)].join('\n')
}

/** Groups, in the order of their first members. */
export const grouped = <A, K>(
  all: readonly A[],
  keyOf: (a: A) => K,
): readonly (readonly [key: K, group: readonly A[]])[] =>
  unique(all.map(keyOf)).map((key) => [key, all.filter((a) => keyOf(a) === key)] as const)

const unique = <A>(all: readonly A[]): readonly A[] => [...new Set(all)]

/** A table of peers by layouts, and a cell from each result. */
const byLayout = (
  title: string,
  results: readonly Result[],
  cell: (result: Result) => string | undefined,
): string => {
  const layouts = unique(results.map(({ layout }) => layout))
  const peers = unique(results.map(({ peer }) => peer))
  const rows = peers.map((peer) => [
    peer,
    ...layouts.map((layout) => {
      const found = results.find((r) => r.peer === peer && r.layout === layout)
      return (found && cell(found)) ?? ''
    }),
  ])
  return table([title, ...layouts], rows)
}

/** The peers that ratios are taken to: the first that is there. */
const units = ['gradpipe donated', 'gradpipe toOptimizer', 'gradpipe pure']

/** Times, ratios and allocations of one rule in one runtime. */
const ruleText = (rule: string, results: readonly Result[]): string => {
  const unit = units.find((name) => results.some(({ peer }) => peer === name))
  const own = (layout: string): Result | undefined =>
    results.find((r) => r.peer === unit && r.layout === layout)
  const counted = results.filter(({ allocation }) => allocation)
  const grown = counted.filter(({ allocation }) => allocation?.heap)
  return [
    byLayout(`${rule}, ms`, results, ({ ms }) => significant(ms)),
    ...(unit === undefined
      ? []
      : [
          byLayout(`times ${unit}`, results, ({ ms, layout }) => {
            const ours = own(layout)
            return ours && significant(ms / ours.ms)
          }),
        ]),
    ...(counted.length > 0
      ? [
          byLayout(
            'new buffers · bytes · kernels',
            counted,
            ({ allocation }) =>
              allocation && `${allocation.buffers} · ${bytesText(allocation.bytes)} · ${allocation.kernels}`,
          ),
        ]
      : []),
    ...grown.map(
      ({ peer, layout, allocation }) =>
        `The heap grew by ${allocation?.heap} B in a step of ${peer} on ${layout}.`,
    ),
  ].join('\n\n')
}

/** The copy, with the bandwidth: every float is read and written. */
const copyText = (results: readonly Result[]): string =>
  [
    byLayout('copy, ms', results, ({ ms }) => significant(ms)),
    byLayout('copy, GB/s', results, ({ ms, parameters }) =>
      significant((8 * (parameters ?? Number.NaN)) / ms / 1e6),
    ),
  ].join('\n\n')

/** All results: a section for each runtime and rule. */
export const resultsText = (results: readonly Result[]): string =>
  grouped(results, ({ runtime }) => runtime)
    .map(([runtime, within]) =>
      [
        `## ${runtime}`,
        ...grouped(within, ({ rule }) => rule).map(([rule, of]) =>
          rule === 'copy' ? copyText(of) : ruleText(rule, of),
        ),
      ].join('\n\n'),
    )
    .join('\n\n')
