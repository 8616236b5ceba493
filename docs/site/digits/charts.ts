/** The pictures of the runs: loss and accuracy over the steps, the current run strong and the earlier ones faint. */
import * as Plot from '@observablehq/plot'
import { html } from '../dom.js'
import { type Curve, type Point, smoothed, thinned } from './curve.js'
import type { Run } from './session.js'

/** How many colours there are for runs: `--digits-0` and so on. */
const colours = 6

/** The colour of a run. */
export const colourOf = ({ number }: Run): string => `var(--digits-${number % colours})`

export interface Charts {
  readonly element: HTMLElement
  readonly draw: (previous: readonly Run[], current: Run | undefined) => void
  readonly close: () => void
}

type Pick = (curve: Curve) => readonly Point[]

const marksOf = (run: Run, isCurrent: boolean, pick: Pick): readonly Plot.Markish[] => {
  const points = pick(run)
  const strong = {
    stroke: colourOf(run),
    strokeWidth: isCurrent ? 2.5 : 1.5,
    strokeOpacity: isCurrent ? 1 : 0.5,
  }
  const end = isCurrent ? points.slice(-1) : []
  return [
    Plot.line(points, { x: 'step', y: 'value', ...strong }),
    Plot.dot(end, { x: 'step', y: 'value', fill: colourOf(run), r: 3.5 }),
  ]
}

/** Two charts, which fit their width to the page's. */
export const newCharts = (): Charts => {
  const chart = (
    title: string,
    pick: Pick,
    y: Plot.ScaleOptions,
    ticks: readonly number[],
    // the axis reaches at least from here to there
    [low, high]: readonly [number, number],
  ) => {
    const place = html('div', { class: 'digits-plot' })
    const draw = (runs: readonly Run[], current: Run | undefined): void => {
      const width = place.clientWidth
      if (width === 0) return
      const last = Math.max(100, ...runs.map(({ steps }) => steps))
      const all = runs.flatMap(pick).map(({ value }) => value)
      const [from, to] = [Math.min(low, ...all), Math.max(high, ...all)]
      place.replaceChildren(
        Plot.plot({
          width,
          height: Math.min(260, Math.max(180, width / 2)),
          marginLeft: 44,
          marginRight: 12,
          ariaLabel: title,
          ariaDescription: `${runs.length} runs; the table below has their numbers`,
          style: { background: 'transparent', overflow: 'visible' },
          x: { label: 'steps', domain: [0, last], ticks: 5 },
          y: {
            ...y,
            grid: true,
            label: null,
            domain: [from, to],
            ticks: ticks.filter((tick) => tick >= from && tick <= to),
          },
          marks: runs.flatMap((run) => marksOf(run, run === current, pick)),
        }),
      )
    }
    return {
      draw,
      figure: html('figure', { class: 'digits-chart' }, html('figcaption', {}, title), place),
      place,
    }
  }
  const losses = chart(
    'Loss on what it learns from',
    ({ losses }) => thinned(smoothed(losses)),
    { type: 'log', tickFormat: '~g' },
    [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50],
    [0.1, 2.3],
  )
  const accuracies = chart(
    'Accuracy on digits it has not seen',
    ({ accuracies }) => thinned(accuracies),
    { tickFormat: '.0%' },
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
  const observer = new ResizeObserver(redraw)
  observer.observe(losses.place)
  return {
    element: html('div', { class: 'digits-charts' }, losses.figure, accuracies.figure),
    draw: (previous, current) => {
      drawn = [previous, current]
      redraw()
    },
    close: () => observer.disconnect(),
  }
}
