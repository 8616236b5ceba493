/** The picture: for each rule and layout a bar per peer. */
import { Error as ErrorLevel, logger, parse, View } from 'vega'
import { compile, type TopLevelSpec } from 'vega-lite'
import type { Result } from './result.js'
import { significant } from './table.js'

/** Of Okabe and Ito; the colour-blind tell them apart, too. */
const colours = ['#0072B2', '#56B4E9', '#009E73', '#D55E00', '#E69F00', '#CC79A7', '#999999', '#F0E442']

/** The rules that the picture shows: the usual one, and one with a reduction over the tree. */
const shown: readonly string[] = ['adam', 'clip + adamw']

const pictureOf = (results: readonly Result[], title: string): TopLevelSpec => {
  const bars = results
    .filter(({ rule, runtime }) => shown.includes(rule) && runtime === results[0]?.runtime)
    .map(({ peer, rule, layout, ms }) => ({ peer, ms, panel: `${rule}, ${layout}`, label: significant(ms) }))
  const panels = [...new Set(bars.map(({ panel }) => panel))]
  const y = { field: 'peer', type: 'nominal', sort: null, title: null } as const
  return {
    title: { text: title, fontSize: 16, anchor: 'start' },
    data: { values: bars },
    facet: { field: 'panel', type: 'nominal', sort: panels, title: null, header: { labelFontSize: 12 } },
    columns: shown.length,
    spec: {
      width: 260,
      height: { step: 17 },
      layer: [
        {
          mark: 'bar',
          encoding: {
            y,
            x: { field: 'ms', type: 'quantitative', title: null, axis: null },
            color: { field: 'peer', type: 'nominal', sort: null, scale: { range: colours }, legend: null },
          },
        },
        {
          mark: { type: 'text', align: 'left', dx: 4, fontSize: 11 },
          encoding: {
            y,
            x: { field: 'ms', type: 'quantitative' },
            text: { field: 'label', type: 'nominal' },
          },
        },
      ],
    },
    // a panel is about its peers: the longest bar of each fills it
    resolve: { scale: { x: 'independent', y: 'independent' } },
    background: 'white',
    padding: 20,
    spacing: { row: 22, column: 20 },
    config: {
      font: 'Helvetica, Arial, sans-serif',
      axis: { grid: false, ticks: false, domain: false, labelFontSize: 11 },
      view: { stroke: null },
    },
  }
}

/** It would warn, for each panel, that its scale is its own. */
const errors = logger(ErrorLevel)

/** Draws results as SVG. */
export const draw = (results: readonly Result[], title: string): Promise<string> =>
  new View(parse(compile(pictureOf(results, title), { logger: errors }).spec), { renderer: 'none' }).toSVG()
