/** The table of the runs: the legend of the charts, and their numbers for those who do not see them. */
import { html } from '../dom.js'
import { swatch } from '../look.js'
import { percent } from './bars.js'
import type { Run } from './session.js'

export interface RunsTable {
  readonly element: HTMLElement
  readonly show: (previous: readonly Run[], current: Run | undefined) => void
}

/** A speed as people write it. */
export const perSecond = (speed: number): string => (speed > 0 ? speed.toFixed(speed < 10 ? 1 : 0) : '–')

export const newRunsTable = (): RunsTable => {
  const body = html('tbody')
  const none = html(
    'p',
    { class: 'hint' },
    'Each run gets a row here, and keeps it when the next one starts.',
  )
  const table = html(
    'table',
    {},
    html('caption', {}, 'Runs'),
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
  const element = html('div', { class: 'results digits-runs' }, table, none)
  const row = (run: Run, isCurrent: boolean): HTMLElement => {
    const accuracy = run.accuracies.at(-1)?.value
    return html(
      'tr',
      { class: isCurrent ? 'digits-current' : '' },
      html('th', { scope: 'row' }, swatch(run.number), run.name),
      html('td', {}, String(run.steps)),
      html('td', {}, accuracy === undefined ? '–' : percent(accuracy, 1)),
      html('td', {}, perSecond(run.stepsPerSecond)),
    )
  }
  return {
    element,
    show: (previous, current) => {
      none.hidden = previous.length > 0 || current !== undefined
      body.replaceChildren(
        ...(current === undefined ? [] : [row(current, true)]),
        ...previous.map((run) => row(run, false)).reverse(),
      )
    },
  }
}
