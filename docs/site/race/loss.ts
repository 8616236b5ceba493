/** The picture of losses by steps, on a logarithmic scale. */
import * as Plot from '@observablehq/plot'
import { html, svg } from '../dom.js'
import { onResize, plotOf } from '../picture.js'
import type { Interval } from './functions.js'
import { least, lossRange } from './lossRange.js'
import type { Shown, View } from './state.js'
import { type Traces, tracesIn } from './traces.js'

const margin = { left: 46, top: 10, right: 16, bottom: 34 }

/** Every power of ten, or every other one, and so on, so that there are at most six. */
const ticksIn = ([low, high]: Interval): readonly number[] => {
  const [from, to] = [Math.round(Math.log10(low)), Math.round(Math.log10(high))]
  const every = Math.ceil((to - from) / 5)
  return Array.from({ length: Math.floor((to - from) / every) + 1 }, (_, i) => 10 ** (from + i * every))
}

const asPower = (value: number): string =>
  value >= 0.01 && value <= 1e4 ? value.toLocaleString('en') : value.toExponential().replace('+', '')

export const lossView = (root: HTMLElement): View => {
  const picture = html('div', { class: 'picture series' })
  root.append(html('figure', {}, html('figcaption', {}, 'Loss, by step'), picture))
  const now = svg('line', { class: 'now' })

  let shown: Shown | undefined
  let drawn:
    | { readonly key: string; readonly traces: Traces; readonly at: (step: number) => number }
    | undefined

  const draw = (
    width: number,
    steps: number,
    range: Interval,
  ): { traces: Traces; at: (step: number) => number } => {
    const height = Math.round(Math.min(300, Math.max(200, width * 0.55)))
    const frame = { ...margin, right: width - margin.right, bottom: height - margin.bottom }
    const ticks = ticksIn(range)
    const plot = Plot.plot({
      ...plotOf(width, height, margin),
      ariaLabel: 'Loss by step, on a logarithmic scale',
      x: { domain: [0, steps], ticks: 5, label: 'step' },
      y: { type: 'log', domain: range, label: null },
      marks: [
        Plot.gridY(ticks, { strokeOpacity: 0.15 }),
        Plot.axisY(ticks, { tickFormat: asPower, tickSize: 0 }),
        Plot.axisX({ ticks: 5, label: null }),
        Plot.ruleY([range[0]]),
      ],
    })
    const [low, high] = [Math.log(range[0]), Math.log(range[1])]
    const at = (step: number): number => frame.left + (step / steps) * (frame.right - frame.left)
    const traces = tracesIn(frame, ({ path }, step) => {
      const loss = Math.log(Math.max(least / 10, path.losses[step] ?? 1))
      return [at(step), frame.bottom - ((loss - low) / (high - low)) * (frame.bottom - frame.top)]
    })
    now.setAttribute('y1', String(frame.top))
    now.setAttribute('y2', String(frame.bottom))
    plot.append(now, traces.layer)
    picture.replaceChildren(plot)
    return { traces, at }
  }

  const render = (next: Shown): void => {
    shown = next
    const width = picture.clientWidth
    if (width === 0) return
    const { steps } = next.state.race
    const range = lossRange(next.lanes)
    const key = [width, steps, ...range].join()
    if (drawn?.key !== key) drawn = { key, ...draw(width, steps, range) }
    drawn.traces.show(next.lanes, next.step)
    for (const name of ['x1', 'x2']) now.setAttribute(name, String(drawn.at(next.step)))
  }
  const stop = onResize(picture, () => shown !== undefined && render(shown))
  return { render, stop }
}
