/** Ten bars: how likely the network finds each digit. */
import { html } from '../dom.js'

export interface Bars {
  readonly element: HTMLElement
  /** Shows ten shares, or that there are none. */
  readonly show: (shares: ArrayLike<number> | null) => void
}

/** A share as people write it. */
export const percent = (share: number, digits = 0): string => `${(100 * share).toFixed(digits)} %`

/** Where the greatest number is. */
export const argMax = (numbers: ArrayLike<number>): number =>
  Array.from(numbers).reduce((best, x, i, all) => (x > (all[best] ?? 0) ? i : best), 0)

export const newBars = (): Bars => {
  const rows = Array.from({ length: 10 }, (_, digit) => {
    const fill = html('span', { class: 'digits-bar-fill' })
    const share = html('span', { class: 'digits-bar-share' })
    const row = html(
      'li',
      {},
      html('span', { class: 'digits-bar-name' }, String(digit)),
      html('span', { class: 'digits-bar', 'aria-hidden': 'true' }, fill),
      share,
    )
    return { row, fill, share }
  })
  const element = html(
    'ol',
    { class: 'digits-bars', 'aria-label': 'How likely it is each digit' },
    ...rows.map(({ row }) => row),
  )
  const show: Bars['show'] = (shares) => {
    const best = shares === null ? -1 : argMax(shares)
    for (const [digit, { row, fill, share }] of rows.entries()) {
      const value = shares?.[digit] ?? 0
      row.classList.toggle('digits-best', digit === best)
      fill.style.transform = `scaleX(${value})`
      share.textContent = shares === null ? '–' : percent(value)
    }
  }
  show(null)
  return { element, show }
}
