/** One card for each optimizer that races: its settings, to be moved live, and its formula. */
import { type GradientTransformation, GradpipeError, latex } from 'gradpipe'
import katex from 'katex'
import { html } from '../dom.js'
import { swatch } from '../look.js'
import { numberOf, type Optimizer, optimizers, type Setting } from './optimizers.js'
import type { Runner } from './race.js'
import { placeOf, valueAt } from './scale.js'
import type { Change, Shown, View } from './state.js'

/** A slider's whole numbers. */
const places = 200

/** A formula as KaTeX sets it, with MathML for who does not see it. */
export const setFormula = (element: HTMLElement, tex: string): void =>
  katex.render(tex, element, { displayMode: true, throwOnError: true })

const withSetting = (
  runners: readonly Runner[],
  { name }: Optimizer,
  set: Runner['settings'],
): readonly Runner[] =>
  runners.map((runner) =>
    runner.optimizer.name === name ? { ...runner, settings: { ...runner.settings, ...set } } : runner,
  )

interface Card {
  readonly element: HTMLElement
  readonly render: (runner: Runner) => void
}

const slider = (optimizer: Optimizer, setting: Setting, change: Change) => {
  const whole = setting.scale === 'whole' ? setting.max - setting.min : places
  const id = `${optimizer.name}-${setting.name}`
  const input = html('input', { type: 'range', id, name: id, min: 0, max: whole, step: 1 })
  const output = html('output', { for: id })
  input.addEventListener('input', () => {
    const value = valueAt(setting, Number(input.value) / whole)
    change((state) => {
      const runners = withSetting(state.race.runners, optimizer, { [setting.name]: value })
      return { ...state, race: { ...state.race, runners } }
    })
  })
  const element = html('div', { class: 'setting' }, html('label', { for: id }, setting.title), output, input)
  const render = (value: number): void => {
    const text = String(value)
    if (output.textContent === text) return
    output.textContent = text
    input.setAttribute('aria-valuetext', text)
    const place = Math.round(placeOf(setting, value) * whole)
    // a slider under the reader's hand is where it should be
    if (valueAt(setting, Number(input.value) / whole) !== value) input.value = String(place)
  }
  return { element, render }
}

/** The formula of an optimizer; `undefined` where it is not made of rules. */
const formulaOf = ({ make }: Optimizer): string | undefined => {
  try {
    // what is made of rules is printed, whatever arguments it needs besides the gradient
    return latex(make({}) as GradientTransformation)
  } catch (error) {
    if (error instanceof GradpipeError) return undefined
    throw error
  }
}

const card = (optimizer: Optimizer, change: Change): Card => {
  const sliders = optimizer.settings.map((setting) => ({ setting, ...slider(optimizer, setting, change) }))
  const formula = html('div', {
    class: 'formula',
    role: 'region',
    'aria-label': `Formula of ${optimizer.title}`,
    tabindex: 0,
  })
  const tex = formulaOf(optimizer)
  if (tex === undefined)
    formula.append(
      html(
        'p',
        { class: 'hint' },
        'No formula: its steps are more than a rule, as are a loop over what it remembers and a search for a length.',
      ),
    )
  else setFormula(formula, tex)
  const element = html(
    'fieldset',
    { class: 'card', 'data-name': optimizer.name },
    html('legend', {}, swatch(numberOf(optimizer)), optimizer.title),
    ...sliders.map(({ element }) => element),
    formula,
  )
  const render = ({ settings }: Runner): void => {
    for (const { setting, render } of sliders) render(settings[setting.name] ?? setting.initial)
  }
  return { element, render }
}

/** The cards, in the order of the table. */
export const settingsView = (root: HTMLElement, change: Change): Pick<View, 'render'> => {
  const list = html('div', { class: 'cards' })
  root.append(list)
  // made when an optimizer is first chosen, and kept, so that nothing under the reader's hand is ever replaced
  const cards = new Map<Optimizer, Card>()
  const render = ({ state: { race } }: Shown): void => {
    const chosen = new Map(race.runners.map((runner) => [runner.optimizer, runner]))
    for (const optimizer of chosen.keys()) {
      if (cards.has(optimizer)) continue
      const own = card(optimizer, change)
      const after = optimizers.slice(numberOf(optimizer) + 1).find((other) => cards.has(other))
      cards.set(optimizer, own)
      list.insertBefore(own.element, (after && cards.get(after)?.element) ?? null)
    }
    for (const [optimizer, { element, render: update }] of cards) {
      const runner = chosen.get(optimizer)
      element.hidden = runner === undefined
      if (runner !== undefined) update(runner)
    }
  }
  return { render }
}
