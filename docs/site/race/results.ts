/** Where everyone is, as a table, and who is ahead, in a sentence that is read aloud when the race rests. */
import { html } from '../dom.js'
import { swatch } from '../look.js'
import { numberOf } from './optimizers.js'
import { type Lane, lastOf, type Shown, type View } from './state.js'

/** A number to read: three digits. */
const digits = (value: number): string =>
  value !== 0 && (Math.abs(value) < 0.001 || Math.abs(value) >= 1e5)
    ? value.toExponential(1).replace('+', '')
    : String(Number(value.toPrecision(3)))

/** How long the race rests before it is talked about, in milliseconds: a slider that moves is no news. */
const pause = 500

interface Place {
  readonly lane: Lane
  readonly loss: number
  readonly distance: number
  readonly lost: boolean
}

const placeOf = (lane: Lane, { state, step }: Shown): Place => {
  const last = lastOf(lane, step)
  const { minimum, start } = state.race.objective
  const { x, y } = lane.path.points[last] ?? start
  return {
    lane,
    loss: lane.path.losses[last] ?? Number.NaN,
    distance: Math.hypot(x - minimum.x, y - minimum.y),
    lost: lane.path.lost && step > last,
  }
}

const sentence = (places: readonly Place[], step: number): string => {
  const [best] = places.filter(({ lost }) => !lost).sort((a, b) => a.loss - b.loss)
  const lost = places.filter(({ lost }) => lost).map(({ lane }) => lane.runner.optimizer.title)
  return [
    best === undefined
      ? 'Nobody is in the race.'
      : `After ${step} steps ${best.lane.runner.optimizer.title} is lowest: loss ${digits(best.loss)}, ` +
        `${digits(best.distance)} from the minimum.`,
    ...(lost.length > 0 ? [`Left for infinity: ${lost.join(', ')}.`] : []),
  ].join(' ')
}

export const resultsView = (root: HTMLElement): View => {
  const body = html('tbody', {})
  const status = html('p', { class: 'status', role: 'status' })
  const heads = ['Optimizer', 'Loss', 'Distance'].map((text) => html('th', { scope: 'col' }, text))
  root.append(
    html(
      'div',
      { class: 'results' },
      html(
        'table',
        {},
        html('caption', {}, 'Where they are, and how far from the minimum'),
        html('thead', {}, html('tr', {}, ...heads)),
        body,
      ),
      status,
    ),
  )
  const rows = new Map<string, { row: HTMLTableRowElement; loss: HTMLElement; distance: HTMLElement }>()
  let timer = 0
  let spoken = ''

  const render = (shown: Shown): void => {
    const places = shown.lanes.map((lane) => placeOf(lane, shown))
    const present = new Set(places.map(({ lane }) => lane.runner.optimizer.name))
    for (const [name, { row }] of rows) if (!present.has(name)) row.remove()
    for (const { lane, loss, distance, lost } of places) {
      const { optimizer } = lane.runner
      let own = rows.get(optimizer.name)
      if (own === undefined) {
        const [lossCell, distanceCell] = [html('td', {}), html('td', {})]
        const name = html('th', { scope: 'row' }, swatch(numberOf(optimizer)), optimizer.title)
        const row = html('tr', { 'data-name': optimizer.name }, name, lossCell, distanceCell)
        own = { row, loss: lossCell, distance: distanceCell }
        rows.set(optimizer.name, own)
      }
      own.loss.textContent = lost ? 'lost' : digits(loss)
      own.distance.textContent = lost ? '–' : digits(distance)
      if (body.children[places.findIndex((place) => place.lane === lane)] !== own.row) body.append(own.row)
    }
    const text = sentence(places, shown.step)
    if (shown.state.playing || text === spoken) return
    clearTimeout(timer)
    timer = window.setTimeout(() => {
      spoken = text
      status.textContent = text
    }, pause)
  }
  return { render, stop: () => clearTimeout(timer) }
}
