/** Play, pause, step, reset, and how fast. */
import { html } from '../dom.js'
import type { Change, Shown } from './state.js'

const speeds = [5, 15, 60, 240]

export const transportView = (
  root: HTMLElement,
  change: Change,
): { readonly render: (shown: Shown) => void } => {
  const button = (name: string, text: string, act: () => void): HTMLButtonElement => {
    const made = html('button', { type: 'button', name }, text)
    made.addEventListener('click', act)
    return made
  }
  const reset = button('reset', 'Reset', () => change((state) => ({ ...state, head: 0, playing: false })))
  const play = button('play', 'Play', () =>
    change((state) => ({
      ...state,
      playing: !state.playing,
      // from the start again, where it has ended
      head: !state.playing && state.head >= state.race.steps ? 0 : state.head,
    })),
  )
  play.classList.add('primary')
  const step = button('step', 'Step', () =>
    change((state) => ({
      ...state,
      playing: false,
      head: Math.min(state.race.steps, Math.floor(state.head) + 1),
    })),
  )
  const scrub = html('input', { type: 'range', name: 'head', min: 0, step: 1, 'aria-label': 'Step' })
  scrub.addEventListener('input', () =>
    change((state) => ({ ...state, playing: false, head: Number(scrub.value) })),
  )
  const at = html('output', { class: 'at' })
  const speed = html(
    'select',
    { name: 'speed' },
    ...speeds.map((value) => html('option', { value }, `${value} steps/s`)),
  )
  speed.addEventListener('change', () => change((state) => ({ ...state, speed: Number(speed.value) })))
  root.append(
    html(
      'div',
      { class: 'transport', role: 'group', 'aria-label': 'The race' },
      ...[reset, step, play],
      html('div', { class: 'scrub' }, scrub, at),
      html('label', { class: 'field' }, html('span', {}, 'Speed'), speed),
    ),
  )
  const render = ({ state, step: current }: Shown): void => {
    play.textContent = state.playing ? 'Pause' : 'Play'
    scrub.max = String(state.race.steps)
    scrub.value = String(current)
    at.textContent = `${current} / ${state.race.steps}`
    speed.value = String(state.speed)
  }
  return { render }
}
