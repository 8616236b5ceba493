/** The pictures of the runs: loss and accuracy over the steps, the current run strong and the earlier ones faint. */
import * as Plot from '@observablehq/plot'
import { html } from '../dom.js'
import { classOf } from '../look.js'
import { onResize, plotOf } from '../picture.js'
import { percent } from './bars.js'
import { type Curve, type Point, smoothed, thinned } from './curve.js'
import type { Run } from './session.js'

const margin = { left: 48, top: 10, right: 16, bottom: 30 }

export interface Charts {
  readonly elements: readonly HTMLElement[]
  readonly draw: (previous: readonly Run[], current: Run | undefined) => void
  readonly close: () => void
}

type Pick = (curve: Curve) => readonly Point[]

const marksOf = (run: Run, isCurrent: boolean, pick: Pick): readonly Plot.Markish[] => {
  const points = pick(run)
  const className = classOf(run.number)
  const end = isCurrent ? points.slice(-1) : []
  return [
    Plot.line(points, {
      x: 'step',
      y: 'value',
      className,
      stroke: 'var(--hue)',
      strokeWidth: isCurrent ? 2.5 : 1.5,
      strokeOpacity: isCurrent ? 1 : 0.75,
    }),
    Plot.dot(end, { x: 'step', y: 'value', className, fill: 'var(--hue)', r: 4 }),
  ]
}

/** What stands in a chart that has no line yet. */
const nothingYet = (): Plot.Markish =>
  Plot.text(['Start: the line of the run grows here'], {
    frameAnchor: 'middle',
    fill: 'var(--muted)',
    stroke: 'var(--surface)',
    strokeWidth: 6,
    fontSize: 13,
  })

/** Two charts, which fit their width to the page's. */
export const newCharts = (): Charts => {
  const chart = (
    title: string,
    pick: Pick,
    y: Plot.ScaleOptions,
    tickFormat: (value: number) => string,
    places: readonly number[],
    // the axis reaches at least from here to there
    [low, high]: readonly [number, number],
  ) => {
    const place = html('div', { class: 'picture digits-plot' })
    const draw = (runs: readonly Run[], current: Run | undefined): void => {
      const width = place.clientWidth
      if (width === 0) return
      const last = Math.max(100, ...runs.map(({ steps }) => steps))
      const all = runs.flatMap(pick).map(({ value }) => value)
      const [from, to] = [Math.min(low, ...all), Math.max(high, ...all)]
      const ticks = places.filter((tick) => tick >= from && tick <= to)
      place.replaceChildren(
        Plot.plot({
          ...plotOf(width, Math.round(Math.min(260, Math.max(190, width * 0.55))), margin),
          ariaLabel: title,
          ariaDescription: `${runs.length} runs; the table below has their numbers`,
          x: { domain: [0, last] },
          y: { ...y, domain: [from, to] },
          marks: [
            Plot.gridY(ticks, { strokeOpacity: 0.15 }),
            // a format would leave out labels on a logarithmic scale
            Plot.axisY(ticks, { text: ticks.map(tickFormat), tickSize: 0, label: null }),
            Plot.axisX({ ticks: 5, label: null }),
            Plot.ruleY([from]),
            ...(all.length === 0
              ? [nothingYet()]
              : runs.flatMap((run) => marksOf(run, run === current, pick))),
          ],
        }),
      )
    }
    return { draw, figure: html('figure', {}, html('figcaption', {}, title), place), place }
  }
  const losses = chart(
    'Loss, by step',
    ({ losses }) => thinned(smoothed(losses)),
    { type: 'log' },
    String,
    [0.0001, 0.001, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 1000],
    [0.1, 2.3],
  )
  const accuracies = chart(
    'Accuracy on the test digits, by step',
    ({ accuracies }) => thinned(accuracies),
    {},
    (share) => percent(share),
    [0, 0.2, 0.4, 0.6, 0.8, 0.85, 0.9, 0.95, 1],
    [0.8, 1],
  )

  let drawn: readonly [readonly Run[], Run | undefined] = [[], undefined]
  const redraw = (): void => {
    const [previous, current] = drawn
    const runs = current === undefined ? previous : [...previous, current]
    losses.draw(runs, current)
    accuracies.draw(runs, current)
  }
  return {
    elements: [losses.figure, accuracies.figure],
    draw: (previous, current) => {
      drawn = [previous, current]
      redraw()
    },
    close: onResize(losses.place, redraw),
  }
}
