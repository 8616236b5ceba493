/** The table of the runs: the legend of the charts, and their numbers for those who do not see them. */
import { html } from '../dom.js'
import { percent } from './bars.js'
import { colourOf } from './charts.js'
import type { Run } from './session.js'

export interface RunsTable {
  readonly element: HTMLElement
  readonly show: (previous: readonly Run[], current: Run | undefined) => void
}

/** A speed as people write it. */
export const perSecond = (speed: number): string => (speed > 0 ? speed.toFixed(speed < 10 ? 1 : 0) : '–')

export const newRunsTable = (): RunsTable => {
  const body = html('tbody')
  const element = html(
    'table',
    { class: 'digits-runs', hidden: true },
    html('caption', {}, 'The race so far'),
    html(
      'thead',
      {},
      html(
        'tr',
        {},
        ...['Run', 'Steps', 'Accuracy', 'Steps/s'].map((title) => html('th', { scope: 'col' }, title)),
      ),
    ),
    body,
  )
  const row = (run: Run, isCurrent: boolean): HTMLElement => {
    const swatch = html('span', { class: 'digits-swatch', 'aria-hidden': 'true' })
    swatch.style.background = colourOf(run)
    const accuracy = run.accuracies.at(-1)?.value
    return html(
      'tr',
      { class: isCurrent ? 'digits-current' : '' },
      html('th', { scope: 'row' }, swatch, run.name),
      html('td', {}, String(run.steps)),
      html('td', {}, accuracy === undefined ? '–' : percent(accuracy, 1)),
      html('td', {}, perSecond(run.stepsPerSecond)),
    )
  }
  return {
    element,
    show: (previous, current) => {
      element.hidden = previous.length === 0 && current === undefined
      body.replaceChildren(
        ...(current === undefined ? [] : [row(current, true)]),
        ...previous.map((run) => row(run, false)).reverse(),
      )
    },
  }
}
