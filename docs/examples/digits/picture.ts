/** The picture: loss and accuracy over the steps, a line for each optimizer. */
import { parse, View } from 'vega'
import { compile, type TopLevelSpec } from 'vega-lite'
import type { Report } from './record.js'

/** Of Okabe and Ito; the colour-blind tell them apart, too. */
const colours = ['#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00', '#56B4E9']

/** What is drawn: its title, the losses that are marked, and the accuracy where its axis begins. */
export interface Frame {
  readonly text: string
  readonly losses: readonly number[]
  readonly lowest: number
}

const ofDigits: Frame = {
  text: 'Networks learn to read digits, by several optimizers',
  losses: [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2],
  lowest: 0.86,
}

const pictureOf = (
  reports: Readonly<Record<string, Report>>,
  { text, losses: marked, lowest }: Frame,
): TopLevelSpec => {
  const each = Object.entries(reports)
  const losses = each.flatMap(([optimizer, { losses }]) =>
    losses.map((loss, i) => ({ optimizer, step: i + 1, loss })),
  )
  const tests = each.flatMap(([optimizer, { tests }]) =>
    tests.flatMap(({ step, accuracy, averaged }) => [
      { optimizer, step, accuracy, weights: 'weights of the step' },
      { optimizer, step, accuracy: averaged, weights: 'their moving average' },
    ]),
  )
  const encoding = {
    x: { field: 'step', type: 'quantitative', title: 'step' },
    color: {
      field: 'optimizer',
      type: 'nominal',
      sort: null,
      scale: { range: colours },
      legend: { orient: 'bottom' },
    },
  } as const
  return {
    title: { text, fontSize: 16 },
    hconcat: [
      {
        title: 'Training loss: cross-entropy, mean of 20 steps',
        data: { values: losses },
        transform: [
          { window: [{ op: 'mean', field: 'loss', as: 'mean' }], frame: [-10, 9], groupby: ['optimizer'] },
        ],
        mark: { type: 'line', clip: true },
        encoding: {
          ...encoding,
          y: {
            field: 'mean',
            type: 'quantitative',
            scale: { type: 'log', nice: false },
            axis: { values: [...marked] },
            title: null,
          },
        },
        width: 440,
        height: 320,
      },
      {
        title: 'Test accuracy',
        data: { values: tests },
        mark: { type: 'line', clip: true },
        encoding: {
          ...encoding,
          y: {
            field: 'accuracy',
            type: 'quantitative',
            scale: { domainMin: lowest, zero: false },
            axis: { format: '%' },
            title: null,
          },
          strokeDash: {
            field: 'weights',
            type: 'nominal',
            sort: null,
            scale: { range: [[2, 3], []] },
            legend: { orient: 'bottom-right' },
          },
        },
        width: 440,
        height: 320,
      },
    ],
    resolve: { legend: { strokeDash: 'independent' } },
    background: 'white',
    padding: 20,
    spacing: 40,
    config: {
      font: 'Helvetica, Arial, sans-serif',
      title: { anchor: 'start', frame: 'group', fontSize: 13, offset: 12 },
      axis: { gridColor: '#eee', tickCount: 6, labelFontSize: 11, titleFontWeight: 'normal' },
      legend: { title: null, labelFontSize: 12, labelLimit: 0, symbolStrokeWidth: 3, columnPadding: 24 },
      line: { strokeWidth: 2 },
      view: { stroke: null },
    },
  }
}

/** Draws reports, each under the name of its optimizer, as SVG. */
export const draw = (reports: Readonly<Record<string, Report>>, frame: Frame = ofDigits): Promise<string> =>
  new View(parse(compile(pictureOf(reports, frame)).spec), { renderer: 'none' }).toSVG()
