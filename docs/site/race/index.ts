/**
 * The first tab: optimizers race on a function of two numbers. A state, which only changes here; what follows from it;
 * and views, each of which shows it and may ask for a change.
 */
import { html } from '../dom.js'
import './race.css'
import { functionView, runnersView } from './choices.js'
import { contourView } from './contour.js'
import { hashOf, raceIn } from './hash.js'
import { listingView } from './listing.js'
import { lossView } from './loss.js'
import type { Race } from './race.js'
import { resultsView } from './results.js'
import { settingsView } from './settings.js'
import { type Change, lanesOf, type Shown, type State } from './state.js'
import { transportView } from './transport.js'

/** How long a race stays as it is before it is written to the address, in milliseconds: browsers ration that. */
const rest = 300

/** Shows the race of the address in an element, and returns how to stop it. */
export const mount = (root: HTMLElement): (() => void) => {
  const lanes = lanesOf()
  const calm = window.matchMedia('(prefers-reduced-motion: reduce)')
  // nothing moves by itself for who does not want it; the race is shown as it ended
  const opening = (race: Race, speed: number): State => ({
    race,
    head: calm.matches ? race.steps : 0,
    playing: !calm.matches,
    speed,
  })

  let state = opening(raceIn(location.hash), 60)
  let frame = 0
  let before = 0
  let timer = 0
  /** The race that the address shows. */
  let addressed = state.race

  const area = (name: string): HTMLElement => html('div', { class: name })
  const [choice, map, side, below, cards, listing] = [
    area('area-function'),
    area('area-map'),
    area('area-side'),
    area('area-transport'),
    area('area-settings'),
    area('area-code'),
  ]
  root.append(html('div', { class: 'race' }, choice, map, below, side, cards, listing))

  const change: Change = (to) => {
    state = to(state)
    if (frame === 0) frame = requestAnimationFrame(tick)
  }
  const begin = (race: Race): void => change(({ speed }) => opening(race, speed))

  const contour = contourView(map, change)
  const loss = lossView(side)
  const results = resultsView(side)
  const code = listingView(listing)
  const views = [
    functionView(choice, change, begin),
    contour,
    loss,
    results,
    transportView(below, change),
    runnersView(cards, change),
    settingsView(cards, change),
    code,
  ]

  const show = (): void => {
    const shown: Shown = { state, step: Math.floor(state.head), lanes: lanes(state.race) }
    for (const { render } of views) render(shown)
    if (state.race === addressed) return
    clearTimeout(timer)
    timer = window.setTimeout(() => {
      addressed = state.race
      history.replaceState(null, '', hashOf(state.race))
    }, rest)
  }

  /** A frame of the picture: time goes on while the race is played. */
  function tick(now: number): void {
    frame = 0
    if (state.playing) {
      // a page that was away for long does not leap
      const passed = before === 0 ? 0 : Math.min(now - before, 100)
      const head = Math.min(state.race.steps, state.head + (passed / 1000) * state.speed)
      state = { ...state, head, playing: head < state.race.steps }
    }
    before = state.playing ? now : 0
    show()
    if (state.playing && frame === 0) frame = requestAnimationFrame(tick)
  }

  const onHash = (): void => {
    if (/^#race\?/.test(location.hash) && location.hash !== hashOf(state.race)) begin(raceIn(location.hash))
  }
  window.addEventListener('hashchange', onHash)
  frame = requestAnimationFrame(tick)

  return () => {
    window.removeEventListener('hashchange', onHash)
    cancelAnimationFrame(frame)
    clearTimeout(timer)
    for (const { stop } of [contour, loss, results, code]) stop()
    root.replaceChildren()
  }
}
